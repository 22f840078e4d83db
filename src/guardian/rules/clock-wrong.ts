import { minutes } from '../learn.ts'
import type { Rule } from '../types.ts'

/** Seconds from which the clock is wrong, and up to which it is right again. */
const WRONG = 5 * 60
const RIGHT = 4 * 60
/** Seconds for which it must be wrong: the bridge may just have been told of summer time. */
const SURE = 10 * 60

/** The clock of the device is wrong, and so are its schedule and its away times. */
export const clockWrong: Rule<{ seconds: number }> = {
  kind: 'clock_wrong',
  says: 'The clock of the device is wrong by {minutes} min, and so are the times of its schedule.',
  blank: { seconds: 0 },
  delay: () => SURE,
  take(learned, { seconds }, _course, { clockOffset }) {
    if (clockOffset === null) return undefined
    const wrong = Math.abs(clockOffset)
    learned.seconds = wrong > WRONG ? learned.seconds + seconds : 0
    if (learned.seconds >= SURE) return { minutes: minutes(wrong) }
    return wrong <= RIGHT ? null : undefined
  },
}
