import type { Model } from '../catalog/index.ts'
import { requireAction, runAction } from './actions.ts'
import { type PlannedCommand, parseCommand, planCommand } from './command.ts'
import { CommandQueue } from './command-queue.ts'
import { setpointStep } from './limits.ts'
import type { DeviceAddress, DeviceLink, LinkOutcome, LinkOwner } from './link.ts'
import { calledByItself } from './names.ts'
import { believable, linkOwner, unlocated } from './owner.ts'
import { Poller } from './poller.ts'
import type { CommandResult, DeviceAction, DeviceState, DeviceView, ScheduleResult, ScheduleView } from './ports.ts'
import { Profile } from './profile.ts'
import { Reader } from './reader.ts'
import { Schedules } from './schedules.ts'
import { type Published, SecondSource } from './second-source.ts'
import { Showing } from './showing.ts'
import type { Identity, ThermostatOptions } from './thermostat-options.ts'
import { DeviceTimes } from './times.ts'

/** One thermostat: what it says, what it is told, and whether it answers. */
export class Thermostat {
  readonly serial: string
  readonly #options: ThermostatOptions
  readonly #poller: Poller
  readonly #queue: CommandQueue
  readonly #reader: Reader
  readonly #second: SecondSource
  readonly #schedules: Schedules
  readonly #profile: Profile
  readonly #showing: Showing
  #link: DeviceLink | undefined

