import type { Clock } from '../../core/clock.ts'

/** The moment at which facts are looked at. */
export interface Moment {
  /** The host's wall clock, Unix ms. */
  readonly now: number
  /** Milliseconds of the host's clock that never jumps. */
  readonly monotonic: number
}

export const momentOf = (clock: Clock): Moment => ({ now: clock.now(), monotonic: clock.monotonic() })
