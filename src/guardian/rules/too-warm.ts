import { round } from '../learn.ts'
import type { Rule } from '../types.ts'

/** °C above the limit that a floor may reach by what it still holds. */
const ABOVE = 1.5
/** Seconds for which it must be too warm. */
const SURE = 10 * 60

/** Warmer than the highest temperature that is set in the device. */
export const tooWarm: Rule<{ seconds: number }> = {
  kind: 'too_warm',
  says: 'The temperature is {temperature} °C, above the highest one that the device allows, {limit} °C.',
  blank: { seconds: 0 },
  delay: () => SURE,
  take(learned, { low, temperature, seconds }, _course, { limit }) {
    if (limit === null || low === null || temperature === null) return undefined
    if (low <= limit + ABOVE) {
      learned.seconds = 0
      return low <= limit ? null : undefined
    }
    learned.seconds += seconds
    if (learned.seconds < SURE) return undefined
    return { temperature: round(temperature, 1), limit: round(limit, 1) }
  },
}
