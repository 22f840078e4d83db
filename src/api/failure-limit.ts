import type { Clock } from '../core/clock.ts'

export interface FailureLimitOptions {
  readonly clock: Clock
  /** How many failures within the window are too many. */
  readonly max: number
  readonly windowMs: number
  /** How many keys are remembered at most; the oldest is forgotten first. */
  readonly maxKeys?: number
}

/** Counts failures per key in windows that begin with the first failure. Bounded, whoever knocks. */
export class FailureLimit {
  readonly #windows = new Map<string, { readonly until: number; count: number }>()
  readonly #clock: Clock
  readonly #max: number
  readonly #windowMs: number
  readonly #maxKeys: number

  constructor(options: FailureLimitOptions) {
    this.#clock = options.clock
    this.#max = options.max
    this.#windowMs = options.windowMs
    this.#maxKeys = options.maxKeys ?? 10_000
  }

  /** Milliseconds for which `key` is still refused; 0 when it is not. */
  blockedFor(key: string): number {
    const window = this.#windows.get(key)
    if (!window) return 0
    const left = window.until - this.#clock.monotonic()
    if (left <= 0) this.#windows.delete(key)
    return left > 0 && window.count >= this.#max ? left : 0
  }

  /** Counts a failure of `key`; returns how many there are in its window. */
  add(key: string): number {
    const now = this.#clock.monotonic()
    const known = this.#windows.get(key)
    if (known && known.until > now) return ++known.count
    this.#windows.delete(key)
    this.#windows.set(key, { until: now + this.#windowMs, count: 1 })
    if (this.#windows.size > this.#maxKeys) {
      const [oldest] = this.#windows.keys()
      if (oldest !== undefined) this.#windows.delete(oldest)
    }
    return 1
  }
}
