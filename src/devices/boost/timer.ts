/** The bridge's own timer for boosts: what it keeps on disk, and what it puts back. */
import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Readings } from '../facts/readings.ts'
import { type Boost, type BoostFacts, type BoostMemory, NO_BOOST, type PutBack } from './facts.ts'
import { found, leftBehind, restoring } from './judgement.ts'

/** Milliseconds after one of the bridge's writes in which a device may still show the value before it. */
const SETTLING = 20_000

/** Milliseconds until the bridge tries again on a device that refuses the values put back. */
const TRY_AGAIN = 5 * 60_000

/**
 * How often the bridge repeats a write that a device acknowledges but ignores: each try may cost a write to the device's
 * flash.
 */
const TRIES = 3

export interface OwnTimerOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Left out, a boost does not outlive the bridge. */
  readonly memory?: BoostMemory | undefined
  readonly facts: { readonly serial: string; readonly readings: Readings; boost: BoostFacts }
  /** Reads everything now; never rejects. */
  readonly read: () => Promise<void>
  /** What the state shows of the boost has changed. */
  readonly onChange: () => void
}

/**
 * The bridge's timer for boosts of a device that has none. Its changes are on disk before they are sent. When a boost ends,
 * what the device shows then decides whether anything is put back, and what: nobody's change is undone.
 */
export class OwnTimer {
  readonly #options: OwnTimerOptions
  /** What held before the command that is on its way; undefined when that command does not change the boost. */
  #before: BoostFacts | undefined
  #timer: Timer | undefined
  /** The device's readings are not judged before this moment of the monotonic clock. */
  #quietUntil = Number.NEGATIVE_INFINITY
  #busy = false
  #failures = 0
  #stopped = false

  constructor(options: OwnTimerOptions) {
    this.#options = options
  }

  /** Resumes the boost that ran when the bridge stopped. */
  resume(boost: Boost | undefined): void {
    if (boost) this.#run(boost, false)
  }

  /**
   * A command is about to be sent, after which `boost` runs. A new or changed boost is on disk before that.
   * @throws BridgeError `INTERNAL` when it can't be stored; then nothing may be sent
   */
  async before(boost: Boost | null): Promise<void> {
    this.#quiet()
    this.#before = undefined
    const { memory, facts } = this.#options
    const before = facts.boost
    if (!boost || boost === before.running) return
    memory?.save({ serial: facts.serial, ...boost })
    this.#before = before
    const goesOn = before.running?.started === boost.started || before.running?.before === boost.before
    this.#run(boost, before.seen && goesOn)
    await memory?.durable?.()
  }

  /** The device took the command, and `boost` runs now. */
  after(boost: Boost | null): void {
    this.#quiet()
    this.#before = undefined
    if (!boost) this.#forget()
    else this.#see()
  }

  /** The command failed. When nobody knows whether the device took it, the next reading tells. */
  failed(error: BridgeError): void {
    const before = this.#before
    this.#before = undefined
    if (!before || error.code === 'OUTCOME_UNKNOWN') return
    if (!before.running) {
      this.#forget()
      return
    }
    const { logger, memory, facts, onChange } = this.#options
    const { serial } = facts
    this.#run(before.running, before.seen)
    try {
      memory?.save({ serial, ...before.running })
    } catch (err) {
      logger.warn(
        { err, serial },
        'The end of a boost could not be stored. The boost ends as planned unless the bridge restarts.',
      )
    }
    onChange()
  }

  /**
   * Judges the boost by what was just read from the device. Never rejects.
   * @param putBack writes values in turn with commands, unless an earlier command has decided about the boost
   */
  async settle(putBack: (back: PutBack) => Promise<unknown>): Promise<void> {
    const { clock, facts } = this.#options
    const boost = facts.boost.running
    const now = clock.monotonic()
    if (!boost || this.#busy || this.#stopped || now < this.#quietUntil) return
    const what = found(boost, facts.readings)
    const due = now >= facts.boost.deadline
    if (what === 'boosted' && !due) {
      const news = !facts.boost.seen
      this.#see()
      if (news) this.#options.onChange()
      return
    }
    const back = what === 'changed' ? this.#leave(boost) : due ? this.#end(boost) : this.#again(boost)
    if (!back) {
      this.#forget()
      return
    }
    this.#busy = true
    try {
      await putBack(back)
    } catch (thrown) {
      this.#failed(asBridgeError(thrown))
    } finally {
      this.#busy = false
    }
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** The device has shown that it took the boost's setpoint. */
  #see(): void {
    const { facts } = this.#options
    facts.boost = { ...facts.boost, seen: true }
  }

  #run(boost: Boost, seen: boolean): void {
    const { clock, facts, read } = this.#options
    // A host whose clock is wrong must not make a boost longer than it was asked for.
    const left = Math.min(Math.max(boost.ends - clock.now(), 0), boost.ends - boost.started)
    facts.boost = { running: boost, seen, deadline: clock.monotonic() + left }
    this.#failures = 0
    this.#timer?.cancel()
    this.#timer = clock.timer(left, () => void read())
  }

  #quiet(): void {
    this.#quietUntil = this.#options.clock.monotonic() + SETTLING
  }

  /** When the stored boost can't be removed now, the bridge finds after a restart that it no longer holds. */
  #forget(): void {
    const { clock, logger, memory, facts, onChange } = this.#options
    const { serial } = facts
    this.#timer?.cancel()
    if (!facts.boost.running) return
    facts.boost = NO_BOOST
    this.#quietUntil = clock.monotonic()
    try {
      memory?.forget(serial)
    } catch (err) {
      logger.warn({ err, serial }, 'An ended boost could not be removed from the store; this does no harm.')
    }
    onChange()
  }

  #end(boost: Boost): PutBack {
    return { boost, values: restoring(boost, this.#options.facts.readings), next: null }
  }

  /** Somebody has changed the device meanwhile. That change stays; only a boost setpoint that is not in force is put back. */
  #leave(boost: Boost): PutBack | undefined {
    const { logger, facts } = this.#options
    const { serial } = facts
    const values = leftBehind(boost, facts.readings)
    if (facts.boost.seen)
      logger.info({ serial }, 'The boost has ended: the device was set to something else meanwhile.')
    return Object.keys(values).length > 0 ? { boost, values, next: null } : undefined
  }

  /** A temporary setpoint ends with its period of the schedule; the boost does not, so the setpoint is written again. */
  #again(boost: Boost): PutBack | undefined {
    const setpoint = boost.setpoints.at(-1)
    if (setpoint === undefined) return undefined
    const { [boost.key]: _, ...kept } = boost.before
    const period = this.#options.facts.readings.number('schedule_period') ?? null
    const next = { ...boost, before: { ...kept, program: 'schedule' }, period }
    return { boost, values: { [boost.key]: setpoint }, next }
  }

  #failed(error: BridgeError): void {
    const { clock, logger, facts } = this.#options
    this.#failures++
    const log = { err: error, serial: facts.serial }
    if (error.code === 'NOT_APPLIED' && this.#failures >= TRIES) {
      logger.error(log, 'The device does not accept its setpoint from before the boost. Set it at the device.')
      this.#forget()
      return
    }
    if (this.#failures === 1) {
      logger.warn(
        log,
        `The setpoint from before the boost can't be restored now; the bridge will try again. ${error.message}`,
      )
    }
    this.#quietUntil = clock.monotonic() + (error.retryable ? 0 : TRY_AGAIN)
  }
}
