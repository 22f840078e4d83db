import { follows, minutes, QUIET, round } from '../learn.ts'
import type { Course, Rule } from '../types.ts'

/** °C that count as warming. */
const RISE = 0.5
/** Seconds: the shortest delay, and how many times the load must have warmed the floor to know it. */
const SHORTEST = 20 * 60
const LEAST = 5
/** How many times the delay is unusual. */
const MUCH = 1.3
/** The share of its usual cooling that a floor without heat shows at least, and the least drop in °C that is no noise. */
const COOLS = 0.25
const DROP = 0.2
/** How much of its cooling the last five minutes without heat tell. */
const SHARE = 0.2

/**
 * The load is on, but the floor cools as it does without heat. Learned: how long this floor takes to warm by half a degree, and
 * how fast it cools. A floor that only stays as warm as it is may be at its limit, and is no finding.
 */
export const notWarming: Rule<{
  /** Seconds until the load has warmed the floor by `RISE`: mean and mean deviation. */
  usual: number
  spread: number
  times: number
  /** °C per hour by which it cooled at the end of the last time without heat. */
  cooling: number
  last: number
  /** Since the last progress: seconds, the lowest temperature, the temperature then. */
  stalled: number
  lowest: number
  from: number
  /** Whether this heating has warmed by `RISE`. */
  warmed: number
}> = {
  kind: 'not_warming',
  says: 'The load has been on for {minutes} min, but the temperature fell by {drop} °C. Usually it rises within {usual} min.',
  blank: {
    usual: Number.NaN,
    spread: 0,
    times: 0,
    cooling: Number.NaN,
    last: Number.NaN,
    stalled: 0,
    lowest: Number.NaN,
    from: Number.NaN,
    warmed: 0,
  },
  delay: ({ usual, spread, times }) => (times < LEAST ? Number.NaN : Math.max(SHORTEST, usual + 2 * spread)),
  take(learned, { temperature, controlled, target, seconds }, course, { warms }) {
    if (!warms || temperature === null) return undefined
    learnCooling(learned, temperature, seconds, course)
    // The load switches faster than the samples, so the floor warms at once.
    if (course.phase === 'mixed' && course.ended === 'off') learnDelay(learned, seconds)
    if (course.phase !== 'on') {
      const there = controlled !== null && target !== null && controlled >= target - RISE
      return course.phase === 'off' && there ? null : undefined
    }
    if (course.lasted <= seconds)
      Object.assign(learned, { stalled: 0, lowest: temperature, from: temperature, warmed: 0 })
    learned.stalled += seconds
    learned.lowest = Math.min(learned.lowest, temperature)
    if (temperature >= learned.lowest + RISE) {
      if (learned.warmed === 0) learnDelay(learned, course.lasted)
      Object.assign(learned, { stalled: 0, lowest: temperature, from: temperature, warmed: 1 })
      return null
    }
    const delay = notWarming.delay(learned)
    const drop = learned.from - temperature
    const cooled = Math.max(DROP, (COOLS * learned.cooling * learned.stalled) / 3_600)
    if (course.seen < QUIET || !(learned.stalled >= MUCH * delay && drop >= cooled)) return undefined
    return { minutes: minutes(learned.stalled), drop: round(drop, 1), usual: minutes(learned.usual) }
  },
}

type Learned = typeof notWarming.blank

function learnDelay(learned: Learned, seconds: number): void {
  const { usual } = learned
  // One extraordinary course, such as an open window, does not say much.
  const taken = learned.times < LEAST ? seconds : Math.min(seconds, 3 * Math.max(SHORTEST, usual))
  learned.spread = learned.times === 0 ? 0 : follows(learned.spread, Math.abs(taken - usual))
  learned.usual = follows(usual, taken)
  learned.times += 1
}

function learnCooling(learned: Learned, now: number, seconds: number, { phase, ended, gap }: Course): void {
  if (phase === 'off' && ended === null && gap === 0) {
    learned.cooling = follows(learned.cooling, ((learned.last - now) / seconds) * 3_600, SHARE)
  }
  learned.last = now
}
