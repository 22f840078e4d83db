import type { Clock } from '../core/clock.ts'

/** The documents say 13 topics a minute, and all again a few seconds after each command: a dozen commands are not a flood. */
const AT_ONCE = 240
const PER_SECOND = 4

/** How much one device may publish: a burst, then so many messages a second. */
export class Pace {
  readonly #clock: Clock
  #left = AT_ONCE
  #at: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.monotonic()
  }

  /** Whether one more message is accepted. */
  take(): boolean {
    const now = this.#clock.monotonic()
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) / 1000) * PER_SECOND)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
