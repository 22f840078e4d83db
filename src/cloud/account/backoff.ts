const BASE_MS = 30_000
const MAX_MS = 30 * 60_000

/**
 * How long to wait after a number of failures in a row, in milliseconds from 30 s to 30 min: a random time between 30 s
 * and a bound that doubles, so that installations that lost a cloud at the same time don't all return at the same time.
 * @param failures 1 or more.
 * @param random gives numbers from 0 to 1.
 */
export function backoff(failures: number, random: () => number): number {
  const bound = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures, 16))
  return BASE_MS + random() * (bound - BASE_MS)
}
