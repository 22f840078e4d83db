import type { Clock } from '../../core/clock.ts'
import type { AccountState } from '../events.ts'
import { Deferred } from '../failures.ts'
import { backoff } from './backoff.ts'

/** While a person is needed, how often the store is looked at for what `thermo2mqtt login` left there. */
export const CATCH_UP_MS = 60_000
/** A session is renewed before its end, but a service whose sessions end all the time is not asked all the time. */
const SHORTEST_RENEWAL_MS = 5 * 60_000

export interface PaceOptions {
  /** Milliseconds from one good sync to the next. */
  readonly syncInterval: number
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
}

/** When an account may call its service, and when it does so next. */
export class Pace {
  readonly #syncInterval: number
  readonly #clock: Clock
  readonly #random: () => number
  #failures = 0
  /** Monotonic ms before which the service asked not to be called. */
  #deferredUntil = Number.NEGATIVE_INFINITY

  constructor(options: PaceOptions) {
    this.#syncInterval = options.syncInterval
    this.#clock = options.clock
    this.#random = options.random
  }

  /** @throws Deferred while the service wants to be left alone. */
  check(): void {
    const wait = this.#deferredUntil - this.#clock.monotonic()
    if (wait <= 0) return
    const seconds = Math.ceil(wait / 1000)
    throw new Deferred('CLOUD_RATE_LIMITED', `The cloud asked not to be called for another ${seconds} s.`, wait)
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** That the cloud could not be asked, or gave no answer of use. */
  failed(error: unknown): void {
    const now = this.#clock.monotonic()
    if (now >= this.#deferredUntil) this.#failures++
    if (error instanceof Deferred && error.wait !== undefined) this.#deferredUntil = now + error.wait
  }

  /**
   * Milliseconds until the next sync.
   * @param refusedFor until the password may be sent again.
   * @param sessionFor until the session wants to be renewed; undefined when it has no known end.
   */
  next(state: AccountState, refusedFor: number, sessionFor: number | undefined): number {
    // The service is not asked again, but somebody may have signed in with the command meanwhile.
    if (state === 'code_needed') return CATCH_UP_MS
    if (state === 'auth_failed') return Math.min(CATCH_UP_MS, refusedFor || CATCH_UP_MS)
    if (state === 'ready') {
      return Math.min(this.#syncInterval, Math.max(sessionFor ?? this.#syncInterval, SHORTEST_RENEWAL_MS))
    }
    const deferred = this.#deferredUntil - this.#clock.monotonic()
    return Math.max(backoff(Math.max(1, this.#failures), this.#random), deferred)
  }
}
