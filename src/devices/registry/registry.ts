/** All devices: what others may ask of them, and what becomes known of them elsewhere. */

import { type Actor, BRIDGE } from '../../core/actor.ts'
import { EventBus } from '../../core/events.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import { WholeHouse } from '../house/house.ts'
import type { DeviceAddress, Said } from '../link/link.ts'
import { asksFor, asksToSet, valuesOf } from '../news/command-events.ts'
import { News } from '../news/news.ts'
import {
  ACTIONS,
  type AccountView,
  type CommandResult,
  type DeviceAction,
  type DeviceCount,
  type DeviceEvents,
  type Devices,
  type DeviceView,
  type Finding,
  type ScheduleResult,
  type ScheduleView,
} from '../ports.ts'
import type { Published } from '../reading/second-source.ts'
import { AccountLists, type Listed } from './account-lists.ts'
import { inSettings } from './explained.ts'
import { Fleet } from './fleet.ts'
import { Newcomers } from './newcomers.ts'
import type { RegistryOptions } from './options.ts'
import { Refusals } from './refusals.ts'

/**
 * All devices that the bridge knows: those of the settings, those that an account lists, those whose beacon was confirmed, and
 * those that it remembers.
 */
export class Registry implements Devices {
  readonly events: EventBus<DeviceEvents>
  readonly house: WholeHouse
  readonly #options: RegistryOptions
  readonly #news: News
  readonly #fleet: Fleet
  readonly #lists: AccountLists
  readonly #refusals: Refusals
  readonly #newcomers: Newcomers

  constructor(options: RegistryOptions) {
    const { logger } = options
    const events = new EventBus<DeviceEvents>((err, event) => logger.error({ err, event }, 'a listener failed'))
    const news = new News({ events, logger, memory: options.news })
    const fleet = new Fleet({ ...options, events, told: news })
    const known = fleet.all
    this.events = events
    this.#options = options
    this.#news = news
    this.#fleet = fleet
    this.#newcomers = new Newcomers(known, logger)
    this.#lists = new AccountLists({ ...options, known, add: (device) => fleet.add(device) })
    this.#refusals = new Refusals({ ...options, known, news })
    this.house = new WholeHouse({
      ...options,
      events,
      rooms: fleet.rooms,
      memory: options.house,
      serials: () => this.serials(),
      need: (serial) => fleet.need(serial),
      device: (serial) => known.get(serial),
      send: (serial, command, by) => this.#set(serial, command, by),
    })
  }

  /** Creates the devices that the store remembers and the settings name. */
  start(): void {
    this.#fleet.start()
    this.house.start()
  }

  async stop(): Promise<void> {
    this.#lists.stop()
    this.house.stop()
    await this.#fleet.stop()
  }

