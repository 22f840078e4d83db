/** When the clock of a device is asked for, and the zone of one that has it. */
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { TELLS_NO_CLOCK } from '../facts/firmware.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceLink } from '../link/link.ts'
import { type DeviceClock, tellsZone } from './facts.ts'
import { hostZone } from './zones.ts'

/** The clock is asked for as often as this, in ms: clocks drift, and time zones change twice a year. */
const EVERY = 60 * 60_000

/** The same after it did not answer. */
const AGAIN = 60_000

/** Seconds by which a clock has leapt, more than any drift. */
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
  /** When it is asked for next, on the monotonic clock. */
  #due = Number.NEGATIVE_INFINITY
  /** By how much it was ahead when its zone was asked for. */
  #aheadThen: number | null = null
  /** The host's zone then: when that changes, the device's may have changed as well. */
  #hostThen: number | undefined

  constructor(options: ClockReadsOptions) {
    this.#options = options
  }

  /** Has it asked for at the next opportunity: it was set. */
  expire(): void {
    this.#due = Number.NEGATIVE_INFINITY
  }

  /** Asks, where that is of use. @param inTelemetry whether its telemetry tells its clock */
  async read(link: DeviceLink, inTelemetry: boolean): Promise<void> {
    const { clock, facts } = this.#options
    const { profile, readings } = facts
    const { model } = readings.rows
    const ahead = link.clockOffset
    const now = clock.monotonic()
    const told = tellsZone(model)
    // A clock that has leapt may have been put forward or back, and its zone with it.
    const leapt = told && ahead !== null && Math.abs(ahead - (this.#aheadThen ?? ahead)) > LEAP
    const host = hostZone(clock.now())
    const summer = told && host !== (this.#hostThen ?? host)
    // Setting it and restarting make the link forget it.
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
      // What the poll was for has been read. Firmware before 2.4 answers nothing of use to `{"cmd":3}`, ever.
      if (error.code !== 'DEVICE_BAD_REPLY') this.#due = now + AGAIN
      else if (model.vendor === 'Terneo') profile.learn(TELLS_NO_CLOCK, 1)
    }
    this.#aheadThen = link.clockOffset
  }
}
