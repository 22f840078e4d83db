/** What one device's clock counts, and where the device is: learned once, and kept, so that a later difference is an error. */
import type { Model } from '../../catalog/index.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Profile } from '../facts/profile.ts'
import { ClockOffset } from './offset.ts'
import { type ClockZone, type Counts, DeviceTimes } from './times.ts'
import { hostZone, hostZones, type Zone } from './zones.ts'

/** Under this name it is remembered, by these numbers. */
const COUNTS = 'clock_counts'
const CODES: readonly Counts[] = ['utc', 'local']

/** Remembered as 1 of a device that told the zone which the host has: it then goes by the clocks of the host. */
const AS_HOST = 'zone_as_host'

export interface DeviceClockOptions {
  readonly logger: Logger
  readonly serial: string
  /** Where it is by the settings. */
  readonly timezone?: Zone | undefined
  readonly readings: { readonly rows: { readonly model: Pick<Model, 'zone'> } }
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  /** The way to it, which knows by how many seconds its clock is ahead of the host's in UTC; null while it has not told it. */
  readonly way: { readonly clockOffset: number | null }
}

/** Whether a device of this model tells its zone when it is asked for the time. */
export const tellsZone = ({ zone }: Pick<Model, 'zone'>): boolean => zone === 'told' || zone === 'set'

export class DeviceClock {
  /** Hours east of UTC, as the device tells them; undefined while it has not. */
  told: number | undefined
  readonly #options: DeviceClockOptions
  readonly #offset = new ClockOffset()
  #doubted = false
  /** As last asked for, and what they were made of. */
  #times: { readonly made: readonly unknown[]; readonly times: DeviceTimes } | undefined

  constructor(options: DeviceClockOptions) {
    this.#options = options
  }

  /** Seconds by which it is ahead of the right time, without the noise that would be a new state at each poll; null while unknown. */
  get offset(): number | null {
    return this.#offset.shown
  }

  /** null while the device has not told its clock. @param now the host's wall clock, Unix ms */
  times(now: number): DeviceTimes | null {
    const { profile, readings, way } = this.#options
    const { clockOffset } = way
    if (clockOffset === null) return null
    // Each subject asks for them, at the same moment.
    const made = [now, clockOffset, this.told, profile.learned, readings.rows.model]
    if (!this.#times || made.some((each, index) => each !== this.#times?.made[index])) {
      this.#times = { made, times: new DeviceTimes(now, clockOffset, this.#known(now)) }
    }
    return this.#times.times
  }

  /** The device has said something, its clock perhaps. */
  note(now: number): void {
    this.#offset.take(this.times(now)?.error ?? null)
  }

  /** The device was read: learns from its clock, if that is to be learned still. */
  look(now: number): void {
    const { profile, readings, timezone } = this.#options
    const { told } = this
    if (told !== undefined && profile.learned[AS_HOST] !== 1 && told * 3600 === hostZone(now)) {
      // A host without summer time, such as a container in UTC, need not know where it is.
      if (hostZones(now).size > 1) profile.learn(AS_HOST, 1)
    }
    const times = this.#known(now).counts === undefined ? this.times(now) : null
    if (!times) return
    // Whoever tells a zone is asked for it before its clock is judged.
    if (tellsZone(readings.rows.model) && timezone === undefined && told === undefined) return
    if (!times.fits) this.#doubt(times)
    // Where local time is UTC, both are alike until the clocks change.
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
    // The clock of a device that knows no zone can show no local time but its owner's.
    if (named !== undefined && zone === 'unknown') return { place: named, counts: 'local' }
    return {
      place: named ?? this.#place(now),
      told: this.told,
      counts: CODES[profile.learned[COUNTS] ?? -1],
      holds: zone === 'set',
    }
  }

  /** Without its cloud, nobody tells a device that summer time begins or ends: it goes on with the zone of before. */
  #place(now: number): number | Zone | undefined {
    const { told } = this
    if (told === undefined || this.#options.profile.learned[AS_HOST] !== 1) return told
    return hostZones(now).has(told * 3600) ? hostZone : told
  }
}

/** Such as `2 h 5 min ahead of`. */
function apart(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  const text = days > 0 ? `${days} d ${hours} h` : `${hours > 0 ? `${hours} h ` : ''}${minutes % 60} min`
  return `${text} ${seconds < 0 ? 'behind' : 'ahead of'}`
}