  get count(): DeviceCount {
    return { total: this.#fleet.all.size, online: this.#fleet.online }
  }

  serials(): readonly string[] {
    return [...this.#fleet.all.keys()]
  }

  list(): readonly DeviceView[] {
    return [...this.#fleet.all.values()].map((thermostat) => thermostat.view())
  }

  get(serial: string): DeviceView | undefined {
    return this.#fleet.all.get(serial)?.view()
  }

  async set(serial: string, command: unknown, by: Actor = BRIDGE): Promise<CommandResult> {
    const result = await this.#set(serial, command, by)
    this.house.touched(serial, command)
    return result
  }

  async #set(serial: string, command: unknown, by: Actor): Promise<CommandResult> {
    const told = this.#fleet.need(serial)
    const asked = asksToSet(by, command)
    const came = (result: CommandResult) => ({ rounded: result.rounded, values: valuesOf(asked, result) })
    return this.#refusals.watch(told, asked, () => told.set(command), came)
  }

  refused(serial: string, about: readonly string[], error: unknown, by: Actor = BRIDGE): void {
    const thermostat = this.#fleet.all.get(serial)
    const [first] = about
    const what = first === 'schedule' ? first : ACTIONS.some((action) => action === first) ? 'action' : 'set'
    if (thermostat) this.#refusals.note(thermostat, asksFor(what, by, about), error)
  }

  async refresh(serial: string): Promise<DeviceView> {
    const thermostat = this.#fleet.need(serial)
    await thermostat.refresh()
    return thermostat.view()
  }

  async action(serial: string, action: DeviceAction, by: Actor = BRIDGE): Promise<void> {
    const asked = asksFor('action', by, [action])
    return this.#refusals.watch(this.#fleet.need(serial), asked, (thermostat) => thermostat.action(action))
  }

  readonly schedule = (serial: string): ScheduleView => this.#fleet.need(serial).schedule()

  async setSchedule(
    serial: string,
    command: unknown,
    by: Actor = BRIDGE,
    { dryRun = false } = {},
  ): Promise<ScheduleResult> {
    const told = this.#fleet.need(serial)
    if (dryRun) return told.setSchedule(command, true)
    const asked = asksFor('schedule', by, ['schedule'])
    const came = ({ written }: ScheduleResult) => ({
      rounded: {},
      days: written.map(({ kind, day }) => `${kind}.${day}`),
    })
    return this.#refusals.watch(told, asked, () => told.setSchedule(command), came)
  }

  async rename(serial: string, name: unknown): Promise<DeviceView> {
    const thermostat = this.#fleet.need(serial)
    const before = thermostat.view().name
    this.#fleet.names.give(serial, name)
    const view = thermostat.view()
    this.events.emit('device', view)
    this.#news.renamed(view, before)
    // Rooms show their devices by name.
    if (view.room !== null) this.house.changed()
    return view
  }

  async forget(serial: string): Promise<void> {
    const thermostat = this.#fleet.need(serial)
    if (this.#options.configured.some((device) => device.serial === serial)) throw inSettings(thermostat.view().name)
    this.#fleet.forget(thermostat)
    this.#refusals.forget(serial)
    this.events.emit('removed', { serial })
    this.events.emit('info', undefined)
    this.#news.forgotten(thermostat.view())
    this.house.forgot(serial)
    await thermostat.stop()
  }

  /** The account lists these devices now. A device that it listed before and no longer does loses the account as a source. */
  accountLists(account: string, devices: readonly Listed[]): Promise<void> {
    return this.#lists.take(account, devices)
  }

  /**
   * Discovery has confirmed that this serial answers at this address.
   * @param said what the device answered, and when it was asked
   */
  found(serial: string, address: DeviceAddress, hw: string | null, said?: Said): void {
    if (this.#newcomers.takes(serial, address)) this.#fleet.learnOf(serial, 'beacon').found(address, hw, said)
  }

  /** A beacon that names this serial came from this host; nobody has checked that it is true. */
  heard(serial: string, host: string): void {
    this.#fleet.all.get(serial)?.where.heardFrom(host)
  }

  /** Whether this serial may belong to a device that does not say who it is. */
  mayBeNameless(serial: string): boolean {
    return this.#fleet.all.get(serial)?.mayBeNameless ?? true
  }

  /** A beacon of a known serial came from its known address. */
  alive(beacon: Beacon): void {
    const thermostat = this.#fleet.all.get(beacon.serial)
    if (!thermostat) return
    // A forged beacon may have told another `hw` before. Then the device is offline, since its answers do not match that `hw`.
    if (beacon.hw && (!thermostat.identity.hw || !thermostat.online)) thermostat.identify({ hw: beacon.hw })
    thermostat.heard()
  }

  knows(serial: string): boolean {
    return this.#fleet.all.has(serial)
  }

  /**
   * A device published something. An unknown device is ignored.
   * @throws BridgeError `DEVICE_BAD_REPLY` when a device of another kind published it
   */
  published(serial: string, message: Published): void {
    this.#fleet.all.get(serial)?.published(message)
  }

  /** What is unusual about a device now; null while nobody watches it. An unknown device is ignored. */
  watched(serial: string, findings: readonly Finding[] | null): void {
    const thermostat = this.#fleet.all.get(serial)
    if (!thermostat) return
    thermostat.watched(findings)
    this.#news.findings(thermostat.view(), findings)
  }

  /** The cloud gave another key for this device. */
  keyChanged(serial: string, account: string): void {
    this.#news.newKey(serial, this.get(serial)?.name ?? serial, account)
    this.house.look(serial)
  }

  /** The state of an account, or the number of devices that it lists, has changed. */
  accountChanged(account: AccountView): void {
    this.events.emit('info', undefined)
    this.#news.accountState(account)
  }
}
