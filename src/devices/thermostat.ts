import type { Model } from '../catalog/index.ts'
import { DeviceZone } from './clock/zone.ts'
import { requireAction, runAction } from './commands/actions.ts'
import { Commands } from './commands/commands.ts'
import { LockWatch } from './facts/lock-watch.ts'
import type { Identity } from './facts/profile.ts'
import { Profile } from './facts/profile.ts'
import type { DeviceAddress, LinkOwner, Said } from './link/link.ts'
import { believable, linkOwner } from './link/owner.ts'
import { Way } from './link/way.ts'
import { Whereabouts } from './link/whereabouts.ts'
import type { CommandResult, DeviceAction, DeviceView, ScheduleResult, ScheduleView } from './ports.ts'
import { Fresh } from './reading/fresh.ts'
import { FAILURES_TO_OFFLINE, Poller } from './reading/poller.ts'
import { Reader } from './reading/reader.ts'
import { type Published, SecondSource } from './reading/second-source.ts'
import { Schedules } from './schedule/schedules.ts'
import type { CommandOutcome } from './state/outcome.ts'
import { Showing } from './state/showing.ts'
import { viewOf } from './state/view.ts'
import type { KnownDevice, ThermostatOptions } from './thermostat-options.ts'

/** One thermostat: what it says, what it is told, and whether it answers. */
export class Thermostat implements KnownDevice {
  readonly serial: string
  /** Shows what came of the last command. */
  readonly told = (outcome: CommandOutcome): void => this.#showing.told(outcome)
  readonly where: Whereabouts
  readonly #options: ThermostatOptions
  readonly #poller: Poller
  readonly #commands: Commands
  readonly #reader: Reader
  readonly #second: SecondSource
  readonly #schedules: Schedules
  readonly #profile: Profile
  readonly #showing: Showing
  readonly #lock: LockWatch
  readonly #zone: DeviceZone
  readonly #way: Way
  readonly #fresh: Fresh

