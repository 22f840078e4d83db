import type { Clock } from '../core/clock.ts'

/** The speed of the history's time while it is ahead of the wall clock. */
const SLOWED = 0.9

const DAY = 86_400_000

/** Milliseconds that a wall clock must run after a jump of more than a day before it is trusted. */
const DOUBTED = 10 * 60_000

/**
 * The wall clock, but never going back, so that samples stay in order and none replaces another. When the wall clock is set
 * back, this runs a tenth slower until the two agree again. It follows a jump ahead, but waits ten minutes if the jump is more
 * than a day: otherwise an error of a time server would leave samples in a future year.
 */
export class HistoryClock {
  readonly #clock: Clock
  /** Unix ms. */
  #at: number
  #monotonic: number
  #doubtedSince: number | undefined

  /** @param newest Unix ms of the newest stored sample: time continues from there */
  constructor(clock: Clock, newest: number) {
    this.#clock = clock
    this.#at = Math.max(clock.now(), newest)
    this.#monotonic = clock.monotonic()
  }

  /** Unix ms. */
  now(): number {
    const monotonic = this.#clock.monotonic()
    const passed = monotonic - this.#monotonic
    this.#monotonic = monotonic
    this.#at = this.#next(this.#clock.now(), passed)
    return this.#at
  }

  #next(wall: number, passed: number): number {
    if (wall - (this.#at + passed) <= DAY) {
      this.#doubtedSince = undefined
      return Math.max(wall, this.#at + SLOWED * passed)
    }
    this.#doubtedSince ??= this.#monotonic
    return this.#monotonic - this.#doubtedSince < DOUBTED ? this.#at + passed : wall
  }
}
