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

/** One for all: it looks at the time by itself many times a second. */
export const runTime = new RunTime()
