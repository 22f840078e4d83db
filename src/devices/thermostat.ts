/**
 * One thermostat. What it says is taken in (`reading/`) and changes the facts; from the facts follow its state (`state/`) and what a
 * command comes to (`commands/`); what is written goes over its link, and what the device says then is taken in again.
 */

import { OwnTimer } from './boost/timer.ts'
import { requireAction, runAction } from './commands/actions.ts'
import { Commands } from './commands/commands.ts'
import { acceptLock } from './facts/lock.ts'
import { isCertain } from './facts/model.ts'
import { momentOf } from './facts/moment.ts'
import { linkOwner } from './facts/owner.ts'
import type { Identity } from './facts/profile.ts'
import type { DeviceAddress, LinkOwner, Said } from './link/link.ts'
import { Way } from './link/way.ts'
import { Whereabouts } from './link/whereabouts.ts'
import type { CommandResult, DeviceAction, DeviceView, ScheduleResult, ScheduleView } from './ports.ts'
import { Fresh } from './reading/fresh.ts'
import { FAILURES_TO_OFFLINE, Poller } from './reading/poller.ts'
import { Reader } from './reading/reader.ts'
import { type Published, SecondSource } from './reading/second-source.ts'
import { Schedules } from './schedule/schedules.ts'
import { scheduleView } from './schedule/shows.ts'
import { beginWith, type Facts } from './state/facts.ts'
import type { CommandOutcome } from './state/outcome.ts'
import { Showing } from './state/showing.ts'
import { viewOf } from './state/view.ts'
import type { KnownDevice, ThermostatOptions } from './thermostat-options.ts'

export class Thermostat implements KnownDevice {
  readonly serial: string
  readonly where: Whereabouts
  readonly #options: ThermostatOptions
  readonly #facts: Facts
  readonly #way: Way
  readonly #owner: LinkOwner
  readonly #showing: Showing
  readonly #reader: Reader
  readonly #poller: Poller
  readonly #fresh: Fresh
  readonly #schedules: Schedules
  readonly #second: SecondSource
  readonly #boosts: OwnTimer
  readonly #commands: Commands

  /** Each part is given those before it, and none that comes after. */
  constructor(identity: Identity, options: ThermostatOptions) {
    const { clock, onMove } = options
    const { serial } = identity
    this.serial = serial
    this.#options = options
    const way = new Way({ ...options, serial })
    const facts = beginWith(identity, { ...options, way, onIdentity: () => options.onIdentity(this) })
    const showing = new Showing({ clock, facts, onState: () => options.onState(this) })
    this.where = new Whereabouts({
      clock,
      quiet: options.quiet,
      proven: identity.proven ?? null,
      ask: (address) => way.answersAt(address),
      onMove: (address, hw) => onMove?.(this, address, hw),
      onChange: ({ proven, rival }) => {
        facts.profile.set({ proven })
        facts.rival = rival
        showing.show()
      },
    })
    this.#owner = linkOwner(facts, this.where)
    const reader = new Reader({ ...options, facts })
    const poller = new Poller({
      ...options,
      interval: options.pollInterval,
      poll: () => reader.read(way.any),
      onFault: (err) => this.#fault(err),
      onChange: (_online, error) => options.onAvailability(this, error),
    })
    const fresh = new Fresh({ way, poller, reader })
    const schedules = new Schedules({
      ...options,
      way,
      facts,
      onChange: () => {
        options.onSchedule?.(this)
        showing.changed()
      },
    })
    const second = new SecondSource({ clock, facts, reader, schedules })
    const boosts = new OwnTimer({
      ...options,
      facts,
      memory: options.boosts,
      read: () => fresh.tryToRead(),
      onChange: () => showing.show(),
    })
    this.#commands = new Commands({ ...options, facts, way, reader, fresh, poller, boosts, second, showing })
    boosts.resume(options.boost)
    reader.listen(() => {
      showing.changed()
      // Whoever waits for the reading need not wait for these.
      this.#commands.settle().catch((err) => this.#fault(err))
      this.#readSchedules()
    })
    this.#facts = facts
    this.#way = way
    this.#showing = showing
    this.#reader = reader
    this.#poller = poller
    this.#fresh = fresh
    this.#schedules = schedules
    this.#second = second
    this.#boosts = boosts
  }

