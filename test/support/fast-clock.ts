import { type Clock, SystemClock, type Timer } from '../../src/core/clock.ts'
import { runTime } from './run-time.ts'

/**
 * What the wall clock shows at first, Unix ms: a Wednesday, hours before any schedule changes the temperature. A test that
 * began with the time of day would see that happen once in a while.
 */
const NOON = Date.UTC(2026, 11, 2, 12)

/**
 * Real time, only faster, so that minutes of waiting pass in seconds. It waits for the process: nothing runs out because the
 * machine was slow. Its wall clock can jump; nothing else of it does.
 */
export class FastClock implements Clock {
  readonly #system = new SystemClock()
  readonly #factor: number
  readonly #wall: number
  readonly #start = runTime.passed
  #jumped = 0

  /**
   * @param factor seconds of this clock per second
   * @param wall what the wall clock shows at first, Unix ms
   */
  constructor(factor = 20, wall = NOON) {
    this.#factor = factor
    this.#wall = wall
  }

  now(): number {
    return Math.floor(this.#wall + this.monotonic() + this.#jumped)
  }

  monotonic(): number {
    return (runTime.passed - this.#start) * this.#factor
  }

  timer(ms: number, run: () => void): Timer {
    const due = this.monotonic() + ms
    const wait = (left: number): Timer =>
      this.#system.timer(left / this.#factor, () => {
        const rest = due - this.monotonic()
        if (rest > 0) timer = wait(rest)
        else run()
      })
    let timer = wait(ms)
    return { cancel: () => timer.cancel() }
  }

  jumpWall(ms: number): void {
    this.#jumped += ms
  }
}
