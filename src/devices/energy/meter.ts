/** What a load has used, counted from readings that tell only whether it was on at their moments. */

/** One look at the load. */
export interface LoadReading {
  /** Milliseconds of the host's clock that never jumps. */
  readonly at: number
  /** The device's clock in seconds, if its telemetry tells it. */
  readonly deviceTime: number | undefined
  readonly load: boolean
  /** W that the load draws while it is on; undefined while nobody has said. */
  readonly watts: number | undefined
}

export interface Usage {
  readonly wattHours: number
  /** By how much `wattHours` can be wrong. */
  readonly errorWattHours: number
  readonly onSeconds: number
}

export const NOTHING_USED: Usage = { wattHours: 0, errorWattHours: 0, onSeconds: 0 }

/** Milliseconds between two readings from which the load may have switched on and off unseen: no relay switches faster. */
const UNSEEN = 2 * 60_000

/** Milliseconds between two readings from which nobody can say what happened in between. */
const SHORTEST_GAP = 10 * 60_000

/**
 * Milliseconds, and the share below, by which the device's clock may differ from the host's over an interval: it tells whole
 * seconds.
 */
const CLOCK_SLACK = 5_000
const CLOCK_SHARE = 0.02

const HOUR = 3_600_000

export interface EnergyMeterOptions {
  /** Milliseconds between two readings in normal operation. */
  readonly interval: number
  /** The use counted so far. */
  readonly used?: Usage
}

/**
 * Sums what a load uses. Between two readings that show the same, the load is taken not to have switched. Between two that
 * differ, it is taken to have switched in the middle, and half of the interval is added to the possible error. An interval
 * uses the power known at its beginning.
 *
 * Only the host measures intervals, since a device's clock can be set. When the device shows that a different time has passed,
 * one of the clocks stood still or was set, and the whole interval is added to the possible error. The same holds for an
 * interval so long that the load may have switched twice. A gap of more than ten minutes (or of more than two polls, if these
 * are further apart) counts nothing and adds nothing to the error: nobody knows what happened in it.
 */
export class EnergyMeter {
  readonly #longest: number
  #used: Usage
  #last: LoadReading | undefined

  constructor(options: EnergyMeterOptions) {
    this.#longest = Math.max(SHORTEST_GAP, 2.5 * options.interval)
    this.#used = options.used ?? NOTHING_USED
  }

  get used(): Usage {
    return this.#used
  }

  /** Takes a reading; returns whether it changed the use counted. */
  take(reading: LoadReading): boolean {
    const last = this.#last
    this.#last = reading
    const ms = last ? reading.at - last.at : 0
    if (!last || ms <= 0 || ms > this.#longest || !(last.load || reading.load)) return false
    const switched = last.load !== reading.load
    const on = switched ? ms / 2 : ms
    const unsure = !switched && (ms > UNSEEN || disagree(last, reading, ms)) ? ms : ms - on
    const watts = last.watts ?? 0
    this.#used = {
      wattHours: this.#used.wattHours + (watts * on) / HOUR,
      errorWattHours: this.#used.errorWattHours + (watts * unsure) / HOUR,
      onSeconds: this.#used.onSeconds + on / 1000,
    }
    return true
  }

  /** Starts again at zero; a load that is on is counted from `at`. */
  reset(at: number): void {
    this.#used = NOTHING_USED
    if (this.#last) this.#last = { ...this.#last, at, deviceTime: undefined }
  }
}

function disagree(from: LoadReading, to: LoadReading, ms: number): boolean {
  if (from.deviceTime === undefined || to.deviceTime === undefined) return false
  const told = (to.deviceTime - from.deviceTime) * 1000
  return Math.abs(told - ms) > CLOCK_SLACK + CLOCK_SHARE * ms
}
