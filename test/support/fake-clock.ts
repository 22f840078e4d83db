import type { Clock, Timer } from '../../src/core/clock.ts'
import { arrived } from './under-way.ts'

interface Pending {
  at: number
  run: () => void
}

/**
 * A clock that stands still until told. Wall clock and monotonic clock can be moved apart, as real ones are. Its time passes only
 * while nothing is under way between the sockets of this process.
 */
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

  /** Lets `ms` pass, running what falls due in order, and lets promises settle and sockets be read between timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await arrived()
    for (;;) {
      const next = [...this.#pending].filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#pending.delete(next)
      this.#step(next.at - this.#monotonic)
      next.run()
      await arrived()
    }
    this.#step(end - this.#monotonic)
    await arrived()
  }

  /** Lets time pass until the promise has settled, `step` ms at once. */
  async until<T>(promise: Promise<T>, step = 25): Promise<T> {
    let settled = false
    const outcome = promise.finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    while (!settled) await this.advance(step)
    return outcome
  }

  #step(ms: number): void {
    this.#monotonic += ms
    this.#wall += ms
  }
}