  constructor(identity: Identity, options: ThermostatOptions) {
    this.serial = identity.serial
    this.#profile = new Profile(identity, () => options.onIdentity(this))
    this.#options = options
    this.where = new Whereabouts({
      clock: options.clock,
      quiet: options.quiet,
      proven: identity.proven ?? null,
      ask: (address) => this.#way.answersAt(address),
      onMove: (address, hw) => options.onMove?.(this, address, hw),
      onChange: () => {
        this.#profile.set({ proven: this.where.proven })
        this.#showing.show()
      },
    })
    this.#way = new Way({ ...options, owner: () => this.#owner() })
    this.#reader = new Reader({
      ...options,
      serial: identity.serial,
      profile: this.#profile,
      onTelemetry: ({ time }) => options.energy?.take(this.#reader.readings, time),
    })
    this.#zone = new DeviceZone({
      ...options,
      serial: identity.serial,
      model: () => this.model,
      told: () => this.#reader.zone,
      ahead: () => this.#way.known?.clockOffset ?? null,
      profile: this.#profile,
    })
    this.#second = new SecondSource({
      clock: options.clock,
      reader: this.#reader,
      onLoad: () => options.energy?.take(this.#reader.readings, undefined),
      onWeek: (kind, week) => this.#schedules.published(kind, week),
    })
    this.#fresh = new Fresh({
      way: this.#way,
      poller: () => this.#poller,
      poll: () => this.#poll(),
      reader: this.#reader,
    })
    this.#schedules = new Schedules({
      ...options,
      serial: identity.serial,
      readings: this.#reader.readings,
      profile: this.#profile,
      link: () => this.#way.any,
      times: () => this.#zone.times(),
      busy: () => this.#commands.waiting,
      onChange: () => {
        options.onSchedule?.(this)
        this.#showing.changed()
      },
    })
    this.#commands = new Commands({
      ...options,
      serial: identity.serial,
      reader: this.#reader,
      profile: this.#profile,
      second: this.#second,
      poller: () => this.#poller,
      showing: () => this.#showing,
      link: () => this.#way.any,
      times: () => this.#zone.times(),
      read: () => this.#fresh.tryToRead(),
      mustRead: () => this.#fresh.read(),
      took: (before) => this.#took(before),
    })
    this.#lock = new LockWatch(this.#profile, () => this.#reader.readings.values.get('lock'))
    this.#showing = new Showing({
      ...options,
      energy: options.energy,
      serial: identity.serial,
      readings: this.#reader.readings,
      disputes: this.#reader.disputes,
      profile: this.#profile,
      times: () => this.#zone.times(),
      nextChange: () => this.#schedules.nextChange(),
      boost: () => this.#commands.boost,
      rival: () => this.where.rival,
      unreadable: () => this.#reader.unreadable,
      lock: this.#lock,
      onState: () => options.onState(this),
    })
    this.#poller = new Poller({
      ...options,
      interval: options.pollInterval,
      poll: () => this.#poll(),
      onFault: (err) => this.#fault(err),
      onChange: (_online, error) => options.onAvailability(this, error),
    })
    this.#commands.resume(options.boost)
  }

  get model(): Model {
    return this.#reader.model
  }

  get identity(): Identity {
    return this.#profile.identity
  }

  get address(): DeviceAddress | null {
    return this.#way.link?.address ?? null
  }

  get online(): boolean {
    return this.#poller.online
  }

  /** Whether its answers do not say who it is, or nobody knows yet. */
  get mayBeNameless(): boolean {
    return !this.#reader.certain || this.model.dialect === 'object'
  }

  view(): DeviceView {
    return viewOf({
      profile: this.#profile,
      reader: this.#reader,
      poller: this.#poller,
      showing: this.#showing,
      schedules: this.#schedules,
      address: this.address,
      called: this.#options.called,
    })
  }

  /** Takes in what became known of it elsewhere: the account's name and version of it, its `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'firmware' | 'sources'>>): void {
    const hw = believable(news.hw, this.#reader.readings.types) ?? this.#profile.hw
    if (!this.#profile.update({ ...news, hw })) return
    if (this.#reader.chooseModel()) this.#profile.forgetFeatures()
    this.#options.onIdentity(this)
  }

  /** Sets where it is, `named` by its owner or not, and begins to poll it `delay` ms later. */
  locate(address: DeviceAddress, delay = 0, named = false): void {
    this.where.place(address, named)
    this.#way.goTo(address)
    this.#poller.start(delay)
    this.#options.onIdentity(this)
  }

  /** It answers at an address; `said`: with this, when it was asked who it is, so that it is not asked again where it is. */
  found(address: DeviceAddress, hw: string | null, said: Said | undefined): void {
    if (hw && this.address?.host === address.host) this.identify({ hw })
    this.where.claimed(address, hw)
    const [link, model] = [this.#way.linkTo(address), this.model]
    if (said && link && this.#reader.takeSaid(said, link)) this.#took(model)
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
    this.#way.heard()
    const { model } = this
    const more = this.#second.take(message)
    this.#took(model)
    this.#poller.heard()
    if (more) this.#poller.soon()
    // Who has an address is polled, and this after each poll.
    if (!this.#way.link) this.#readSchedules()
    this.#showing.published()
  }

  readonly schedule = (): ScheduleView => this.#schedules.view()

  async refresh(): Promise<void> {
    await this.#fresh.read()
    await this.#schedules.readAll()
  }

  set(command: unknown): Promise<CommandResult> {
    return this.#commands.set(command)
  }

  async setSchedule(command: unknown, dryRun = false): Promise<ScheduleResult> {
    if (this.#reader.readings.types.size === 0) await this.#fresh.read()
    const result = await this.#schedules.write(command, dryRun)
    if (dryRun) return result
    this.#second.settle()
    void this.#commands.follow()
    this.#showing.changed()
    return { ...result, schedule: this.#schedules.view() }
  }

  async action(action: DeviceAction): Promise<void> {
    requireAction(action, this.model)
    // What these are about is the bridge's own: they need no device.
    if (action === 'reset_energy' || action === 'accept_lock') {
      if (action === 'accept_lock') this.#lock.accept()
      else await this.#options.energy?.reset()
      return this.#showing.show()
    }
    const parameters = await runAction(action, this.#way.any, {
      times: () => this.#zone.times(),
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
    this.#commands.stop()
    await this.#way.stop()
  }

  #owner(): LinkOwner {
    return linkOwner({
      serial: this.serial,
      counterBase: () => this.#profile.identity.counterBase,
      model: () => (this.#reader.certain ? this.model : null),
      clearance: this.where,
      onCounterBase: (counterBase) => this.#profile.set({ counterBase }),
    })
  }

  async #poll(): Promise<void> {
    const { model } = this
    await this.#reader.read(this.#way.any)
    this.#took(model)
    this.#zone.look()
    this.#showing.changed()
    // Whoever waits for the poll need not wait for this.
    this.#commands.settle().catch((err) => this.#fault(err))
    this.#readSchedules()
  }

  #readSchedules(): void {
    this.#schedules.readDue().catch((err) => this.#fault(err))
  }

  #fault(err: unknown): void {
    this.#options.logger.error({ err, serial: this.serial }, 'A fault of the program keeps a device from being read')
  }

  /** Draws the conclusions from parameters just taken in; `before` is the model that the device was taken for until then. */
  #took(before: Model): void {
    if (before !== this.model) this.#profile.forgetFeatures()
    // It never says who it is, so what it speaks is all there is to know it by after a restart.
    if (this.model.dialect === 'object' && this.#profile.hw === null) this.identify({ hw: this.model.id })
    for (const [key, raw] of this.#reader.lessons()) this.#profile.learn(key, raw)
  }
}
