import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'

/** Each of these contacts a cloud, with the password or a code if needed; too many may get an account locked. */
const LIMITED: ReadonlySet<string> = new Set(['sync', 'account_code'])

/** The same limit as in REST, within these milliseconds. */
const MOST = 10
const WINDOW = 60_000

/** Keeps looping automations, and anybody who can publish on the broker, from getting an account locked. */
export class RequestLimit {
  readonly #clock: Clock
  readonly #taken = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws `BridgeError` RATE_LIMITED. */
  take(action: string): void {
    if (!LIMITED.has(action)) return
    const now = this.#clock.monotonic()
    const times = (this.#taken.get(action) ?? []).filter((time) => now - time < WINDOW)
    this.#taken.set(action, times)
    const [oldest] = times
    if (times.length < MOST || oldest === undefined) {
      times.push(now)
      return
    }
    const seconds = Math.ceil((oldest + WINDOW - now) / 1000)
    throw new BridgeError(
      'RATE_LIMITED',
      `Too many of these requests: each contacts a cloud, which could lock the account. Try again in ${seconds} s.`,
      { details: { retry_after: seconds } },
    )
  }
}
