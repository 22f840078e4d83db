import type { Clock } from '../../core/clock.ts'
import { EPOCH_2000 } from '../totp.ts'

export interface DeviceClockOptions {
  readonly clock: Clock
  /** Device seconds per true second; 1 is exact. */
  readonly drift: number
  /** Seconds by which the device is ahead at the start. */
  readonly offset: number
  /** Hours east of Greenwich. */
  readonly utcOffset: number
  /** Whether the seconds that the device tells and signs with are UTC or local time: no document says. */
  readonly counts: 'utc' | 'local'
}

const DAY = 86_400

/** 2000-01-01 was a Saturday. Schedule days count from Monday = 0. */
const FIRST_WEEKDAY = 5

/**
 * The device's quartz clock. It reads the wall clock once, when created, and then runs on its own: jumps of the host's clock
 * do not affect it.
 */
export class DeviceClock {
  readonly #clock: Clock
  readonly #drift: number
  readonly #counts: 'utc' | 'local'
  #setTo: number
  #setAt: number
  utcOffset: number

  constructor(options: DeviceClockOptions) {
    this.#clock = options.clock
    this.#drift = options.drift
    this.#counts = options.counts
    this.utcOffset = options.utcOffset
    const zone = options.counts === 'local' ? options.utcOffset * 3600 : 0
    this.#setTo = options.clock.now() / 1000 - EPOCH_2000 + options.offset + zone
    this.#setAt = options.clock.monotonic()
  }

  /** Seconds since 2000 as the device counts them, with fractions. */
  seconds(): number {
    return this.#setTo + ((this.#clock.monotonic() - this.#setAt) / 1000) * this.#drift
  }

  set(seconds: number): void {
    this.#setTo = seconds
    this.#setAt = this.#clock.monotonic()
  }

  /** Seconds by which the device is ahead of the correct time. */
  ahead(): number {
    return this.utc(this.seconds()) - (this.#clock.now() / 1000 - EPOCH_2000)
  }

  /** `seconds` as local time, which is what schedules go by. */
  local(seconds: number): number {
    return this.#counts === 'local' ? seconds : seconds + this.utcOffset * 3600
  }

  /** `seconds` as UTC. */
  utc(seconds: number): number {
    return this.#counts === 'utc' ? seconds : seconds - this.utcOffset * 3600
  }
}

/** Weekday (Monday = 0) and minute of the day of a local time. */
export function weekMoment(local: number): { day: number; minute: number } {
  const days = Math.floor(local / DAY)
  return { day: (((days + FIRST_WEEKDAY) % 7) + 7) % 7, minute: Math.floor((local - days * DAY) / 60) }
}
