/** The clock of one device, and the times that are made from it for away and boost. */
import { deviceTimeToIso, EPOCH_2000 } from '../protocol/epoch.ts'
import type { LocalTime } from './schedule-now.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** Hours by which local times are ahead of UTC, besides whole ones. */
const ODD_ZONES = [-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75]
const ZONES = [...Array.from({ length: 27 }, (_, i) => i - 12), ...ODD_ZONES].map((hours) => hours * HOUR)

/** Seconds by which a clock is rather wrong than in another zone than UTC or the host's. */
const RATHER_WRONG = HOUR / 2

/** Seconds by which local time is ahead of UTC at a moment. @param moment Unix ms */
export type Zone = (moment: number) => number

const hostZone: Zone = (moment) => -new Date(moment).getTimezoneOffset() * 60

export class DeviceTimes {
  /** The device's clock, seconds since 2000. */
  readonly now: number
  readonly #hostUtc: number
  readonly #hostAhead: Zone
  readonly #zone: number | undefined

  /**
   * @param hostNow the host's wall clock, Unix ms; it only tells whether the device counts in UTC or in local time
   * @param ahead seconds by which the device's clock is ahead of it
   * @param zone hours east of UTC, where the device says so
   * @param hostAhead the host's own time zone
   */
  constructor(hostNow: number, ahead: number, zone: number | undefined, hostAhead: Zone = hostZone) {
    this.#hostUtc = Math.round(hostNow / 1000) - EPOCH_2000
    this.#hostAhead = hostAhead
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
    const likely = [0, this.#hostAheadAt(this.#hostUtc)]
    const zone = nearest(likely, ahead)
    if (Math.abs(ahead - zone) <= RATHER_WRONG) return zone
    const other = nearest(ZONES, ahead)
    return Math.abs(ahead - other) <= RATHER_WRONG ? other : 0
  }

  /** The device's clock in UTC, seconds since 2000. */
  get utc(): number {
    return this.now - this.utcOffset
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
    const host = this.#hostAheadAt(this.#hostUtc)
    if (utcOffset !== 0 || host === 0) return [shown]
    return [shown, { local: now + host, ahead: host }]
  }

  /** Seconds by which the device's clock is wrong against the host's, its time zone allowed for. */
  get error(): number {
    return this.now - this.#hostUtc - this.utcOffset
  }

  /** What the device's clock should show. */
  get right(): number {
    return this.#hostUtc + this.utcOffset
  }

  /**
   * Seconds by which the device's local time is ahead of UTC at a moment. A device says at most how it is now; when that is
   * how it is on the host, the two are in one place, and the host knows when its clocks change.
   * @param utc seconds since 2000
   */
  aheadAt(utc: number): number {
    const host = this.#hostAheadAt(this.#hostUtc)
    const now = this.#zone === undefined ? this.utcOffset || host : this.#zone * HOUR
    return now === host ? this.#hostAheadAt(utc) : now
  }

  /** The same for local time that is `now` ahead at present, and goes by the clocks of the host only where it does now. */
  aheadThen(utc: number, now: number): number {
    return now === this.aheadAt(this.utc) ? this.aheadAt(utc) : now
  }

  /** The moments in UTC at which local time is `local`: none when clocks leap over it, two when they come back to it. */
  momentsOf(local: number): readonly number[] {
    const offsets = new Set([this.aheadAt(local - DAY), this.aheadAt(local + DAY)])
    return [...offsets].map((ahead) => local - ahead).filter((utc) => utc + this.aheadAt(utc) === local)
  }

  /** What the device's clock shows at a moment of UTC. */
  deviceTime(utc: number): number {
    return this.utcOffset === 0 ? utc : utc + this.aheadAt(utc)
  }

  /** Local time at what the device's clock calls `time`. */
  localOf(time: number): number {
    return this.utcOffset === 0 ? time + this.aheadAt(time) : time
  }

  /** The moment in UTC that the device's clock calls `time`; the first of two. */
  momentOf(time: number): number {
    if (this.utcOffset === 0) return time
    return this.momentsOf(time)[0] ?? time - this.utcOffset
  }

  /** The end of a boost of so many minutes, in UTC as parameter 64 wants it (Welrok OZ, "Parameters list"). */
  boostEnd(minutes: number): string {
    return deviceTimeToIso(this.utc + minutes * 60, 'utc')
  }

  #hostAheadAt(utc: number): number {
    return this.#hostAhead((utc + EPOCH_2000) * 1000)
  }
}

function nearest(values: readonly number[], to: number): number {
  return values.reduce((best, value) => (Math.abs(value - to) < Math.abs(best - to) ? value : best), 0)
}
