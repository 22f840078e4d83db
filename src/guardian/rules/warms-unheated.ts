import { faded, follows, minutes, QUIET, round } from '../learn.ts'
import type { Course, Rule } from '../types.ts'

/** °C by which any floor may get warmer without heat, and how many times as much as the most so far is unusual. */
const LEAST_RISE = 1.5
const MUCH = 2
/** The share of its speed under load with which it must get warmer: the sun is slower. */
const FAST = 0.6
/** How much of its speed the last five minutes tell. */
const SHARE = 0.2
/** How many times the load must have warmed the floor, to know how fast it does. */
const LEAST_TIMES = 5
/** Seconds: the shortest delay. */
const SHORTEST = 30 * 60

/**
 * The load is off, but it gets warmer than when the load went off, and goes on doing so. Learned: how fast the load warms, and how
 * much warmer it gets without: by what the floor still holds, and by the sun.
 */
export const warmsUnheated: Rule<{
  /** °C per hour under load, and how often that was seen. */
  warming: number
  times: number
  /** The most °C that it has risen by, that fast, while the load was off; and since the load went off. */
  most: number
  now: number
  /** °C per hour of late, while the load is off. */
  speed: number
  last: number
}> = {
  kind: 'warms_unheated',
  says: 'The load has been off for {minutes} min, but the temperature rose by {rise} °C and is still rising. So far it rose by {usual} °C at most.',
  blank: { warming: Number.NaN, times: 0, most: 0, now: 0, speed: Number.NaN, last: Number.NaN },
  delay: (learned) =>
    learned.times < LEAST_TIMES ? Number.NaN : Math.max(SHORTEST, (unusual(learned) / learned.warming) * 3_600),
  take(learned, { temperature, target, seconds }, course, { warms }) {
    learned.most = faded(learned.most, seconds)
    if (!warms || temperature === null) return undefined
    if (course.ended === 'on') learnWarming(learned, course.before)
    if (course.lasted <= seconds) learnRise(learned)
    if (course.phase !== 'off') return course.phase === 'on' ? null : undefined
    const step = ((temperature - learned.last) / (seconds + course.gap)) * 3_600
    learned.speed = course.lasted <= seconds ? step : follows(learned.speed, step, SHARE)
    learned.last = temperature
    const rise = temperature - Math.max(course.first, target ?? course.first)
    if (rise < LEAST_RISE / 2) return null
    if (!(learned.speed >= FAST * learned.warming)) return undefined
    learned.now = Math.max(learned.now, rise)
    if (course.seen < QUIET || learned.times < LEAST_TIMES || rise < unusual(learned)) return undefined
    return { minutes: minutes(course.lasted), rise: round(rise, 1), usual: round(learned.most, 1) }
  },
}

type Learned = typeof warmsUnheated.blank

const unusual = ({ most }: Learned): number => Math.max(LEAST_RISE, MUCH * most)

function learnWarming(learned: Learned, { lasted, lowest, highest }: Course['before']): void {
  const rate = ((highest - lowest) / lasted) * 3_600
  if (!(rate > 0)) return
  learned.warming = follows(learned.warming, rate)
  learned.times += 1
}

/** From a time without heat that is over. What was found to be wrong becomes usual only slowly. */
function learnRise(learned: Learned): void {
  learned.most = Math.max(learned.most, Math.min(learned.now, unusual(learned)))
  learned.now = 0
}
