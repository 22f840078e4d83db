import { type Clock, SystemClock, type Timer } from '../../src/core/clock.ts'

/** How often what has passed is looked at, and the most that counts of it: what is more, this process could not use. */
const PULSE_MS = 4
const LONGEST_STEP_MS = 10

/** Real milliseconds in which this process could run: where the machine is busy with others, they pass more slowly. */
class RunTime {
  #passed = 0
  #last = performance.now()

  constructor() {
    setInterval(() => this.passed, PULSE_MS).unref()
  }

  get passed(): number {
    const now = performance.now()
    this.#passed += Math.min(now - this.#last, LONGEST_STEP_MS)
    this.#last = now
    return this.#passed
  }
}

/**
 * Real time, only faster, so that minutes of waiting pass in seconds. It waits for the process: nothing runs out because the
 * machine was slow. Its wall clock can jump; nothing else of it does.
 */
export class FastClock implements Clock {
  /** One for all: each looks at the time by itself many times a second. */
  static readonly #runTime = new RunTime()
  readonly #system = new SystemClock()
  readonly #factor: number
  readonly #wall = Date.now()
  readonly #start = FastClock.#runTime.passed
  #jumped = 0

  /** @param factor seconds of this clock per second */
  constructor(factor = 20) {
    this.#factor = factor
  }

  now(): number {
    return Math.floor(this.#wall + this.monotonic() + this.#jumped)
  }

  monotonic(): number {
    return (FastClock.#runTime.passed - this.#start) * this.#factor
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