  get identity(): Identity {
    return this.#facts.profile.identity
  }

  get address(): DeviceAddress | null {
    return this.#way.link?.address ?? null
  }

  get online(): boolean {
    return this.#poller.online
  }

  get mayBeNameless(): boolean {
    return !isCertain(this.#facts) || this.#reader.model.dialect === 'object'
  }

  view(): DeviceView {
    const { called, clock, keySource } = this.#options
    const { state } = this.#showing
    const parts = { facts: this.#facts, poller: this.#poller, address: this.address, state, called }
    return viewOf({ ...parts, keySource: keySource(this.serial) }, momentOf(clock))
  }

  identify(news: Parameters<KnownDevice['identify']>[0]): void {
    this.#reader.identify(news)
  }

  told(outcome: CommandOutcome): void {
    this.#showing.told(outcome)
  }

  /** Sets where it is, `named` by its owner or not, and begins to poll it `delay` ms later. */
  locate(address: DeviceAddress, delay = 0, named = false): void {
    this.where.place(address, named)
    this.#way.goTo(address, this.#owner)
    this.#poller.start(delay)
    this.#options.onIdentity(this)
  }

  /** It answers at an address; `said`: with this, when it was asked who it is, so that it is not asked again where it is. */
  found(address: DeviceAddress, hw: string | null, said: Said | undefined): void {
    if (hw && this.address?.host === address.host) this.identify({ hw })
    this.where.claimed(address, hw)
    const link = this.#way.linkTo(address)
    if (said && link) this.#reader.takeSaid(said, link)
  }

  /** A beacon of it was heard: ends the wait of one that is offline, or that does not answer while it publishes. */
  heard(): void {
    const { failures } = this.#poller
    const away = this.online ? failures >= FAILURES_TO_OFFLINE : failures > 0
    if (this.#way.link && away) void this.#poller.now()
  }

  /**
   * Takes in what it says of itself without being asked.
   * @throws BridgeError `DEVICE_BAD_REPLY` when a device of another kind said it
   */
  published(message: Published): void {
    this.#way.heard(this.#owner)
    const more = this.#second.take(message)
    this.#poller.heard()
    if (more) this.#poller.soon()
    // Who has an address is polled, and this after each poll.
    if (!this.#way.link) this.#readSchedules()
    this.#showing.published()
  }

  readonly schedule = (): ScheduleView => scheduleView(this.#facts, momentOf(this.#options.clock))

  async refresh(): Promise<void> {
    await this.#fresh.read()
    await this.#schedules.readAll()
  }

  set(command: unknown): Promise<CommandResult> {
    return this.#commands.set(command)
  }

  async setSchedule(command: unknown, dryRun = false): Promise<ScheduleResult> {
    if (this.#facts.readings.types.size === 0) await this.#fresh.read()
    const result = await this.#schedules.write(command, dryRun)
    if (!dryRun) {
      this.#second.settle()
      void this.#commands.follow()
      this.#showing.changed()
    }
    return { ...result, schedule: this.schedule() }
  }

  async action(action: DeviceAction): Promise<void> {
    requireAction(action, this.#reader.model)
    // What these are about is the bridge's own: they need no device.
    if (action === 'reset_energy' || action === 'accept_lock') {
      if (action === 'accept_lock') acceptLock(this.#facts)
      else await this.#facts.energy?.reset()
      return this.#showing.show()
    }
    const parameters = await runAction(action, this.#way.any, {
      times: () => this.#facts.clock.times(this.#options.clock.now()),
      read: () => this.#fresh.tryToReadClock(),
    })
    this.#second.settle()
    if (parameters) this.#reader.takeParameters(parameters)
    this.#reader.expire()
    if (action !== 'restart') await this.#poller.now()
    if (action === 'reset_schedule') await this.#schedules.readAll()
  }

  async stop(): Promise<void> {
    this.where.stop()
    this.#poller.stop()
    this.#boosts.stop()
    await this.#way.stop()
  }

  #readSchedules(): void {
    this.#schedules.readDue(this.#commands.waiting).catch((err) => this.#fault(err))
  }

  #fault(err: unknown): void {
    this.#options.logger.error({ err, serial: this.serial }, 'A fault of the program keeps a device from being read')
  }
}
