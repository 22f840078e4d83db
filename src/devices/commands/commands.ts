import type { Model, Value } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { OwnTimer } from '../boost/timer.ts'
import type { ShownBoost } from '../boost/types.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { Disputes } from '../facts/disputes.ts'
import type { Profile } from '../facts/profile.ts'
import { learnedMax } from '../facts/profile.ts'
import type { DeviceLink, LinkOutcome } from '../link/link.ts'
import type { CommandResult, DeviceState } from '../ports.ts'
import type { Poller } from '../reading/poller.ts'
import type { Reader } from '../reading/reader.ts'
import type { SecondSource } from '../reading/second-source.ts'
import type { Showing } from '../state/showing.ts'
import type { ThermostatOptions } from '../thermostat-options.ts'
import { parseCommand } from './parse.ts'
import { type CommandContext, type PlannedCommand, planCommand, planPutBack } from './plan.ts'
import { CommandQueue } from './queue.ts'

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

type Entries = ReturnType<typeof parseCommand>

/** Seconds of `low_voltage_time` that only a device that counts in tenths takes. */
const PROVING_SECONDS = 1.1

/** Whether seconds are so few that they could be written in tenths and be taken for seconds. */
const needsProof = (disputes: Disputes, seconds: number): boolean =>
  !disputes.unitKnown && seconds > 0 && seconds < PROVING_SECONDS

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
  async settle(): Promise<void> {
    await this.#ownTimer.settle()
    const relay = this.#options.reader.disputes.unfulfilled()
    if (relay === undefined) return
    const { logger, serial } = this.#options
    logger.warn(
      { serial, relay },
      'The last command to the relay did the opposite of what it says, as the device has shown since; it is sent again',
    )
    await this.set({ relay }).catch((err) =>
      logger.error({ err, serial }, 'The relay still does the opposite of the last command'),
    )
  }

  stop(): void {
    this.#ownTimer.stop()
  }

  async set(command: unknown): Promise<CommandResult> {
    const { reader, mustRead, read } = this.#options
    const { disputes } = reader
    if (reader.readings.types.size === 0) await mustRead()
    const entries = parseCommand(command, reader.readings)
    const relay = entries.find(([{ key }]) => key === 'relay')
    if (relay && disputes.relayProven === false) await read()
    if (relay) disputes.guard()
    const time = entries.find(([{ key }]) => key === 'low_voltage_time')
    if (time && needsProof(disputes, Number(time[1]))) {
      planCommand(entries, this.#context())
      await this.#prove([[time[0], PROVING_SECONDS]])
    }
    const result = await this.#submit(entries)
    if (relay) disputes.asked(result.state.relay === true)
    return result
  }

  /** Once more when what was refused has shown how the device is to be understood. */
  async #submit(entries: Entries): Promise<CommandResult> {
    // What can be refused at once need not wait for its turn; commands before it may yet make it possible.
    if (!this.#queue.busy) planCommand(entries, this.#context())
    const submit = () => this.#queue.submit((context) => planCommand(entries, context))
    return submit().catch((error) => {
      if (!this.#learnFrom(error, entries)) throw error
      return submit()
    })
  }

  /** Tries what shows by itself how the device is to be understood, whether it takes it or not. */
  async #prove(entries: Entries): Promise<void> {
    try {
      await this.#queue.submit((context) => planCommand(entries, context))
    } catch (error) {
      if (!this.#learnFrom(error, entries)) throw error
    }
  }

  /** Whether the device has shown, by what it does not take, which of two texts of its vendor holds for it. */
  #learnFrom(error: unknown, entries: Entries): boolean {
    const { reader, profile } = this.#options
    const ids = error instanceof BridgeError && error.code === 'NOT_APPLIED' ? error.details?.parameters : undefined
    if (!Array.isArray(ids)) return false
    return entries.some(([{ key }, value]) => {
      const row = reader.readings.rows.parameterByKey.get(key)
      if (!row || !ids.includes(row.id)) return false
      if (key === 'low_voltage_time' && !reader.disputes.unitKnown) {
        reader.disputes.learnUnit('second')
        return true
      }
      const { orMax } = row
      if (orMax === undefined || !(Number(value) > orMax) || profile.learned[learnedMax(key)] === orMax) return false
      profile.learn(learnedMax(key), orMax)
      return true
    })
  }

  /** What the load and the mode in force make of a write stands in the telemetry: it is read, and shown. Never rejects. */
  async follow(): Promise<void> {
    const { reader, link, logger, serial, showing } = this.#options
    try {
      await reader.readTelemetry(link())
      showing().changed()
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
      if (all) reader.readings.confirm(inForce(plans))
      poller().answered()
      // Whoever waits for the result need not wait for this, and commands that wait go first.
      if (!this.waiting) void this.follow()
    }
    showing.changed()
    return showing.state
  }
}

/** What holds by keys of the telemetry once `plans` are carried out, as far as they decide that. */
function inForce(plans: readonly PlannedCommand[]): ReadonlyMap<string, Value> {
  const setpoint = plans.findLast((plan) => plan.setpoint !== undefined)?.setpoint
  const mode = plans.at(-1)?.decided.get('operating_mode')
  return new Map<string, Value>([
    ...(setpoint === undefined ? [] : [['setpoint_in_force', setpoint] as const]),
    ...(typeof mode === 'string' ? [['operating_mode', mode] as const] : []),
  ])
}
