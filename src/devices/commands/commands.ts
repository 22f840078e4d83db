/** The commands to one thermostat, from people and from the bridge's timer, and their results. */
import type { Value } from '../../catalog/index.ts'
import { BRIDGE, type OwnReason } from '../../core/actor.ts'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { PutBack } from '../boost/facts.ts'
import type { OwnTimer } from '../boost/timer.ts'
import type { Disputes } from '../facts/disputes.ts'
import { learnedMax } from '../facts/profile.ts'
import type { LinkOutcome } from '../link/link.ts'
import type { Way } from '../link/way.ts'
import { type Asked, asksToSet, type CameOfIt, valuesOf } from '../news/command-events.ts'
import type { CommandResult, DeviceState } from '../ports.ts'
import type { Fresh } from '../reading/fresh.ts'
import type { Poller } from '../reading/poller.ts'
import type { Reader } from '../reading/reader.ts'
import type { SecondSource } from '../reading/second-source.ts'
import type { Witness } from '../reading/witness.ts'
import type { Facts } from '../state/facts.ts'
import type { Showing } from '../state/showing.ts'
import { type Entry, parseCommand } from './parse.ts'
import { type CommandContext, type PlannedCommand, planCommand, planPutBack } from './plan.ts'
import { CommandQueue } from './queue.ts'

export interface CommandsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly facts: Facts
  readonly way: Pick<Way, 'any'>
  readonly reader: Reader
  readonly fresh: Fresh
  readonly poller: Pick<Poller, 'answered'>
  readonly boosts: OwnTimer
  readonly second: SecondSource
  readonly showing: Showing
  readonly witness: Pick<Witness, 'begin' | 'end' | 'doubt'>
  /** The bridge has carried out a command of its own, or could not. */
  readonly onOwn?: ((asked: Asked, outcome: CameOfIt | BridgeError) => void) | undefined
}

/** A value of `low_voltage_time` in seconds that only a device that counts in tenths takes. */
const PROVING_SECONDS = 1.1

/** Whether the seconds are so few that the same value in tenths could be taken for seconds. */
const needsProof = (disputes: Disputes, seconds: number): boolean =>
  !disputes.unitKnown && seconds > 0 && seconds < PROVING_SECONDS

export class Commands {
  readonly #options: CommandsOptions
  readonly #queue: CommandQueue
  /** Why the last command of the bridge's own failed; undefined when it did not. */
  #ownFailure: string | undefined

