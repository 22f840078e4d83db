import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'

/** Each of these has a cloud asked, with the password or a code if need be: a vendor may lock an account for too many. */
const LIMITED: ReadonlySet<string> = new Set(['sync', 'account_code'])

/** As many as REST allows, within these milliseconds. */
const MOST = 10
const WINDOW = 60_000

/** Keeps automations that loop, and whoever may publish on the broker, from wearing out the vendor's patience. */
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
      `Too many such requests: each has a cloud asked, which could lock the account. Try again in ${seconds} s.`,
      { details: { retry_after: seconds } },
    )
  }
}
