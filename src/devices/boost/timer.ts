import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Readings } from '../facts/readings.ts'
import { found, leftBehind, restoring } from './judgement.ts'
import type { Boost, BoostMemory, PutBack, ShownBoost } from './types.ts'

/** Milliseconds after a write of its own in which a device may still show what was before. */
const SETTLING = 20_000

/** Milliseconds until a device that refuses to be put back is tried again. */
const TRY_AGAIN = 5 * 60_000

/** How often a device is told what it acknowledges and ignores: each try may cost it a write to its flash. */
const TRIES = 3

const MINUTE = 60_000

export interface OwnTimerOptions {
  readonly serial: string
  readonly clock: Clock
  readonly logger: Logger
  /** Without one a boost does not outlive the bridge. */
  readonly memory?: BoostMemory | undefined
  readonly readings: Readings
  /** Writes values in turn with commands, unless one of those has decided about the boost before. */
  readonly putBack: (back: PutBack) => Promise<unknown>
  /** Has everything read now; never rejects. */
  readonly read: () => Promise<void>
  /** What is shown of it has changed. */
  readonly onChange: () => void
}

/**
 * The bridge's timer for boosts of a device without one. What it changed is on disk before it is sent; what it puts back, and
 * whether, is decided from what the device shows then: nobody's change is taken back.
 */
export class OwnTimer {
  readonly #options: OwnTimerOptions
  #boost: Boost | null = null
  /** Whether the device has shown that it took what the boost says. */
  #seen = false
  /** What ran before the command that is on its way; undefined when that changes nothing of it. */
  #before: { readonly boost: Boost | null; readonly seen: boolean } | undefined
  /** When it ends, on the monotonic clock. */
  #deadline = 0
  #timer: Timer | undefined
  /** Until then, on the monotonic clock, what the device shows is not judged. */
  #quietUntil = Number.NEGATIVE_INFINITY
  #busy = false
  #failures = 0
  #stopped = false

  constructor(options: OwnTimerOptions) {
    this.#options = options
  }

  get boost(): Boost | null {
    return this.#boost
  }

