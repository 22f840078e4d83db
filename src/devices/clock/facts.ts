/**
 * What a device's clock counts, and where the device is. Both are learned once and kept, so that a later difference shows as
 * an error.
 */
import type { Model } from '../../catalog/index.ts'
import { fixedZoneName } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Profile } from '../facts/profile.ts'
import { ClockOffset } from './offset.ts'
import { type ClockZone, type Counts, DeviceTimes } from './times.ts'
import { hostZone, hostZones, type NamedZone, type Zone } from './zones.ts'

/** The name under which the profile keeps what the clock counts, as an index into `CODES`. */
const COUNTS = 'clock_counts'
const CODES: readonly Counts[] = ['utc', 'local']

/**
 * The profile keeps 1 under this name when the device told the same zone as the host's: then it follows the host's clock
 * changes.
 */
const AS_HOST = 'zone_as_host'

export interface DeviceClockOptions {
  readonly logger: Logger
  readonly serial: string
  /** The device's time zone by the settings. */
  readonly timezone?: NamedZone | undefined
  readonly readings: { readonly rows: { readonly model: Pick<Model, 'zone'> } }
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  /**
   * The way to the device. It knows how many seconds the device's clock is ahead of the host's in UTC; null until the device
   * told it.
   */
  readonly way: { readonly clockOffset: number | null }
}

/** Whether a device of this model tells its zone when asked for the time. */
export const tellsZone = ({ zone }: Pick<Model, 'zone'>): boolean => zone === 'told' || zone === 'set'

export class DeviceClock {
  /** Hours east of UTC that the device tells; undefined until it has. */
  told: number | undefined
  readonly #options: DeviceClockOptions
  readonly #offset = new ClockOffset()
  #doubted = false
  /** The times last asked for, and the values that they were made from. */
  #times: { readonly made: readonly unknown[]; readonly times: DeviceTimes } | undefined

  constructor(options: DeviceClockOptions) {
    this.#options = options
  }

  /**
   * Seconds by which the clock is ahead of the right time, without the noise that would make a new state at each poll; null
   * while unknown.
   */
  get offset(): number | null {
    return this.#offset.shown
  }

  /** The device's times; null while the device has not told its clock. @param now the host's wall clock, Unix ms */
  times(now: number): DeviceTimes | null {
    const { profile, readings, way } = this.#options
    const { clockOffset } = way
    if (clockOffset === null) return null
    // Each subject asks for the times at the same moment, so they are made once.
    const made = [now, clockOffset, this.told, profile.learned, readings.rows.model]
    if (!this.#times || made.some((each, index) => each !== this.#times?.made[index])) {
      this.#times = { made, times: new DeviceTimes(now, clockOffset, this.#known(now)) }
    }
    return this.#times.times
  }

  /** The IANA name of the zone that the device's local times are in; null: the host's own. @param now Unix ms */
  zoneName(now: number): string | null {
    const { timezone, readings } = this.#options
    if (readings.rows.model.zone === 'utc') return fixedZoneName(0)
    if (timezone) return timezone.name
    const place = this.#place(now)
    return typeof place !== 'number' || place * 3600 === hostZone(now) ? null : fixedZoneName(place)
  }

  /** Takes note that the device has said something, perhaps its clock. */
  note(now: number): void {
    this.#offset.take(this.times(now)?.error ?? null)
  }

  /** Looks at the clock after a reading, and learns from it what is not known yet. */
  look(now: number): void {
    const { profile, readings, timezone } = this.#options
    const { told } = this
    if (told !== undefined && profile.learned[AS_HOST] !== 1 && told * 3600 === hostZone(now)) {
      // On a host without summer time, such as a container in UTC, an equal zone does not show that the two are in one place.
      if (hostZones(now).size > 1) profile.learn(AS_HOST, 1)
    }
    const times = this.#known(now).counts === undefined ? this.times(now) : null
    if (!times) return
    // A device that tells a zone is asked for it before its clock is judged.
    if (tellsZone(readings.rows.model) && timezone === undefined && told === undefined) return
    if (!times.fits) this.#doubt(times)
    // Where local time is UTC, the two can't be told apart until the clocks change.
    else if (times.zone !== 0) profile.learn(COUNTS, CODES.indexOf(times.counts))
  }

  #doubt({ clockError, counts, utcOffset, zone }: DeviceTimes): void {
    if (this.#doubted) return
    this.#doubted = true
    const { logger, serial } = this.#options
    const [fromUtc, fromLocal] = [clockError + utcOffset, clockError + utcOffset - zone]
    logger.warn(
      { serial },
      `The clock of this device is ${apart(fromUtc)} UTC and ${apart(fromLocal)} local time (UTC${zone < 0 ? '' : '+'}${zone / 3600}). The bridge assumes that it is wrong and should show ${counts === 'utc' ? 'UTC' : 'local time'}: the action sync_clock sets it. If the clock is right and in another time zone, set that under devices, timezone.`,
    )
  }

  #known(now: number): ClockZone {
    const { readings, timezone: named, profile } = this.#options
    const { zone } = readings.rows.model
    if (zone === 'utc') return { place: 0, counts: 'utc' }
    // The clock of a device that holds no zone can show local time only in its owner's zone.
    if (named !== undefined && zone === 'unknown') return { place: named.ahead, counts: 'local' }
    return {
      place: named?.ahead ?? this.#place(now),
      told: this.told,
      counts: CODES[profile.learned[COUNTS] ?? -1],
      holds: zone === 'set',
    }
  }

  /**
   * Where the device is. Without its cloud, nobody tells a device that summer time begins or ends: it keeps the zone it had.
   */
  #place(now: number): number | Zone | undefined {
    const { told } = this
    if (told === undefined || this.#options.profile.learned[AS_HOST] !== 1) return told
    return hostZones(now).has(told * 3600) ? hostZone : told
  }
}

/** An offset in words, such as `2 h 5 min ahead of`. */
function apart(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  const text = days > 0 ? `${days} d ${hours} h` : `${hours > 0 ? `${hours} h ` : ''}${minutes % 60} min`
  return `${text} ${seconds < 0 ? 'behind' : 'ahead of'}`
}
