/** The clock of one device, and the times made from it for away and boost. */
import { BridgeError } from '../../core/errors.ts'
import { deviceTimeToIso, EPOCH_2000 } from '../../protocol/epoch.ts'
import { hostZone, type Zone } from './zones.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** Seconds of error up to which, at first sight, a clock is taken to count in UTC or in local time. */
const FITS = HOUR / 2

/** Seconds of error up to which a wrong clock is taken to be meant for the nearer of UTC and local time. */
const NEAR = 3 * HOUR

/** What the seconds of a device's clock count. The documents say it for some models only. */
export type Counts = 'utc' | 'local'

/** Local time as the device may have it. */
export interface LocalTime {
  /** Seconds since 2000-01-01 00:00 in local time. */
  readonly local: number
  /** Seconds by which local time is ahead of UTC. */
  readonly ahead: number
}

export interface ClockZone {
  /**
   * Where the device is: hours east of UTC as the device tells them, or the zone that the owner named. Left out when nobody
   * has said: then the device is taken to be where the host is.
   */
  readonly place?: number | Zone | undefined
  /** Hours east of UTC that the device itself goes by, if it tells them. */
  readonly told?: number | undefined
  /** What the device's clock counts, if that is known; left out when the clock is seen for the first time. */
  readonly counts?: Counts | undefined
  /** Whether the device holds a zone that can be set together with its clock. */
  readonly holds?: boolean
  /** The host's own time zone. */
  readonly host?: Zone
}

export class DeviceTimes {
  /** The device's clock, seconds since 2000. */
  readonly now: number
  /** What the clock counts, as known or as guessed from the clock itself. */
  readonly counts: Counts
  readonly #hostUtc: number
  readonly #hostAhead: Zone
  readonly #place: number | Zone | undefined
  readonly #told: number | undefined
  readonly #holds: boolean

  /**
   * @param hostNow the host's wall clock, Unix ms: the right time, and at first sight the measure for what the device counts
   * @param ahead seconds by which the device's clock is ahead of the host's
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
   * UTC or local time, whichever the clock shows to within half an hour. A clock that shows neither is wrong. If it is wrong
   * by a few hours at most, it is meant for the nearer of the two. If by more, it was never set, and is meant for local time,
   * which the schedule goes by.
   */
  #firstSight(): Counts {
    const ahead = this.now - this.#hostUtc
    const zone = this.zone
    const [fromUtc, fromLocal] = [Math.abs(ahead), Math.abs(ahead - zone)]
    if (zone === 0 || fromUtc <= FITS) return 'utc'
    return fromUtc < fromLocal && fromUtc <= NEAR ? 'utc' : 'local'
  }

  /** Whether the clock shows what it is taken to count, to within half an hour. */
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
   * The local times that the device may have, the likeliest first; the schedule goes by local time. For a device that counts
   * in UTC, and whose place nobody has named, the host's zone is one of the guesses.
   */
  get locals(): readonly LocalTime[] {
    const { now, zone } = this
    if (this.counts === 'local') return [{ local: now, ahead: zone }]
    const there = { local: now + zone, ahead: zone }
    if (this.#place !== undefined) return [there]
    const shown = { local: now, ahead: 0 }
    return zone === 0 ? [shown] : [shown, there]
  }

  /** Seconds by which the device's clock is wrong against the host's; the time zone is allowed for. */
  get clockError(): number {
    return this.now - this.#hostUtc - this.utcOffset
  }

  /**
   * Seconds by which local time at the device is wrong: a device that counts in UTC may go by a wrong zone. Where the zone
   * can't be set (MS), no schedule goes by it, so it does not count.
   */
  get error(): number {
    if (this.counts === 'local' || this.#told === undefined || !this.#holds) return this.clockError
    return this.clockError + this.#told * HOUR - this.zone
  }

  /** What the device's clock should show. */
  get right(): number {
    return this.#hostUtc + this.utcOffset
  }

  /**
   * The zone to set in a device that holds one, in whole hours as its document requires; undefined for a device that holds
   * none.
   */
  get heldZone(): number | undefined {
    const hours = this.zone / HOUR
    return this.#holds && Number.isInteger(hours) ? hours : undefined
  }

  /**
   * Seconds by which the device's local time is ahead of UTC at a moment. A device tells at most its present zone. When that
   * equals the host's, the two are in one place, and the host knows when the clocks change there.
   * @param utc seconds since 2000
   */
  aheadAt(utc: number): number {
    if (typeof this.#place === 'function') return this.#place((utc + EPOCH_2000) * 1000)
    const told = this.#place === undefined ? undefined : this.#place * HOUR
    return told === undefined || told === this.#hostAheadAt(this.#hostUtc) ? this.#hostAheadAt(utc) : told
  }

  /**
   * The same for a local time that is `now` seconds ahead at present. It follows the host's clock changes only if it agrees
   * with the host now.
   */
  aheadThen(utc: number, now: number): number {
    return now === this.aheadAt(this.utc) ? this.aheadAt(utc) : now
  }

  /**
   * The moments in UTC at which local time is `local`: none in the hour that clocks skip, two in the hour that they repeat.
   */
  momentsOf(local: number): readonly number[] {
    const offsets = new Set([this.aheadAt(local - DAY), this.aheadAt(local + DAY)])
    return [...offsets].map((ahead) => local - ahead).filter((utc) => utc + this.aheadAt(utc) === local)
  }

  /** What the device's clock shows at a moment in UTC. */
  deviceTime(utc: number): number {
    return this.counts === 'utc' ? utc : utc + this.aheadAt(utc)
  }

  /** The local time when the device's clock shows `time`. */
  localOf(time: number): number {
    return this.counts === 'utc' ? time + this.aheadAt(time) : time
  }

  /** The moment in UTC when the device's clock shows `time`; the first when there are two. */
  momentOf(time: number): number {
    if (this.counts === 'utc') return time
    return this.momentsOf(time)[0] ?? time - this.utcOffset
  }

  /** The end of a boost of `minutes`, in UTC as parameter 64 requires (Welrok OZ, "Parameters list"). */
  boostEnd(minutes: number): string {
    return deviceTimeToIso(this.utc + minutes * 60, 'utc')
  }

  #hostAheadAt(utc: number): number {
    return this.#hostAhead((utc + EPOCH_2000) * 1000)
  }
}

/** @throws BridgeError `DEVICE_UNREACHABLE` while the device's clock is not known */
export function requireTimes(times: DeviceTimes | null): DeviceTimes {
  if (times) return times
  throw new BridgeError(
    'DEVICE_UNREACHABLE',
    'The clock of the device is not known yet. Try again when it has been read.',
  )
}