  constructor(options: CommandsOptions) {
    this.#options = options
    const { boosts, showing, way, witness } = options
    this.#queue = new CommandQueue({
      way,
      context: () => this.#context(),
      shown: () => showing.state,
      sending: (plans) => {
        witness.begin()
        return boosts.before(plans.at(-1)?.boost ?? null)
      },
      failed: (error) => {
        witness.doubt()
        boosts.failed(error)
      },
      written: (outcome, plans) => this.#written(outcome, plans),
    })
  }

  /** Whether any command has not been sent yet. */
  get waiting(): boolean {
    return this.#queue.waiting > 0
  }

  /** Follows up after the device was read. Never rejects. */
  async settle(): Promise<void> {
    const { boosts, facts, logger } = this.#options
    await boosts.settle((back) => this.#putBack(back))
    const relay = facts.disputes.unfulfilled()
    if (relay === undefined) return
    const { serial } = facts
    logger.warn(
      { serial, relay },
      'The device has shown that the last command to the relay did the opposite; it is sent again',
    )
    await this.#own('relay_again', { relay }, () => this.set({ relay })).catch((err) =>
      logger.error({ err, serial }, 'The relay still does the opposite of the last command'),
    )
  }

  #putBack(back: PutBack): Promise<void> {
    let sent = false
    return this.#own(back.next ? 'boost_goes_on' : 'boost_ends', back.values, async () => {
      const result = await this.#queue.submit((context) => {
        const plan = planPutBack(back, context)
        sent = plan.changes.size > 0
        return plan
      })
      return sent ? result : undefined
    })
  }

  /** Tells of a command of the bridge's own; of a failure that comes again with each try, once. */
  async #own(why: OwnReason, command: object, send: () => Promise<CommandResult | undefined>): Promise<void> {
    const { onOwn } = this.#options
    const asked = asksToSet({ ...BRIDGE, why }, command)
    try {
      const result = await send()
      this.#ownFailure = undefined
      if (result) onOwn?.(asked, { rounded: result.rounded, values: valuesOf(asked, result) })
    } catch (thrown) {
      const error = asBridgeError(thrown)
      if (error.message !== this.#ownFailure) onOwn?.(asked, error)
      this.#ownFailure = error.message
      throw thrown
    }
  }

  async set(command: unknown): Promise<CommandResult> {
    const { facts, fresh } = this.#options
    const { disputes, readings } = facts
    if (readings.types.size === 0) await fresh.read()
    const entries = parseCommand(command, readings)
    const relay = entries.find(([{ key }]) => key === 'relay')
    if (relay && disputes.relayProven === false) await fresh.tryToRead()
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

  /** Submits the entries; tries once more when the refusal has shown how to understand the device. */
  async #submit(entries: readonly Entry[]): Promise<CommandResult> {
    // A command that is wrong in itself is refused at once. While others are queued it waits: they may make it possible.
    if (!this.#queue.busy) planCommand(entries, this.#context())
    const submit = () => this.#queue.submit((context) => planCommand(entries, context))
    return submit().catch((error) => {
      if (!this.#learnFrom(error, entries)) throw error
      return submit()
    })
  }

  /** Sends a value that shows how to understand the device, whether the device takes it or not. */
  async #prove(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#queue.submit((context) => planCommand(entries, context))
    } catch (error) {
      if (!this.#learnFrom(error, entries)) throw error
    }
  }

  /** Whether the device's refusal has shown which of two contradicting texts of its vendor holds for it. */
  #learnFrom(error: unknown, entries: readonly Entry[]): boolean {
    const { disputes, profile, readings } = this.#options.facts
    const ids = error instanceof BridgeError && error.code === 'NOT_APPLIED' ? error.details?.parameters : undefined
    if (!Array.isArray(ids)) return false
    return entries.some(([{ key }, value]) => {
      const row = readings.rows.parameterByKey.get(key)
      if (!row || !ids.includes(row.id)) return false
      if (key === 'low_voltage_time' && !disputes.unitKnown) {
        disputes.learnUnit('second')
        return true
      }
      const { orMax } = row
      if (orMax === undefined || !(Number(value) > orMax) || profile.learned[learnedMax(key)] === orMax) return false
      profile.learn(learnedMax(key), orMax)
      return true
    })
  }

  /**
   * Reads the telemetry and shows it: only the telemetry tells the load and the mode in force after a write. Never rejects.
   */
  async follow(): Promise<void> {
    const { reader, way, logger, facts, showing } = this.#options
    try {
      await reader.readTelemetry(way.any)
      showing.changed()
    } catch (err) {
      logger.debug({ err, serial: facts.serial }, 'the command was carried out; the telemetry follows later')
    }
  }

  #context(): CommandContext {
    const { clock, facts } = this.#options
    return contextOf(facts, clock.now())
  }

  /** Takes in the result of a write; returns the state after it. */
  async #written(outcome: LinkOutcome, plans: readonly PlannedCommand[]): Promise<DeviceState> {
    const { boosts, facts, poller, reader, second, showing, witness } = this.#options
    for (const plan of plans) facts.profile.learnBoost(plan)
    const all = outcome.notApplied.length === 0
    if (all) boosts.after(plans.at(-1)?.boost ?? null)
    if (outcome.parameters.size > 0) {
      second.settle()
      const { model } = reader
      reader.takeParameters(outcome.parameters)
      reader.conclude(model)
      if (all) facts.readings.confirm(inForce(plans))
      poller.answered()
      // Whoever waits for the result need not wait for this, and waiting commands go first.
      if (!this.waiting) void this.follow()
    }
    showing.changed()
    witness.end()
    return showing.state
  }
}

/** What planning needs to know of a device at a moment, before any other command has decided anything. */
function contextOf({ boost, clock, profile, readings }: Facts, now: number): CommandContext {
  const { boostMinutes, boostSetpoint, learned } = profile
  const times = clock.times(now)
  return { readings, learned, boostMinutes, boostSetpoint, now, boost: boost.running, times, decided: new Map() }
}

/** The telemetry values, by key, that hold once `plans` are carried out, as far as the plans decide them. */
function inForce(plans: readonly PlannedCommand[]): ReadonlyMap<string, Value> {
  const setpoint = plans.findLast((plan) => plan.setpoint !== undefined)?.setpoint
  const mode = plans.at(-1)?.decided.get('operating_mode')
  return new Map<string, Value>([
    ...(typeof setpoint !== 'number' ? [] : [['setpoint_in_force', setpoint] as const]),
    ...(typeof mode === 'string' ? [['operating_mode', mode] as const] : []),
  ])
}
