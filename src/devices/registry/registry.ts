import { EventBus } from '../../core/events.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import type { StoredBoost } from '../boost/facts.ts'
import { type Zone, zonesOf } from '../clock/zones.ts'
import { Energy } from '../energy/energy.ts'
import { indexOnce } from '../facts/readings.ts'
import type { DeviceAddress, Said } from '../link/link.ts'
import { Announcer } from '../news/announcer.ts'
import { News } from '../news/news.ts'
import type {
  AccountView,
  CommandResult,
  DeviceAction,
  DeviceCount,
  DeviceEvents,
  Devices,
  DeviceView,
  ScheduleResult,
  ScheduleView,
  StoredDevice,
} from '../ports.ts'
import type { Published } from '../reading/second-source.ts'
import { Thermostat } from '../thermostat.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { AccountLists, type Listed, withSource } from './account-lists.ts'
import { inSettings, unknownDevice } from './explained.ts'
import { Names } from './names.ts'
import { isOthers, Newcomers } from './newcomers.ts'
import type { RegistryOptions } from './options.ts'
import { keysIn, Refusals } from './refusals.ts'
import { newcomer, Saving } from './saving.ts'

/** Devices are first polled one after another, so that a thousand of them do not answer in the same moment. */
const START_SPACING = 10

/**
 * All devices the bridge knows: those of the settings, those an account lists, those whose beacon was confirmed, and
 * those it remembers from before.
 */
export class Registry implements Devices {
  readonly events: EventBus<DeviceEvents>
  readonly #options: RegistryOptions
  readonly #thermostats = new Map<string, Thermostat>()
  readonly #names: Names
  readonly #zones: ReadonlyMap<string, Zone>
  readonly #rowsOf = indexOnce()
  readonly #news: News
  readonly #energy: Energy
  /** Those that ran when the bridge ended. */
  readonly #boosts = new Map<string, StoredBoost>()
  readonly #saving: Saving
  readonly #announcer: Announcer
  readonly #lists: AccountLists
  readonly #refusals: Refusals
  readonly #newcomers: Newcomers
  #started = 0
  #remembering = false

