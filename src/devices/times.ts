/** The clock of one device, and the times that are made from it for away and boost. */
import { deviceTimeToIso, EPOCH_2000 } from '../protocol/epoch.ts'
import type { LocalTime } from './schedule-now.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const QUARTER = 900

/** Away without an end set: a year, since the device wants one. */
const AWAY_DAYS = 365

export class DeviceTimes {
  /** The device's clock, seconds since 2000. */
  readonly now: number
  readonly #hostUtc: number
  readonly #hostZone: number
  readonly #zone: number | undefined

  /**
   * @param hostNow the host's wall clock, Unix ms; it only tells whether the device counts in UTC or in local time
   * @param ahead seconds by which the device's clock is ahead of it
   * @param zone hours east of UTC, where the device says so
   */
  constructor(hostNow: number, ahead: number, zone: number | undefined) {
    this.#hostUtc = Math.round(hostNow / 1000) - EPOCH_2000
    this.#hostZone = -new Date(hostNow).getTimezoneOffset() * 60
    this.now = this.#hostUtc + ahead
    this.#zone = zone
  }

  /**
   * How far the device's clock is ahead of UTC, in seconds: nothing or its time zone, whichever fits the host's clock
   * better. The documents do not say which of the two a device keeps.
   */
  get utcOffset(): number {
    const ahead = this.now - this.#hostUtc
    if (this.#zone !== undefined) {
      const zone = this.#zone * HOUR
      return Math.abs(ahead - zone) < Math.abs(ahead) ? zone : 0
    }
    const offset = Math.round(ahead / QUARTER) * QUARTER
    return Math.abs(offset) <= 14 * HOUR ? offset : 0
  }

  /**
   * What the device's local time may be, which its schedule goes by, the likeliest first. A device that counts in UTC and
   * does not tell its zone leaves the host's zone as a guess.
   */
  get locals(): readonly LocalTime[] {
    const { now, utcOffset } = this
    if (this.#zone !== undefined) {
      const ahead = this.#zone * HOUR
      return [{ local: utcOffset === 0 ? now + ahead : now, ahead }]
    }
    const shown = { local: now, ahead: utcOffset }
    if (utcOffset !== 0 || this.#hostZone === 0) return [shown]
    return [shown, { local: now + this.#hostZone, ahead: this.#hostZone }]
  }

  /** Seconds by which the device's clock is wrong against the host's, its time zone allowed for. */
  get error(): number {
    return this.now - this.#hostUtc - this.utcOffset
  }

  /** What the device's clock should show. */
  get right(): number {
    return this.#hostUtc + this.utcOffset
  }

  /** A day ago, so that away holds at once whatever zone the device means. */
  awayStart(zone: 'device' | 'utc'): string {
    return deviceTimeToIso(this.now - DAY, zone)
  }

  awayEnd(zone: 'device' | 'utc'): string {
    return deviceTimeToIso(this.now + AWAY_DAYS * DAY, zone)
  }

  /** The end of a boost of so many minutes, in UTC as parameter 64 wants it (Welrok OZ, "Parameters list"). */
  boostEnd(minutes: number): string {
    return deviceTimeToIso(this.now - this.utcOffset + minutes * 60, 'utc')
  }
}
