/** Sees what somebody has set at a device itself, or with its vendor's app. */
import type { Value } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { Readings } from '../facts/readings.ts'
import type { Rows } from '../facts/rows.ts'
import type { ValuesNews } from '../news/command-events.ts'

/** Milliseconds after one of the bridge's writes in which a device may still show the values before it. */
const SETTLING = 20_000

const TEMPORARY = 'temporary_setpoint'

/** Keys that a device clears by itself when their time is over, so that only a new value is somebody's. */
const PASSING = /^(temporary_setpoint|away_(start|end)(_utc)?)$/

export interface WitnessOptions {
  readonly clock: Clock
  readonly facts: { readonly readings: Pick<Readings, 'rows' | 'value'> }
  /** Somebody has changed these values. */
  readonly onChange: (values: ValuesNews) => void
}

/**
 * Compares what a device says with what it said before. What follows from commands of the bridge is nobody's change; when in
 * doubt, it is not told either.
 */
export class Witness {
  readonly #options: WitnessOptions
  /** What the device held when it was last looked at; undefined while nobody knows. */
  #held: readonly (Value | undefined)[] | undefined
  #rows: Rows | undefined
  /** On the monotonic clock. */
  #quietUntil = Number.NEGATIVE_INFINITY

  constructor(options: WitnessOptions) {
    this.#options = options
  }

  /** Something is about to be sent to the device. */
  begin(): void {
    this.#quietUntil = Number.POSITIVE_INFINITY
  }

  /** The device has confirmed what was sent. */
  end(): void {
    this.#quietUntil = this.#options.clock.monotonic() + SETTLING
    this.look()
  }

  /** What was sent is over, and what the device holds now shows only at its next reading. */
  doubt(): void {
    this.#held = undefined
    this.#quietUntil = this.#options.clock.monotonic() + SETTLING
  }

  /** The device has said something. */
  look(): void {
    const { clock, facts, onChange } = this.#options
    const { rows } = facts.readings
    if (rows !== this.#rows) {
      this.#rows = rows
      this.#held = undefined
    }
    const before = this.#held
    this.#held = rows.watched.map((key) => this.#now(key))
    if (!before || clock.monotonic() < this.#quietUntil) return
    const values: Record<string, { from: Value; to: Value }> = {}
    for (const [i, key] of rows.watched.entries()) {
      const [from, to] = [before[i], this.#held[i]]
      if (from === to || from === undefined || to === undefined || to === null) continue
      if (from !== null || PASSING.test(key)) values[key] = { from, to }
    }
    if (Object.keys(values).length > 0) onChange(values)
  }

  #now(key: string): Value | undefined {
    const { readings } = this.#options.facts
    // What the device shows of it while another mode is in force means nothing.
    if (key === TEMPORARY && readings.value('operating_mode') !== 'temporary') return null
    return readings.value(key)
  }
}