  constructor(options: RegistryOptions) {
    this.#options = options
    this.events = new EventBus((error, event) => options.logger.error({ err: error, event }, 'a listener failed'))
    this.#saving = new Saving(options)
    this.#news = new News({ events: this.events, logger: options.logger, memory: options.news })
    this.#announcer = new Announcer({
      events: this.events,
      news: this.#news,
      knows: (device) => this.#thermostats.get(device.serial) === device,
      save: (device) => this.#remembering || this.#saving.soon(device),
    })
    this.#energy = new Energy({
      ...options,
      memory: options.energy,
      figures: new Map(options.configured.flatMap(({ serial, power }) => (power ? [[serial, power]] : []))),
    })
    this.#zones = zonesOf(options.configured)
    this.#names = new Names(options)
    this.#newcomers = new Newcomers(this.#thermostats, options.logger)
    this.#lists = new AccountLists({ ...options, known: this.#thermostats, add: (device) => this.#add(device) })
    this.#refusals = new Refusals({ ...options, known: this.#thermostats, news: this.#news })
  }

  /** Brings up what is remembered and what the settings name. */
  start(): void {
    this.#energy.start()
    this.#names.start()
    for (const boost of this.#options.boosts?.load() ?? []) this.#boosts.set(boost.serial, boost)
    this.#remembering = true
    for (const stored of this.#options.memory.load()) {
      const thermostat = this.#add(stored)
      if (stored.host && stored.port) this.#locate(thermostat, { host: stored.host, port: stored.port })
    }
    this.#remembering = false
    for (const { serial, host, port } of this.#options.configured) {
      const thermostat = this.#learnOf(serial, 'config')
      if (host) this.#locate(thermostat, { host, port }, true)
    }
  }

  async stop(): Promise<void> {
    this.#lists.stop()
    await Promise.all([...this.#thermostats.values()].map((thermostat) => thermostat.stop()))
    this.#saving.stop()
    this.#energy.stop()
  }

  get count(): DeviceCount {
    return { total: this.#thermostats.size, online: this.#announcer.online }
  }

  serials(): readonly string[] {
    return [...this.#thermostats.keys()]
  }

  list(): readonly DeviceView[] {
    return [...this.#thermostats.values()].map((thermostat) => thermostat.view())
  }

  get(serial: string): DeviceView | undefined {
    return this.#thermostats.get(serial)?.view()
  }

  async set(serial: string, command: unknown): Promise<CommandResult> {
    const told = this.#need(serial)
    const rounded = (result: CommandResult) => result.rounded
    return this.#refusals.watch(told, keysIn(command), () => told.set(command), rounded)
  }

  refused(serial: string, about: readonly string[], error: unknown): void {
    const thermostat = this.#thermostats.get(serial)
    if (thermostat) this.#refusals.note(thermostat, about, error)
  }

  async refresh(serial: string): Promise<DeviceView> {
    const thermostat = this.#need(serial)
    await thermostat.refresh()
    return thermostat.view()
  }

  async action(serial: string, action: DeviceAction): Promise<void> {
    return this.#refusals.watch(this.#need(serial), [action], (thermostat) => thermostat.action(action))
  }

  readonly schedule = (serial: string): ScheduleView => this.#need(serial).schedule()

  async setSchedule(serial: string, command: unknown, { dryRun = false } = {}): Promise<ScheduleResult> {
    if (dryRun) return this.#need(serial).setSchedule(command, true)
    return this.#refusals.watch(this.#need(serial), ['schedule'], (thermostat) => thermostat.setSchedule(command))
  }

  async rename(serial: string, name: unknown): Promise<DeviceView> {
    const thermostat = this.#need(serial)
    const before = thermostat.view().name
    this.#names.give(serial, name)
    const view = thermostat.view()
    this.events.emit('device', view)
    this.#news.renamed(view, before)
    return view
  }

  async forget(serial: string): Promise<void> {
    const thermostat = this.#need(serial)
    if (this.#options.configured.some((device) => device.serial === serial)) throw inSettings(thermostat.view().name)
    this.#options.memory.forget(serial)
    // From here on nothing of what it still says is heard.
    this.#thermostats.delete(serial)
    this.#announcer.forget(serial)
    this.#saving.forget(thermostat)
    this.#energy.forget(serial)
    this.#names.forget(serial)
    this.#refusals.forget(serial)
    this.#options.onForgotten?.(serial)
    this.events.emit('removed', { serial })
    this.events.emit('info', undefined)
    this.#news.forgotten(thermostat.view())
    await thermostat.stop()
  }

  /** An account lists these devices now; those it listed before and no longer does lose it as a source. */
  accountLists(account: string, devices: readonly Listed[]): Promise<void> {
    return this.#lists.take(account, devices)
  }

  /** Discovery has confirmed that this serial answers at this address; `said`: what it answered, and when it was asked. */
  found(serial: string, address: DeviceAddress, hw: string | null, said?: Said): void {
    if (this.#newcomers.takes(serial, address)) this.#learnOf(serial, 'beacon').found(address, hw, said)
  }

  /** A beacon that names this serial came from there; nobody was asked whether it is true. */
  heard(serial: string, host: string): void {
    this.#thermostats.get(serial)?.where.heardFrom(host)
  }

  /** Whether this serial may be that of a device which does not say who it is. */
  mayBeNameless(serial: string): boolean {
    return this.#thermostats.get(serial)?.mayBeNameless ?? true
  }

  /** A beacon of a known serial came from where it is known to be. */
  alive(beacon: Beacon): void {
    const thermostat = this.#thermostats.get(beacon.serial)
    if (!thermostat) return
    // A forged beacon may have said otherwise before; then the device is offline, since its answers are not what that says.
    if (beacon.hw && (!thermostat.identity.hw || !thermostat.online)) thermostat.identify({ hw: beacon.hw })
    thermostat.heard()
  }

  knows(serial: string): boolean {
    return this.#thermostats.has(serial)
  }

  /**
   * A device said something of itself, unasked. One that is not known is not heard.
   * @throws BridgeError `DEVICE_BAD_REPLY` when a device of another kind said it
   */
  published(serial: string, message: Published): void {
    this.#thermostats.get(serial)?.published(message)
  }

  /** The cloud gave another key for this device. */
  keyChanged(serial: string, account: string): void {
    this.#news.newKey(serial, this.get(serial)?.name ?? serial, account)
  }

  /** An account is in another state, or listed another number of devices. */
  accountChanged(account: AccountView): void {
    this.events.emit('info', undefined)
    this.#news.accountState(account)
  }

  #need(serial: string): Thermostat {
    const thermostat = this.#thermostats.get(serial)
    if (thermostat) return thermostat
    throw unknownDevice(serial)
  }

  #learnOf(serial: string, source: string): Thermostat {
    const known = this.#thermostats.get(serial)
    known?.identify({ sources: withSource(known.identity, source) })
    return known ?? this.#add(newcomer(serial, source))
  }

  #add(stored: StoredDevice): Thermostat {
    const { clock, random, logger, connect, connectUnlocated, decided, pollInterval, heardInterval } = this.#options
    const { onState, onSchedule, onAvailability, onIdentity } = this.#announcer
    const thermostat = new Thermostat(stored, {
      ...{ onState, onSchedule, onAvailability, onIdentity },
      ...{ clock, random, logger, connect, connectUnlocated, decided, pollInterval, heardInterval },
      energy: this.#energy.of(stored.serial),
      boosts: this.#options.boosts,
      boost: this.#boosts.get(stored.serial),
      rows: this.#rowsOf,
      keySource: (serial) => this.#options.keys.get(serial)?.source ?? null,
      called: (serial, own) => this.#names.of(serial, own),
      ...{ ask: this.#options.ask, quiet: this.#options.quiet, timezone: this.#zones.get(stored.serial) },
      isOthers: (address) => isOthers(this.#thermostats, stored.serial, address),
      onMove: (moved, address, hw) => this.#moved(moved, address, hw),
    })
    this.#boosts.delete(stored.serial)
    this.#thermostats.set(stored.serial, thermostat)
    onIdentity(thermostat)
    this.events.emit('info', undefined)
    return thermostat
  }

  #moved(device: KnownDevice, address: DeviceAddress, hw: string | null): void {
    const thermostat = this.#thermostats.get(device.serial)
    if (thermostat !== device) return
    const before = thermostat.address
    if (hw) thermostat.identify({ hw })
    this.#locate(thermostat, address)
    this.#news.place(thermostat.view(), before)
  }

  #locate(thermostat: Thermostat, address: DeviceAddress, named = false): void {
    thermostat.locate(address, START_SPACING * this.#started++, named)
    this.#options.onLocated(thermostat.serial, address)
  }
}
