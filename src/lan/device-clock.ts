import type { Clock } from '../core/clock.ts'
import { EPOCH_2000 } from '../protocol/epoch.ts'

/**
 * The device's clock, kept as an offset to the host's monotonic clock: jumps of the host's wall clock do not matter,
 * and a write need not ask for the time first.
 */
export class DeviceClock {
  readonly #clock: Clock
  readonly #vouched: () => boolean
  #offset: number | undefined
  /** As reported at the device's known address. */
  #vouchedFor: number | undefined

  /** @param vouched whether the source of the time is known to be the device */
  constructor(clock: Clock, vouched: () => boolean = () => true) {
    this.#clock = clock
    this.#vouched = vouched
  }

  /**
   * Seconds between the time reported now and the time reported at the device's known address; 0 without the latter.
   */
  get strays(): number {
    return Math.abs((this.#offset ?? 0) - (this.#vouchedFor ?? this.#offset ?? 0))
  }

  /**
   * Takes over the time from the device.
   * @param time seconds since 2000
   * @param asked monotonic milliseconds of the request
   * @returns seconds by which the clock was off before; Infinity if it was not known
   */
  learn(time: number, asked: number): number {
    // Whole seconds are half a second behind on average, and the device read its clock somewhere between request and
    // answer.
    const middle = (asked + this.#clock.monotonic()) / 2000
    const offset = time + 0.5 - middle
    const off = this.#offset === undefined ? Number.POSITIVE_INFINITY : offset - this.#offset
    this.#offset = offset
    if (this.#vouched()) this.#vouchedFor = offset
    return Math.abs(off)
  }

  /** Seconds since 2000 as the device counts them, with fractions; undefined if it has not reported its clock. */
  now(): number | undefined {
    return this.#offset === undefined ? undefined : this.#offset + this.#clock.monotonic() / 1000
  }

  /** Seconds by which the device is ahead of the host's wall clock (UTC); null when unknown. */
  ahead(): number | null {
    const now = this.now()
    return now === undefined ? null : Math.round(now - (this.#clock.now() / 1000 - EPOCH_2000))
  }

  forget(): void {
    this.#offset = undefined
    this.#vouchedFor = undefined
  }
}
