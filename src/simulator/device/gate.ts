import type { JsonObject } from '../../core/json.ts'
import { hotp, TOTP_DIGITS, totpStep } from '../totp.ts'
import type { DeviceClock } from './clock.ts'

/** Time steps by which a code may be early or late. */
const WINDOW = 1

/** Seconds by which the `time` of a signed request may differ from the device's clock. */
const TIME_TOLERANCE = 30

/** How many codes are remembered, to refuse their second use. */
const REMEMBERED = 32

/** Checks the signature of writes. */
export class Gate {
  readonly #clock: DeviceClock
  readonly #used = new Set<string>()
  key: string
  counterBase: '2000' | 'unix'

  constructor(options: { clock: DeviceClock; key: string; counterBase: '2000' | 'unix' }) {
    this.#clock = options.clock
    this.key = options.key
    this.counterBase = options.counterBase
  }

  /**
   * Why a request does not count as signed; undefined if it does.
   * @param data the key of the body that carries the data; the signature must not come after it. `time` when the request sets
   *   the clock: then its `time` is not part of the signature
   */
  refuse(body: JsonObject, data: string, refuseReplayed: boolean): string | undefined {
    const { auth, time } = body
    if (auth === undefined) return 'not signed'
    if (typeof auth !== 'string' || !/^\d{9}$/.test(auth)) return 'auth is not a string of 9 digits'
    if (data !== 'time') {
      if (typeof time !== 'string' || !/^\d{1,10}$/.test(time)) return 'time is not a string of digits'
      if (Math.abs(Number(time) - this.#clock.seconds()) > TIME_TOLERANCE) return 'time is not the time of the device'
      const order = Object.keys(body)
      const first = order.indexOf(data)
      const behind = order.indexOf('auth') > first || order.indexOf('time') > first
      if (data !== 'cmd' && behind) return 'the signature stands behind the data'
    }
    if (!this.#codes().includes(auth)) return 'wrong code'
    if (refuseReplayed && this.#used.has(auth)) return 'code used before'
    this.#remember(auth)
    return undefined
  }

  #codes(): string[] {
    const now = totpStep(this.#clock.seconds(), this.counterBase)
    const steps = Array.from({ length: 2 * WINDOW + 1 }, (_, i) => now - WINDOW + i).filter((step) => step >= 0)
    return steps.map((step) => hotp(this.key, step, TOTP_DIGITS))
  }

  #remember(code: string): void {
    this.#used.add(code)
    const [oldest] = this.#used
    if (this.#used.size > REMEMBERED && oldest !== undefined) this.#used.delete(oldest)
  }
}
