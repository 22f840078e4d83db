import { runTime } from './run-time.ts'

/**
 * How long a test waits for something before it fails, in ms in which its process could run. Long, as only a test that fails waits
 * until the end, and other programs may take their time on a busy machine.
 */
export const PATIENCE = 60_000

/** Resolves when `check` gives something other than false, undefined or null, with that. Looks every few ms. */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  within = PATIENCE,
): Promise<Exclude<T, false | undefined | null>> {
  const end = runTime.passed + within
  for (;;) {
    const value = await check()
    if (value !== false && value !== undefined && value !== null) {
      return value as Exclude<T, false | undefined | null>
    }
    if (runTime.passed > end) throw new Error(`In ${within / 1000} s it did not come to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
