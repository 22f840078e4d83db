import type { Clock } from './clock.ts'

export interface BackoffOptions {
  readonly clock: Clock
  /** How many tries cost nothing. */
  readonly free: number
  /** The pause after the first try beyond; it doubles with each. */
  readonly firstMs: number
  readonly maxMs: number
  /** A key not tried for so long is as new. */
  readonly forgetMs: number
  /** How many keys are remembered at most; the one not tried for longest is forgotten first. */
  readonly maxKeys: number
}

interface Entry {
  count: number
  until: number
  last: number
}

const MINUTE = 60_000

/** For wrong passwords and codes from one address: ten tries, then pauses that grow to a minute. */
export const perAddress = (clock: Clock): BackoffOptions => ({
  clock,
  free: 10,
  firstMs: 1_000,
  maxMs: MINUTE,
  forgetMs: 10 * MINUTE,
  maxKeys: 10_000,
})

/** Growing pauses between tries, for each key by itself. Bounded, whoever knocks. */
export class Backoff {
  readonly #entries = new Map<string, Entry>()
  readonly #options: BackoffOptions

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Milliseconds for which `key` has to wait; 0 when it has not. */
  blockedFor(key: string): number {
    const entry = this.#entry(key)
    return entry ? Math.max(0, entry.until - this.#options.clock.monotonic()) : 0
  }

  /** Counts a try, before its outcome is known: so those that run at the same time count as well. Returns how many. */
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

  /** Whether it is the try with this number that pauses begin with: what is worth a word, once. */
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
