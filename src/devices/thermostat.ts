import type { Model } from '../catalog/index.ts'
import { modelOf } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { ParameterList, Telemetry } from '../protocol/replies.ts'
import { runAction } from './actions.ts'
import { type PlannedCommand, parseCommand, planCommand } from './command.ts'
import { CommandQueue } from './command-queue.ts'
import { setpointStep } from './limits.ts'
import type { Connect, DeviceAddress, DeviceLink, LinkOutcome } from './link.ts'
import { Poller } from './poller.ts'
import type { CommandResult, CounterBase, DeviceAction, DeviceHealth, DeviceState, DeviceView } from './ports.ts'
import { indexRows, Readings, type Rows } from './readings.ts'
import { featuresOf, sameState, stateOf } from './state.ts'
import { DeviceTimes } from './times.ts'

/** The parameters are read this often at least; in between, whenever the telemetry says that one has changed. */
const PARAMETERS_EVERY = 60_000

/** Telemetry fields that follow a parameter: when one of them changes, the parameters are read again. */
const FOLLOWS = /^(m\.[0135]|f\.16|t\.5|par\.\d+)$/

const BOOST_MINUTES = 60

export interface Identity {
  readonly serial: string
  readonly hw: string | null
  readonly name: string | null
  readonly counterBase: CounterBase | null
  readonly learned: Readonly<Record<string, number>>
  readonly features: readonly string[]
  readonly sources: readonly string[]
}

export interface ThermostatOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly pollInterval: number
  readonly connect: Connect
  readonly keySource: (serial: string) => string | null
  /** Its state differs from the one shown last. */
  readonly onState: (thermostat: Thermostat) => void
  readonly onAvailability: (thermostat: Thermostat, error: BridgeError | null) => void
  /** Its name, model, address, features or what was learned of it changed. */
  readonly onIdentity: (thermostat: Thermostat) => void
}

/** One thermostat: what it says, what it is told, and whether it answers. */
export class Thermostat {
  readonly serial: string
  readonly #options: ThermostatOptions
  readonly #poller: Poller
  readonly #queue: CommandQueue
  readonly #readings: Readings
  #identity: Identity
  #link: DeviceLink | undefined
  #state: DeviceState
  #features: ReadonlySet<string>
  #lastSeen: number | null = null
  #parametersAt = Number.NEGATIVE_INFINITY
  #followed = ''
  #zone: number | null | undefined

