import { faded, QUIET, round } from '../learn.ts'
import type { Rule } from '../types.ts'

/** Seconds of heating that are never unusual. */
const SHORTEST = 3_600
/** °C added to the way to go: switching on and off takes some time by itself. */
const SOME = 0.5
/** How many times as long is unusual. */
const MUCH = 2
const LEAST_TIMES = 5

/** The load heats far longer than usual for the way to the setpoint. Learned: the longest heating for a degree to go. */
export const heatingLong: Rule<{
  /** Seconds for a degree. */
  most: number
  times: number
  /** °C that this heating had to go. */
  way: number
}> = {
  kind: 'heating_long',
  says: 'The load has been on for {hours} h without a break to warm by {way} °C. So far that took {usual} h at most.',
  blank: { most: 0, times: 0, way: 0 },
  delay: (learned) => (learned.times < LEAST_TIMES ? Number.NaN : expected(learned)),
  take(learned, { controlled, target, seconds }, course, { warms }) {
    learned.most = faded(learned.most, seconds)
    if (!warms || controlled === null || target === null) return undefined
    if (course.ended === 'on') learn(learned, course.before.lasted, course.seen)
    if (course.phase !== 'on') return null
    const way = Math.max(0, target - controlled)
    learned.way = course.lasted <= seconds ? way : Math.max(learned.way, way)
    const usual = expected(learned)
    if (course.seen < QUIET || learned.times < LEAST_TIMES || course.lasted < MUCH * usual) return undefined
    return { hours: round(course.lasted / 3_600, 1), way: round(learned.way, 1), usual: round(usual / 3_600, 1) }
  },
}

type Learned = typeof heatingLong.blank

const expected = ({ most, way }: Learned): number => Math.max(SHORTEST, most * (way + SOME))

function learn(learned: Learned, lasted: number, seen: number): void {
  const most = lasted / (learned.way + SOME)
  // What was found to be unusual becomes usual only slowly.
  const taken =
    seen < QUIET || learned.times < LEAST_TIMES
      ? most
      : Math.min(most, (1.5 * expected(learned)) / (learned.way + SOME))
  learned.most = Math.max(learned.most, taken)
  learned.times += 1
}