  constructor(identity: Identity, options: ThermostatOptions) {
    this.serial = identity.serial
    this.#profile = new Profile(identity, () => options.onIdentity(this))
    this.#options = options
    this.#reader = new Reader({
      clock: options.clock,
      hw: () => this.#profile.hw,
      learned: () => this.#profile.learned,
      rows: options.rows,
      onTelemetry: ({ time }) => options.energy?.take(this.#reader.readings, time),
    })
    this.#second = new SecondSource({
      clock: options.clock,
      reader: this.#reader,
      onLoad: () => options.energy?.take(this.#reader.readings, undefined),
    })
    this.#schedules = new Schedules({
      ...options,
      serial: identity.serial,
      readings: this.#reader.readings,
      link: () => this.#needLink(),
      times: () => this.#times(),
      busy: () => this.#queue.waiting > 0,
      onChange: () => this.#scheduleChanged(),
    })
    this.#showing = new Showing({
      ...options,
      energy: options.energy,
      serial: identity.serial,
      readings: this.#reader.readings,
      profile: this.#profile,
      times: () => this.#times(),
      nextChange: () => this.#schedules.nextChange(),
      onState: () => options.onState(this),
    })
    this.#poller = new Poller({
      clock: options.clock,
      random: options.random,
      interval: options.pollInterval,
      heardInterval: options.heardInterval,
      poll: () => this.#poll(),
      onFault: (err) => this.#fault(err),
      onChange: (_online, error) => options.onAvailability(this, error),
    })
    this.#queue = new CommandQueue({
      link: () => this.#needLink(),
      context: () => this.#context(),
      written: (outcome, plans) => this.#written(outcome, plans),
    })
  }

  get model(): Model {
    return this.#reader.model
  }

  get identity(): Identity {
    return this.#profile.identity
  }

  get address(): DeviceAddress | null {
    return this.#link?.address ?? null
  }

  get online(): boolean {
    return this.#poller.online
  }

  /** Whether its answers do not say who it is, or nobody knows yet. */
  get mayBeNameless(): boolean {
    return !this.#reader.certain || this.model.dialect === 'object'
  }

  view(): DeviceView {
    const { serial, hw, name: own, sources } = this.#profile.identity
    const { name, source } = this.#options.called?.(serial, own) ?? calledByItself(own)
    return {
      serial,
      name: name ?? `${this.model.name} ${serial.slice(0, 12)}`,
      nameSource: source,
      model: this.model.id,
      hw,
      address: this.address,
      online: this.online,
      state: this.#showing.state,
      features: this.#profile.features,
      setpointStep: setpointStep(this.#reader.readings),
      schedule: this.#schedules.shown,
      health: this.#showing.health(this.#poller),
      sources,
    }
  }

  /** Takes in what became known of it elsewhere: the account's name of it, its `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'sources'>>): void {
    const hw = believable(news.hw, this.#reader.readings.types) ?? this.#profile.hw
    if (!this.#profile.update({ ...news, hw })) return
    if (this.#reader.chooseModel()) this.#profile.forgetFeatures()
    this.#options.onIdentity(this)
  }

  /** Sets where it is, and begins to poll it `delay` ms later. */
  locate(address: DeviceAddress, delay = 0): void {
    if (this.#link) this.#link.setAddress(address)
    else this.#link = this.#options.connect(address, this.#owner())
    this.#poller.start(delay)
    this.#options.onIdentity(this)
  }

  /** A beacon of it was heard: ends the wait of one that is offline. */
  heard(): void {
    if (this.#link && !this.online && this.#poller.failures > 0) void this.#poller.now()
  }

  /**
   * Takes in what it says of itself without being asked.
   * @throws BridgeError `DEVICE_BAD_REPLY` when a device of another kind said it
   */
  published(message: Published): void {
    const { model } = this
    const more = this.#second.take(message)
    this.#took(model)
    this.#poller.heard()
    if (more) this.#poller.soon()
    this.#showing.changed()
  }

  schedule(): ScheduleView {
    return this.#schedules.view()
  }

  async refresh(): Promise<void> {
    await this.#readNow()
    await this.#schedules.readAll()
  }

  async set(command: unknown): Promise<CommandResult> {
    const known = this.#reader.readings.types.size > 0
    if (known) planCommand(parseCommand(command, this.#reader.readings), { ...this.#context(), decided: new Map() })
    else await this.#readNow()
    return this.#queue.submit(parseCommand(command, this.#reader.readings))
  }

  async setSchedule(command: unknown): Promise<ScheduleResult> {
    if (this.#reader.readings.types.size === 0) await this.#readNow()
    const result = await this.#schedules.write(command)
    await this.#readAfterWrite()
    this.#showing.changed()
    return { ...result, schedule: this.#schedules.view() }
  }

  async action(action: DeviceAction): Promise<void> {
    requireAction(action, this.model)
    if (action === 'reset_energy') return this.#resetEnergy()
    const parameters = await runAction(action, this.#needLink(), () => this.#times())
    this.#second.settle()
    if (parameters) this.#reader.takeParameters(parameters)
    this.#reader.expire()
    if (action !== 'restart') await this.#poller.now()
    if (action === 'reset_schedule') await this.#schedules.readAll()
  }

  /** Needs no device: the count is the bridge's own. */
  #resetEnergy(): void {
    this.#options.energy?.reset()
    this.#showing.show()
  }

  async stop(): Promise<void> {
    this.#poller.stop()
    await this.#link?.stop()
  }

  async #readNow(): Promise<void> {
    this.#needLink()
    this.#reader.expire()
    await this.#poller.now()
    if (this.#poller.error) throw this.#poller.error
  }

  #needLink(): DeviceLink {
    if (this.#link) return this.#link
    throw unlocated()
  }

  #owner(): LinkOwner {
    return linkOwner({
      serial: this.serial,
      counterBase: () => this.#profile.identity.counterBase,
      model: () => (this.#reader.certain ? this.model : null),
      onCounterBase: (counterBase) => this.#profile.set({ counterBase }),
    })
  }

  #context() {
    return {
      readings: this.#reader.readings,
      learned: this.#profile.learned,
      boostMinutes: this.#profile.boostMinutes,
      times: this.#times(),
    }
  }

  #times(): DeviceTimes | null {
    const offset = this.#link?.clockOffset ?? null
    if (offset === null) return null
    return new DeviceTimes(this.#options.clock.now(), offset, this.#reader.zone)
  }

  async #poll(): Promise<void> {
    const { model } = this
    await this.#reader.read(this.#needLink())
    this.#took(model)
    this.#showing.changed()
    // Whoever waits for the poll need not wait for this.
    this.#schedules.readDue().catch((err) => this.#fault(err))
  }

  #fault(err: unknown): void {
    this.#options.logger.error({ err, serial: this.serial }, 'A fault of the program keeps a device from being read')
  }

  #scheduleChanged(): void {
    this.#options.onSchedule?.(this)
    this.#showing.changed()
  }

  /** Draws the conclusions from parameters just taken in; `before` is the model that the device was taken for until then. */
  #took(before: Model): void {
    if (before !== this.model) this.#profile.forgetFeatures()
    // It never says who it is, so what it speaks is all there is to know it by after a restart.
    if (this.model.dialect === 'object' && this.#profile.hw === null) this.identify({ hw: this.model.id })
    for (const [key, raw] of this.#reader.lessons()) this.#profile.learn(key, raw)
  }

  async #written(outcome: LinkOutcome, plans: readonly PlannedCommand[]): Promise<DeviceState> {
    for (const { boostMinutes } of plans)
      if (boostMinutes !== undefined) this.#profile.learn('boost_minutes', boostMinutes)
    if (outcome.parameters.size > 0) {
      this.#second.settle()
      const { model } = this
      this.#reader.takeParameters(outcome.parameters)
      this.#took(model)
      const setpoint = plans.findLast((plan) => plan.setpoint !== undefined)?.setpoint
      if (setpoint !== undefined && outcome.notApplied.length === 0) this.#reader.readings.confirmSetpoint(setpoint)
      this.#poller.answered()
      // What the load and the mode in force make of it stands in the telemetry. Commands that wait go first.
      if (this.#queue.waiting === 0) await this.#readAfterWrite()
    }
    this.#showing.changed()
    return this.#showing.state
  }

  async #readAfterWrite(): Promise<void> {
    try {
      this.#reader.takeTelemetry(await this.#needLink().readTelemetry())
    } catch (err) {
      this.#options.logger.debug({ err, serial: this.serial }, 'the command is done; the telemetry follows later')
    }
  }
}
