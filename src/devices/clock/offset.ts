/** Seconds by which the offset has to move before it is shown anew: devices tell whole seconds, and the LAN delays them. */
const MOVED = 5

/** Seconds of error from which schedules and away times are noticeably wrong; signing may be wrong too. */
const WRONG = 5 * 60

/** The error of a device's clock as the state shows it, without the noise that would make a new state at each poll. */
export class ClockOffset {
  #shown: number | null = null

  get shown(): number | null {
    return this.#shown
  }

  /** @param error seconds by which the device's clock is ahead of the right time; null while unknown */
  take(error: number | null): number | null {
    if (error === null || this.#shown === null || Math.abs(error - this.#shown) > MOVED) this.#shown = error
    return this.#shown
  }
}

/** Whether a clock is wrong enough to matter; null while unknown. */
export function isWrong(offset: number | null): boolean | null {
  return offset === null ? null : Math.abs(offset) > WRONG
}