  /** What the state shows; null while no boost holds. */
  get shown(): ShownBoost | null {
    const boost = this.#boost
    if (!boost || !(this.#seen || found(boost, this.#options.readings) === 'boosted')) return null
    const left = Math.max(0, this.#deadline - this.#options.clock.monotonic())
    return { ends: boost.ends, left: Math.ceil(left / MINUTE) * 60, setpoint: boost.setpoints.at(-1) ?? null }
  }

  /** Takes up the boost that ran when the bridge ended. */
  resume(boost: Boost | undefined): void {
    if (boost) this.#run(boost)
  }

  /**
   * A command is about to be sent, after which `boost` runs: one that is new, or has changed, is on the disk first.
   * @throws BridgeError `INTERNAL` when it can't be stored; then nothing may be sent
   */
  async before(boost: Boost | null): Promise<void> {
    this.#quiet()
    this.#before = undefined
    if (!boost || boost === this.#boost) return
    const { memory, serial } = this.#options
    memory?.save({ serial, ...boost })
    this.#before = { boost: this.#boost, seen: this.#seen }
    const goesOn = this.#boost?.started === boost.started || this.#boost?.before === boost.before
    this.#run(boost)
    this.#seen &&= goesOn
    await memory?.durable?.()
  }

  /** The device took the command after which `boost` runs. */
  after(boost: Boost | null): void {
    this.#quiet()
    this.#before = undefined
    if (!boost) this.#forget()
    else this.#seen = true
  }

  /** The command was not carried out. When nobody knows whether it was, what the device shows next tells. */
  failed(error: BridgeError): void {
    const before = this.#before
    this.#before = undefined
    if (!before || error.code === 'OUTCOME_UNKNOWN') return
    if (!before.boost) {
      this.#forget()
      return
    }
    const { logger, memory, serial, onChange } = this.#options
    this.#run(before.boost)
    this.#seen = before.seen
    try {
      memory?.save({ serial, ...before.boost })
    } catch (err) {
      logger.warn({ err, serial }, 'The end of a boost could not be stored. It holds unless the bridge is restarted.')
    }
    onChange()
  }

  /** The device was read: judges by what it shows. Never rejects. */
  async settle(): Promise<void> {
    const boost = this.#boost
    const now = this.#options.clock.monotonic()
    if (!boost || this.#busy || this.#stopped || now < this.#quietUntil) return
    const what = found(boost, this.#options.readings)
    const due = now >= this.#deadline
    if (what === 'changed') await this.#leave(boost)
    else if (due) await this.#tell(boost, restoring(boost, this.#options.readings), null)
    else if (what === 'next_period') await this.#again(boost)
    else this.#see()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #see(): void {
    if (this.#seen) return
    this.#seen = true
    this.#options.onChange()
  }

  #run(boost: Boost): void {
    const { clock, read } = this.#options
    // A host that does not know what time it is must not make a boost longer than it was asked for.
    const left = Math.min(Math.max(boost.ends - clock.now(), 0), boost.ends - boost.started)
    this.#boost = boost
    this.#failures = 0
    this.#deadline = clock.monotonic() + left
    this.#timer?.cancel()
    this.#timer = clock.timer(left, () => void read())
  }

  #quiet(): void {
    this.#quietUntil = this.#options.clock.monotonic() + SETTLING
  }

  /** What cannot be removed now is found not to hold any more after a restart. */
  #forget(): void {
    const { clock, logger, memory, serial, onChange } = this.#options
    this.#timer?.cancel()
    if (!this.#boost) return
    this.#boost = null
    this.#seen = false
    this.#quietUntil = clock.monotonic()
    try {
      memory?.forget(serial)
    } catch (err) {
      logger.warn({ err, serial }, 'A boost that is over could not be removed from the store; that does no harm.')
    }
    onChange()
  }

  /** Somebody has changed the device meanwhile: that stays, but for a setpoint that is not in force. */
  async #leave(boost: Boost): Promise<void> {
    const { logger, serial, readings } = this.#options
    const values = leftBehind(boost, readings)
    if (this.#seen) logger.info({ serial }, 'The boost is over: the device was set to something else meanwhile.')
    if (Object.keys(values).length > 0) await this.#tell(boost, values, null)
    else this.#forget()
  }

  /** A temporary setpoint ends with its period of the schedule, the boost does not. */
  async #again(boost: Boost): Promise<void> {
    const { readings } = this.#options
    const setpoint = boost.setpoints.at(-1)
    if (setpoint === undefined) return this.#forget()
    const { [boost.key]: _, ...kept } = boost.before
    const period = readings.number('schedule_period') ?? null
    const again = { ...boost, before: { ...kept, program: 'schedule' }, period }
    await this.#tell(boost, { [boost.key]: setpoint }, again)
  }

  async #tell(boost: Boost, values: PutBack['values'], then: Boost | null): Promise<void> {
    this.#busy = true
    try {
      await this.#options.putBack({ values, boost, then })
    } catch (thrown) {
      this.#failed(asBridgeError(thrown))
    } finally {
      this.#busy = false
    }
  }

  #failed(error: BridgeError): void {
    const { clock, logger, serial } = this.#options
    this.#failures++
    const log = { err: error, serial }
    if (error.code === 'NOT_APPLIED' && this.#failures >= TRIES) {
      logger.error(log, 'The device does not take back what it was set to before the boost. Set it at the device.')
      this.#forget()
      return
    }
    if (this.#failures === 1) {
      logger.warn(log, `The setpoint from before the boost can't be put back now; it is tried again. ${error.message}`)
    }
    this.#quietUntil = clock.monotonic() + (error.retryable ? 0 : TRY_AGAIN)
  }
}
