import type { Model } from '../catalog/index.ts'
import { OwnTimer, type ShownBoost } from './boost.ts'
import { type CommandContext, type PlannedCommand, parseCommand, planCommand, planPutBack } from './command.ts'
import { CommandQueue } from './command-queue.ts'
import type { DeviceLink, LinkOutcome } from './link.ts'
import type { Poller } from './poller.ts'
import type { CommandResult, DeviceState } from './ports.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'
import type { SecondSource } from './second-source.ts'
import type { Showing } from './showing.ts'
import type { ThermostatOptions } from './thermostat-options.ts'
import type { DeviceTimes } from './times.ts'

export interface CommandsOptions extends Pick<ThermostatOptions, 'clock' | 'logger' | 'boosts'> {
  readonly serial: string
  readonly reader: Reader
  readonly profile: Profile
  readonly second: SecondSource
  readonly poller: () => Pick<Poller, 'answered'>
  readonly showing: () => Showing
  readonly link: () => DeviceLink
  readonly times: () => DeviceTimes | null
  /** Has everything read now; never rejects. */
  readonly read: () => Promise<void>
  /** The same, but rejects when that fails. */
  readonly mustRead: () => Promise<void>
  /** Parameters were taken in; `before` is the model that the device was taken for until then. */
  readonly took: (before: Model) => void
}

/** What one thermostat is told, by people and by the bridge's timer, and what came of it. */
export class Commands {
  readonly #options: CommandsOptions
  readonly #queue: CommandQueue
  readonly #ownTimer: OwnTimer

  constructor(options: CommandsOptions) {
    this.#options = options
    this.#ownTimer = new OwnTimer({
      ...options,
      memory: options.boosts,
      readings: options.reader.readings,
      putBack: (back) => this.#queue.submit((context) => planPutBack(back, context)),
      onChange: () => options.showing().show(),
    })
    this.#queue = new CommandQueue({
      link: options.link,
      context: () => this.#context(),
      sending: (plans) => this.#ownTimer.before(plans.at(-1)?.boost ?? null),
      failed: (error) => this.#ownTimer.failed(error),
      written: (outcome, plans) => this.#written(outcome, plans),
    })
  }

  /** The boost by the bridge's timer, as the state shows it. */
  get boost(): ShownBoost | null {
    return this.#ownTimer.shown
  }

  /** Whether any has not been sent yet. */
  get waiting(): boolean {
    return this.#queue.waiting > 0
  }

  /** Takes up the boost that ran when the bridge ended. */
  resume(boost: ThermostatOptions['boost']): void {
    this.#ownTimer.resume(boost)
  }

  /** The device was read. Never rejects. */
  settle(): Promise<void> {
    return this.#ownTimer.settle()
  }

  stop(): void {
    this.#ownTimer.stop()
  }

  async set(command: unknown): Promise<CommandResult> {
    const { reader, mustRead } = this.#options
    if (reader.readings.types.size === 0) await mustRead()
    const entries = parseCommand(command, reader.readings)
    // What can be refused at once need not wait for its turn; commands before it may yet make it possible.
    if (!this.#queue.busy) planCommand(entries, this.#context())
    return this.#queue.submit((context) => planCommand(entries, context))
  }

  async readAfterWrite(): Promise<void> {
    const { reader, link, logger, serial } = this.#options
    try {
      reader.takeTelemetry(await link().readTelemetry())
    } catch (err) {
      logger.debug({ err, serial }, 'the command is done; the telemetry follows later')
    }
  }

  #context(): CommandContext {
    const { reader, profile, clock, times } = this.#options
    return {
      readings: reader.readings,
      learned: profile.learned,
      boostMinutes: profile.boostMinutes,
      boostSetpoint: profile.boostSetpoint,
      boost: this.#ownTimer.boost,
      now: clock.now(),
      times: times(),
      decided: new Map(),
    }
  }

  async #written(outcome: LinkOutcome, plans: readonly PlannedCommand[]): Promise<DeviceState> {
    const { reader, profile, second, took, poller } = this.#options
    const showing = this.#options.showing()
    for (const plan of plans) profile.learnBoost(plan)
    const all = outcome.notApplied.length === 0
    if (all) this.#ownTimer.after(plans.at(-1)?.boost ?? null)
    if (outcome.parameters.size > 0) {
      second.settle()
      const { model } = reader
      reader.takeParameters(outcome.parameters)
      took(model)
      const setpoint = plans.findLast((plan) => plan.setpoint !== undefined)?.setpoint
      if (setpoint !== undefined && all) reader.readings.confirmSetpoint(setpoint)
      poller().answered()
      // What the load and the mode in force make of it stands in the telemetry. Commands that wait go first.
      if (!this.waiting) await this.readAfterWrite()
    }
    showing.changed()
    return showing.state
  }
}
