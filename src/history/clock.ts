import type { Clock } from '../core/clock.ts'

/** How fast the time of the history goes while it is ahead of the wall clock. */
const SLOWED = 0.9

const DAY = 86_400_000

/** ms for which a wall clock that jumped by more than a day has to go on before it is believed. */
const DOUBTED = 10 * 60_000

/**
 * The wall clock, made so that samples stay in order and none takes the place of another: it never goes back. When the wall
 * clock is set back, this goes on a tenth slower until the two agree again. A jump ahead is followed, one of more than a day
 * after ten minutes: a time server's slip would otherwise leave samples in a year to come.
 */
export class HistoryClock {
  readonly #clock: Clock
  /** Unix ms. */
  #at: number
  #monotonic: number
  #doubtedSince: number | undefined

  /** @param newest Unix ms of the newest sample kept: time goes on from there */
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
