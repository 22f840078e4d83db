import type { Clock } from '../../core/clock.ts'
import type { AccountState } from '../events.ts'
import { Deferred } from '../failures.ts'
import { backoff } from './backoff.ts'

/** While a person is needed, how often to check the store for the result of `thermo2mqtt login`. */
export const CATCH_UP_MS = 60_000
/** The shortest time between renewals, for services whose sessions always end soon. */
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
  /** Monotonic ms until which the service asked not to be called. */
  #deferredUntil = Number.NEGATIVE_INFINITY

  constructor(options: PaceOptions) {
    this.#syncInterval = options.syncInterval
    this.#clock = options.clock
    this.#random = options.random
  }

  /** @throws Deferred while the service asked not to be called. */
  check(): void {
    const wait = this.#deferredUntil - this.#clock.monotonic()
    if (wait <= 0) return
    const seconds = Math.ceil(wait / 1000)
    throw new Deferred('CLOUD_RATE_LIMITED', `The cloud asked not to be called for another ${seconds} s.`, wait)
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** The cloud could not be asked or gave no useful answer. */
  failed(error: unknown): void {
    const now = this.#clock.monotonic()
    if (now >= this.#deferredUntil) this.#failures++
    if (error instanceof Deferred && error.wait !== undefined) this.#deferredUntil = now + error.wait
  }

  /**
   * Milliseconds until the next sync.
   * @param refusedFor until the password may be sent again.
   * @param sessionFor until the session must be renewed; undefined if it has no known end.
   */
  next(state: AccountState, refusedFor: number, sessionFor: number | undefined): number {
    // The service is not asked again, but somebody may meanwhile have signed in with the command.
    if (state === 'code_needed') return CATCH_UP_MS
    if (state === 'auth_failed') return Math.min(CATCH_UP_MS, refusedFor || CATCH_UP_MS)
    if (state === 'ready') {
      return Math.min(this.#syncInterval, Math.max(sessionFor ?? this.#syncInterval, SHORTEST_RENEWAL_MS))
    }
    const deferred = this.#deferredUntil - this.#clock.monotonic()
    return Math.max(backoff(Math.max(1, this.#failures), this.#random), deferred)
  }
}
