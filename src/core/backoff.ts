import type { Clock } from './clock.ts'

export interface BackoffOptions {
  readonly clock: Clock
  /** How many attempts are free. */
  readonly free: number
  /** The pause after the first further attempt; it doubles with each one. */
  readonly firstMs: number
  readonly maxMs: number
  /** After this long without an attempt, a key starts afresh. */
  readonly forgetMs: number
  /** The most keys to remember; the least recently tried is forgotten first. */
  readonly maxKeys: number
}

interface Entry {
  count: number
  until: number
  last: number
}

const MINUTE = 60_000

/** For wrong passwords and codes from one address: ten attempts, then pauses that grow to a minute. */
export const perAddress = (clock: Clock): BackoffOptions => ({
  clock,
  free: 10,
  firstMs: 1_000,
  maxMs: MINUTE,
  forgetMs: 10 * MINUTE,
  maxKeys: 10_000,
})

/** Growing pauses between attempts, for each key separately. Memory is bounded, whatever comes. */
export class Backoff {
  readonly #entries = new Map<string, Entry>()
  readonly #options: BackoffOptions

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Milliseconds that `key` has to wait; 0 if it does not. */
  blockedFor(key: string): number {
    const entry = this.#entry(key)
    return entry ? Math.max(0, entry.until - this.#options.clock.monotonic()) : 0
  }

  /** Counts an attempt before its outcome is known, so that parallel ones count too. Returns the count. */
  add(key: string): number {
    const { clock, free, firstMs, maxMs, maxKeys } = this.#options
    const now = clock.monotonic()
    const count = (this.#entry(key)?.count ?? 0) + 1
    const pause = count < free ? 0 : Math.min(maxMs, firstMs * 2 ** Math.min(count - free, 30))
    this.#entries.delete(key)
    this.#entries.set(key, { count, until: now + pause, last: now })
    if (this.#entries.size > maxKeys) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return count
  }

  /** Whether pauses begin with this attempt: worth reporting once. */
  begins(count: number): boolean {
    return count === this.#options.free
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (!entry || this.#options.clock.monotonic() - entry.last < this.#options.forgetMs) return entry
    this.#entries.delete(key)
    return undefined
  }
}
