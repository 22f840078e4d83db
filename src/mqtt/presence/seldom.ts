import type { Clock, Timer } from '../../core/clock.ts'

/** The first and the longest pause, in milliseconds; after five times the latter, it starts afresh. */
const LEAST = 1_000
const LONGEST = 60_000

/** Does something at once, and less and less often while it is needed repeatedly. */
export class Seldom {
  readonly #clock: Clock
  readonly #run: () => void
  #at = Number.NEGATIVE_INFINITY
  #pause = LEAST
  #timer: Timer | undefined

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock
    this.#run = run
  }

  /** Whether it is to be done later. */
  get due(): boolean {
    return this.#timer !== undefined
  }

  /** Does it now, or when it is due again. */
  ask(): void {
    const now = this.#clock.monotonic()
    if (now - this.#at > 5 * LONGEST) this.#pause = LEAST
    const wait = this.#at + this.#pause - now
    if (wait <= 0) this.#do()
    else this.#timer ??= this.#clock.timer(wait, () => this.#do())
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #do(): void {
    this.cancel()
    this.#at = this.#clock.monotonic()
    this.#pause = Math.min(this.#pause * 2, LONGEST)
    this.#run()
  }
}
