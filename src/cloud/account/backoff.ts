const BASE_MS = 30_000
const MAX_MS = 30 * 60_000

/**
 * How long to wait after a number of failures in a row, in milliseconds from 30 s to 30 min: anywhere between 30 s and a
 * bound that doubles, so that the installations that lost one cloud together don't come back together.
 * @param failures 1 or more.
 * @param random gives numbers from 0 to 1.
 */
export function backoff(failures: number, random: () => number): number {
  const bound = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures, 16))
  return BASE_MS + random() * (bound - BASE_MS)
}
