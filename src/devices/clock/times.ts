/** The clock of one device, and the times that are made from it for away and boost. */
import { BridgeError } from '../../core/errors.ts'
import { deviceTimeToIso, EPOCH_2000 } from '../../protocol/epoch.ts'
import { hostZone, type Zone } from './zones.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** Seconds of error up to which a clock is taken to count in UTC, or in local time, at first sight. */
const FITS = HOUR / 2

/** Seconds of error up to which the nearer of the two is taken for what the clock is meant to show. */
const NEAR = 3 * HOUR

/** What the seconds of a device's clock count: the documents say it for some models only. */
export type Counts = 'utc' | 'local'

/** Local time as a device may have it. */
export interface LocalTime {
  /** Seconds since 2000-01-01 00:00 in local time. */
  readonly local: number
  /** Seconds by which local time is ahead of UTC. */
  readonly ahead: number
}

export interface ClockZone {
  /**
   * Where the device is: hours east of UTC as the device tells them, or the zone that the owner named. Left out, nobody has
   * said, and it is taken to be where the host is.
   */
  readonly place?: number | Zone | undefined
  /** Hours east of UTC that the device itself goes by, where it tells them. */
  readonly told?: number | undefined
  /** What its clock counts, where that is known; left out, this clock is looked at for the first time. */
  readonly counts?: Counts | undefined
  /** Whether the device holds a zone that can be set together with its clock. */
  readonly holds?: boolean
  /** The host's own time zone. */
  readonly host?: Zone
}

export class DeviceTimes {
  /** The device's clock, seconds since 2000. */
  readonly now: number
  /** What the clock counts, as far as that is known or can be told from it. */
  readonly counts: Counts
  readonly #hostUtc: number
  readonly #hostAhead: Zone
  readonly #place: number | Zone | undefined
  readonly #told: number | undefined
  readonly #holds: boolean

  /**
   * @param hostNow the host's wall clock, Unix ms; it tells what is right, and at first sight what the device counts
   * @param ahead seconds by which the device's clock is ahead of it
   */
  constructor(hostNow: number, ahead: number, { place, told, counts, holds = false, host = hostZone }: ClockZone = {}) {
    this.#hostUtc = Math.round(hostNow / 1000) - EPOCH_2000
    this.#hostAhead = host
    this.now = this.#hostUtc + ahead
    this.#place = place
    this.#told = told
    this.#holds = holds
    this.counts = counts ?? this.#firstSight()
  }

  /**
   * UTC or local time, whichever the clock shows to within half an hour. One that shows neither is wrong: by a few hours
   * against the nearer of the two; by more, it was never set, and is meant to show local time, which its schedule goes by.
   */
  #firstSight(): Counts {
    const ahead = this.now - this.#hostUtc
    const zone = this.zone
    const [fromUtc, fromLocal] = [Math.abs(ahead), Math.abs(ahead - zone)]
    if (zone === 0 || fromUtc <= FITS) return 'utc'
    return fromUtc < fromLocal && fromUtc <= NEAR ? 'utc' : 'local'
  }

  /** Whether the clock shows, within half an hour, what it is taken to count. */
  get fits(): boolean {
    return Math.abs(this.clockError) <= FITS
  }

  /** Seconds by which local time at the device is ahead of UTC now. */
  get zone(): number {
    return this.aheadAt(this.#hostUtc)
  }

  /** How far the right time on the device's clock is ahead of UTC, in seconds. */
  get utcOffset(): number {
    return this.counts === 'utc' ? 0 : this.zone
  }

  /** The device's clock in UTC, seconds since 2000. */
  get utc(): number {
    return this.now - this.utcOffset
  }

  /**
   * What the device's local time may be, which its schedule goes by, the likeliest first. A device that counts in UTC, and of
   * which nobody has said where it is, leaves the host's zone as a guess.
   */
  get locals(): readonly LocalTime[] {
    const { now, zone } = this
    if (this.counts === 'local') return [{ local: now, ahead: zone }]
    const there = { local: now + zone, ahead: zone }
    if (this.#place !== undefined) return [there]
    const shown = { local: now, ahead: 0 }
    return zone === 0 ? [shown] : [shown, there]
  }

  /** Seconds by which the device's clock is wrong against the host's, its time zone allowed for. */
  get clockError(): number {
    return this.now - this.#hostUtc - this.utcOffset
  }

  /**
   * Seconds by which local time at the device is wrong: one that counts in UTC may go by a wrong zone. Where the zone can't be
   * set (MS), there is no schedule that goes by it.
   */
  get error(): number {
    if (this.counts === 'local' || this.#told === undefined || !this.#holds) return this.clockError
    return this.clockError + this.#told * HOUR - this.zone
  }

  /** What the device's clock should show. */
  get right(): number {
    return this.#hostUtc + this.utcOffset
  }

  /** The zone to set in a device that goes by one, in whole hours as its document has it; undefined where it holds none. */
  get heldZone(): number | undefined {
    const hours = this.zone / HOUR
    return this.#holds && Number.isInteger(hours) ? hours : undefined
  }

  /**
   * Seconds by which the device's local time is ahead of UTC at a moment. A device says at most how it is now; when that is
   * how it is on the host, the two are in one place, and the host knows when its clocks change.
   * @param utc seconds since 2000
   */
  aheadAt(utc: number): number {
    if (typeof this.#place === 'function') return this.#place((utc + EPOCH_2000) * 1000)
    const told = this.#place === undefined ? undefined : this.#place * HOUR
    return told === undefined || told === this.#hostAheadAt(this.#hostUtc) ? this.#hostAheadAt(utc) : told
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
    return this.counts === 'utc' ? utc : utc + this.aheadAt(utc)
  }

  /** Local time at what the device's clock calls `time`. */
  localOf(time: number): number {
    return this.counts === 'utc' ? time + this.aheadAt(time) : time
  }

  /** The moment in UTC that the device's clock calls `time`; the first of two. */
  momentOf(time: number): number {
    if (this.counts === 'utc') return time
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

/** @throws BridgeError `DEVICE_UNREACHABLE` while the clock of the device is not known */
export function requireTimes(times: DeviceTimes | null): DeviceTimes {
  if (times) return times
  throw new BridgeError(
    'DEVICE_UNREACHABLE',
    'The clock of the device is not known yet. Try again when it has been read.',
  )
}
