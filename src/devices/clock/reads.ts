/** Decides when to ask a device for its clock, and for its zone where it has one. */
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { TELLS_NO_CLOCK } from '../facts/firmware.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceLink } from '../link/link.ts'
import { type DeviceClock, tellsZone } from './facts.ts'
import { hostZone } from './zones.ts'

/** Milliseconds between two readings of the clock: clocks drift, and time zones change twice a year. */
const EVERY = 60 * 60_000

/** Milliseconds until the next try when the device did not answer. */
const AGAIN = 60_000

/** Seconds of change that count as a leap: more than any drift. */
const LEAP = 60

export interface ClockReadsOptions {
  readonly clock: Clock
  readonly facts: {
    readonly clock: Pick<DeviceClock, 'told'>
    readonly profile: Pick<Profile, 'learned' | 'learn'>
    readonly readings: Pick<Readings, 'rows'>
  }
}

export class ClockReads {
  readonly #options: ClockReadsOptions
  /** When the clock is asked for next, on the monotonic clock. */
  #due = Number.NEGATIVE_INFINITY
  /** By how much the clock was ahead when its zone was asked for. */
  #aheadThen: number | null = null
  /** The host's zone at that time: when it changes, the device's zone may have changed as well. */
  #hostThen: number | undefined

  constructor(options: ClockReadsOptions) {
    this.#options = options
  }

  /** The clock was set: it is asked for again at the next opportunity. */
  expire(): void {
    this.#due = Number.NEGATIVE_INFINITY
  }

  /** Asks for clock and zone where that is of use. @param inTelemetry whether the device's telemetry tells its clock */
  async read(link: DeviceLink, inTelemetry: boolean): Promise<void> {
    const { clock, facts } = this.#options
    const { profile, readings } = facts
    const { model } = readings.rows
    const ahead = link.clockOffset
    const now = clock.monotonic()
    const told = tellsZone(model)
    // A clock that has leapt may have been set by hand, and its zone with it.
    const leapt = told && ahead !== null && Math.abs(ahead - (this.#aheadThen ?? ahead)) > LEAP
    const host = hostZone(clock.now())
    const summer = told && host !== (this.#hostThen ?? host)
    // The link forgets the clock when it is set or the device restarts.
    const forgotten = ahead === null && this.#aheadThen !== null
    if ((!told && inTelemetry) || (now < this.#due && !leapt && !forgotten && !summer)) return
    this.#due = now + EVERY
    this.#hostThen = host
    try {
      const { zone } = await link.readTime()
      if (told) facts.clock.told = zone
      if (profile.learned[TELLS_NO_CLOCK] === 1) profile.learn(TELLS_NO_CLOCK, 0)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      // The poll itself has read what it was for, so this failure is not passed on. Firmware before 2.4 never answers
      // `{"cmd":3}` usefully.
      if (error.code !== 'DEVICE_BAD_REPLY') this.#due = now + AGAIN
      else if (model.vendor === 'Terneo') profile.learn(TELLS_NO_CLOCK, 1)
    }
    this.#aheadThen = link.clockOffset
  }
}
