/** How numbers are learned, each in constant time and memory. */

const DAY = 86_400
/** Seconds after which half of a largest value is forgotten. */
const FORGOTTEN = 30 * DAY

/** Seconds of known values before anything is found. */
export const QUIET = 3 * DAY

/** A mean that follows slowly; the first value is taken as it is. NaN while nothing is known. */
export const follows = (mean: number, value: number, share = 0.1): number =>
  Number.isNaN(mean) ? value : mean + share * (value - mean)

/** A largest value that is forgotten slowly, after some seconds. */
export const faded = (largest: number, seconds: number): number => largest * 0.5 ** (seconds / FORGOTTEN)

/** A number rounded to that many decimals. */
export const round = (value: number, decimals = 0): number => Math.round(value * 10 ** decimals) / 10 ** decimals

export const minutes = (seconds: number): number => Math.round(seconds / 60)
