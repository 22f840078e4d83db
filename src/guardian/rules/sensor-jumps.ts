import { follows, QUIET, round } from '../learn.ts'
import type { Rule } from '../types.ts'

/** °C within five minutes that any sensor may show, and how many times its usual range is a jump. */
const LEAST = 3
const MUCH = 6
/** Seconds after which half of the jumps no longer counts. */
const HALVED = 3_600
/** How many jumps make a finding, and how few end it. */
const MANY = 2.2
const FEW = 0.3

/** The temperature jumps, as with a loose contact. Learned: how much it usually changes within five minutes. */
export const sensorJumps: Rule<{
  usual: number
  last: number
  /** Jumps of late. */
  jumps: number
  largest: number
  found: number
}> = {
  kind: 'sensor_jumps',
  says: 'The temperature jumped by up to {jump} °C within five minutes, several times in an hour. Usually it changes by {usual} °C.',
  blank: { usual: Number.NaN, last: Number.NaN, jumps: 0, largest: 0, found: 0 },
  delay: () => 40 * 60,
  take(learned, { temperature, low, high, seconds }, course) {
    learned.jumps *= 0.5 ** ((seconds + course.gap) / HALVED)
    if (temperature === null || low === null || high === null) return undefined
    const step = course.gap > 0 || Number.isNaN(learned.last) ? 0 : Math.abs(temperature - learned.last)
    const change = Math.max(high - low, step)
    learned.last = temperature
    const usual = Number.isNaN(learned.usual) ? 0 : learned.usual
    const jumped = change > Math.max(LEAST, MUCH * usual)
    learned.usual = follows(learned.usual, Math.min(change, LEAST), 0.01)
    if (jumped) learned.jumps += 1
    if (jumped) learned.largest = Math.max(learned.found === 0 && learned.jumps < 2 ? 0 : learned.largest, change)
    if (learned.jumps < FEW) learned.found = 0
    if (course.seen < QUIET) return null
    if (learned.jumps < MANY) return learned.found === 0 ? null : undefined
    learned.found = 1
    return { jump: round(learned.largest, 1), usual: round(usual, 1) }
  },
}
