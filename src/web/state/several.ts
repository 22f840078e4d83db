/** One thing done to several devices. */

/** How many are told at once: a browser has no more connections to one place, and other requests need some too. */
const AT_ONCE = 4

export interface Progress {
  readonly done: number
  readonly failed: readonly string[]
  readonly of: number
}

/**
 * Tells each of them, a few at a time, and tells how far it is after each. Resolves when all have answered.
 * @param tell resolves with whether it was taken; must not reject
 */
export async function tellAll(
  serials: readonly string[],
  tell: (serial: string) => Promise<boolean>,
  progress: (now: Progress) => void,
): Promise<void> {
  const waiting = [...serials]
  let done = 0
  const failed: string[] = []
  const report = () => progress({ done, failed: [...failed], of: serials.length })
  const work = async () => {
    for (let serial = waiting.shift(); serial !== undefined; serial = waiting.shift()) {
      if (!(await tell(serial))) failed.push(serial)
      done++
      report()
    }
  }
  report()
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
