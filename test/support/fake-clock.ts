import type { Clock, Timer } from '../../src/core/clock.ts'

interface Pending {
  at: number
  run: () => void
}

/** A clock that stands still until told. Wall clock and monotonic clock can be moved apart, as real ones are. */
export class FakeClock implements Clock {
  #monotonic = 1_000
  #wall: number
  readonly #pending = new Set<Pending>()

  constructor(wall = Date.UTC(2026, 0, 15, 12)) {
    this.#wall = wall
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  timer(ms: number, run: () => void): Timer {
    const entry: Pending = { at: this.#monotonic + Math.max(ms, 0), run }
    this.#pending.add(entry)
    return { cancel: () => this.#pending.delete(entry) }
  }

  /** Moves only the wall clock, as an administrator or NTP would. */
  jumpWall(ms: number): void {
    this.#wall += ms
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#pending.size
  }

  /** Lets `ms` pass, running what falls due in order, and lets promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (;;) {
      const next = [...this.#pending].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#pending.delete(next)
      this.#step(next.at - this.#monotonic)
      next.run()
      await settle()
    }
    this.#step(end - this.#monotonic)
    await settle()
  }

  #step(ms: number): void {
    this.#monotonic += ms
    this.#wall += ms
  }
}

/** Lets every promise that can settle without I/O do so: Node.js runs all of those before the next step of its loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
