/** What a load has used, counted from readings that only say whether it was on at their moments. */

/** One look at the load. */
export interface LoadReading {
  /** Milliseconds of the host's clock that never jumps. */
  readonly at: number
  /** The device's clock in seconds, where its telemetry tells it. */
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

/** ms between two readings after which the load may have been switched and switched back unseen: no relay does so sooner. */
const UNSEEN = 2 * 60_000

/** ms between two readings after which nobody can say what happened in between. */
const SHORTEST_GAP = 10 * 60_000

/** ms and share by which the device's clock may differ from the host's over an interval: it tells whole seconds. */
const CLOCK_SLACK = 5_000
const CLOCK_SHARE = 0.02

const HOUR = 3_600_000

export interface EnergyMeterOptions {
  /** Milliseconds between two readings when all goes well. */
  readonly interval: number
  /** What was used before. */
  readonly used?: Usage
}

/**
 * Sums what a load uses. Between two readings that show the same, it was so all the time. Between two that differ, it
 * was switched in the middle, and half of the interval is stated as the possible error. The figure of an interval is the
 * one it began with.
 *
 * An interval is measured by the host alone, since a device's clock can be set. Where the device says that another time
 * has passed, one of the two stood still or was set: the whole interval is stated as possible error, as it is for
 * intervals so long that the load may have been switched twice. Gaps of more than ten minutes (more than two polls, where
 * these are further apart) count nothing and are no part of the stated error: whoever was away can't say.
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

  /** Returns whether it changed what was used. */
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

  /** Starts again at nothing; what is on goes on counting from here. */
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