  constructor(identity: Identity, options: ThermostatOptions) {
    this.serial = identity.serial
    this.#identity = identity
    this.#options = options
    this.#readings = new Readings(indexRows(modelOf(identity.hw, new Map())))
    this.#features = new Set(identity.features)
    this.#state = this.#makeState()
    this.#poller = new Poller({
      clock: options.clock,
      random: options.random,
      interval: options.pollInterval,
      poll: () => this.#poll(),
      onChange: (_online, error) => options.onAvailability(this, error),
    })
    this.#queue = new CommandQueue({
      link: () => this.#needLink(),
      context: () => this.#context(),
      written: (outcome, plans) => this.#written(outcome, plans),
    })
  }

  get model(): Model {
    return this.#readings.rows.model
  }

  get identity(): Identity {
    return { ...this.#identity, features: [...this.#features] }
  }

  get address(): DeviceAddress | null {
    return this.#link?.address ?? null
  }

  get online(): boolean {
    return this.#poller.online
  }

  view(): DeviceView {
    const { serial, hw, name, sources } = this.#identity
    return {
      serial,
      name: name ?? `${this.model.name} ${serial.slice(0, 12)}`,
      model: this.model.id,
      hw,
      address: this.address,
      online: this.online,
      state: this.#state,
      features: this.#features,
      setpointStep: setpointStep(this.#readings),
      health: this.#health(),
      sources,
    }
  }

  /** Takes in what became known of it elsewhere: the account's name of it, its `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'sources'>>): void {
    const before = this.#identity
    this.#identity = { ...before, ...news }
    if (JSON.stringify(before) === JSON.stringify(this.#identity)) return
    this.#chooseRows()
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

  async refresh(): Promise<void> {
    this.#needLink()
    this.#parametersAt = Number.NEGATIVE_INFINITY
    await this.#poller.now()
    if (this.#poller.error) throw this.#poller.error
  }

  async set(command: unknown): Promise<CommandResult> {
    const known = this.#readings.types.size > 0
    if (known) planCommand(parseCommand(command, this.#readings), { ...this.#context(), decided: new Map() })
    else await this.refresh()
    return this.#queue.submit(parseCommand(command, this.#readings))
  }

  async action(action: DeviceAction): Promise<void> {
    const parameters = await runAction(action, this.#needLink(), () => this.#times())
    if (parameters) this.#readings.applyParameters(parameters)
    this.#parametersAt = Number.NEGATIVE_INFINITY
    if (action !== 'restart') await this.#poller.now()
  }

  async stop(): Promise<void> {
    this.#poller.stop()
    await this.#link?.stop()
  }

  #health(): DeviceHealth {
    return {
      lastSeen: this.#lastSeen,
      failures: this.#poller.failures,
      error: this.#poller.error?.body() ?? null,
      keySource: this.#options.keySource(this.serial),
      clockOffset: this.#times()?.error ?? null,
      counterBase: this.#identity.counterBase,
    }
  }

  #needLink(): DeviceLink {
    if (this.#link) return this.#link
    throw new BridgeError(
      'DEVICE_UNREACHABLE',
      'The address of this device is not known yet: no beacon of it was heard. Check that it is on and in this network, or set its host under devices.',
    )
  }

  #owner() {
    const self = this
    return {
      serial: this.serial,
      get counterBase() {
        return self.#identity.counterBase
      },
      onCounterBase(base: CounterBase) {
        self.#identity = { ...self.#identity, counterBase: base }
        self.#options.onIdentity(self)
      },
    }
  }

  #boostMinutes(): number {
    return this.#identity.learned.boost_minutes ?? BOOST_MINUTES
  }

  #context() {
    return {
      readings: this.#readings,
      learned: this.#identity.learned,
      boostMinutes: this.#boostMinutes(),
      times: this.#times(),
    }
  }

  #times(): DeviceTimes | null {
    const offset = this.#link?.clockOffset ?? null
    if (offset === null) return null
    return new DeviceTimes(this.#options.clock.now(), offset, this.#zone ?? undefined)
  }

  async #poll(): Promise<void> {
    const link = this.#needLink()
    const due = this.#options.clock.monotonic() - this.#parametersAt >= PARAMETERS_EVERY
    if (due) await this.#readParameters(link)
    const telemetry = await link.readTelemetry()
    if (this.#takeTelemetry(telemetry) && !due) await this.#readParameters(link)
    if (this.model.timer && this.#zone === undefined) this.#zone = (await link.readTime()).zone ?? null
    this.#changed()
  }

  async #readParameters(link: DeviceLink): Promise<void> {
    this.#takeParameters(await link.readParameters())
    this.#parametersAt = this.#options.clock.monotonic()
  }

  #takeParameters(parameters: ParameterList): void {
    this.#readings.applyParameters(parameters)
    if (this.#chooseRows()) this.#readings.applyParameters(parameters)
    for (const [key, raw] of this.#readings.ambiguousLabels()) this.#learn(key, raw)
  }

  /** Returns whether a field that follows a parameter has changed since the last telemetry. */
  #takeTelemetry(telemetry: Telemetry): boolean {
    this.#readings.applyTelemetry(telemetry)
    const followed = [...telemetry.fields].filter(([field]) => FOLLOWS.test(field)).join()
    const changed = this.#followed !== '' && this.#followed !== followed
    this.#followed = followed
    return changed
  }

  /** Picks the model anew, now that more is known of the device; returns whether it is another. */
  #chooseRows(): boolean {
    const model = modelOf(this.#identity.hw, this.#readings.types)
    if (model.id === this.model.id) return false
    this.#readings.reinterpret(indexRows(model) satisfies Rows)
    this.#features = new Set()
    this.#parametersAt = Number.NEGATIVE_INFINITY
    return true
  }

  #learn(key: string, value: number): void {
    if (this.#identity.learned[key] === value) return
    this.#identity = { ...this.#identity, learned: { ...this.#identity.learned, [key]: value } }
    this.#options.onIdentity(this)
  }

  async #written(outcome: LinkOutcome, plans: readonly PlannedCommand[]): Promise<DeviceState> {
    for (const { boostMinutes } of plans) if (boostMinutes !== undefined) this.#learn('boost_minutes', boostMinutes)
    if (outcome.parameters.size > 0) {
      this.#takeParameters(outcome.parameters)
      const setpoint = plans.findLast((plan) => plan.setpoint !== undefined)?.setpoint
      if (setpoint !== undefined && outcome.notApplied.length === 0) this.#readings.confirmSetpoint(setpoint)
      this.#poller.answered()
      // What the load and the mode in force make of it stands in the telemetry. Commands that wait go first.
      if (this.#queue.waiting === 0) await this.#readAfterWrite()
    }
    this.#changed()
    return this.#state
  }

  async #readAfterWrite(): Promise<void> {
    try {
      this.#takeTelemetry(await this.#needLink().readTelemetry())
    } catch (error) {
      this.#options.logger.debug(
        { err: error, serial: this.serial },
        'the command is done; the telemetry follows later',
      )
    }
  }

  #makeState(): DeviceState {
    return stateOf(this.#readings, { boostMinutes: this.#boostMinutes() })
  }

  #changed(): void {
    this.#lastSeen = this.#options.clock.now()
    const features = featuresOf(this.#readings)
    const grown = [...features].filter((key) => !this.#features.has(key))
    if (grown.length > 0) {
      this.#features = new Set([...this.#features, ...features])
      this.#options.onIdentity(this)
    }
    const state = this.#makeState()
    if (sameState(this.#state, state)) return
    this.#state = state
    this.#options.onState(this)
  }
}
