import { follows, round } from '../learn.ts'
import type { Present, Rule } from '../types.ts'

/** How many times as much as on the same weekday is unusual, and how many hours of load more at least. */
const MUCH = 1.8
const LEAST = 2
/** Days that must have been seen. */
const LEAST_DAYS = 14
/** The share of a day that must be known to compare it. */
const ENOUGH = 0.7
const DAY = 86_400

/** Keys of the seven weekdays: the hours of load of each. */
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/**
 * The load is on for much longer than on the same weekday so far, and with it uses more energy. Learned: the hours of each weekday,
 * and how far they usually differ.
 */
export const energyHigh: Rule<
  Record<(typeof WEEKDAYS)[number], number> & {
    /** The mean of how far days differ, as a logarithm. */
    spread: number
    days: number
    /** The number of this day; its hours of load, kWh and known seconds so far. */
    today: number
    hours: number
    kwh: number
    known: number
    found: number
  }
> = {
  kind: 'energy_high',
  says: 'The load has been on for {hours} h today. On this weekday it is {usual} h usually.',
  blank: {
    ...{ sunday: Number.NaN, monday: Number.NaN, tuesday: Number.NaN, wednesday: Number.NaN },
    ...{ thursday: Number.NaN, friday: Number.NaN, saturday: Number.NaN },
    ...{ spread: 0, days: 0, today: -1, hours: 0, kwh: 0, known: 0, found: 0 },
  },
  delay: () => DAY,
  take(learned, sample, _course, present) {
    const { load, known, power, temperature } = sample
    const day = present.day(sample.at)
    const ended = turn(learned, day)
    if (load === null || temperature === null) return undefined
    learned.hours += (load * known) / 3_600
    learned.kwh += ((power ?? 0) * known) / 3_600_000
    learned.known += known
    const usual = learned[WEEKDAYS[day.weekday] ?? 'sunday']
    const limit = Math.max(usual * Math.max(MUCH, Math.exp(4 * learned.spread)), usual + LEAST)
    if (learned.days < LEAST_DAYS || !(learned.hours > limit)) return ended ? null : undefined
    learned.found = 1
    return { hours: round(learned.hours, 1), usual: round(usual, 1), kwh: round(learned.kwh, 1) }
  },
}

type Learned = typeof energyHigh.blank

/** Learns from the day that is over, at the first sample of the next. True if nothing was unusual then. */
function turn(learned: Learned, { number, weekday }: ReturnType<Present['day']>): boolean {
  if (number === learned.today) return false
  const before = WEEKDAYS.at((weekday - (number - learned.today)) % 7)
  const fresh = learned.today === -1 || number < learned.today
  if (!fresh && before && learned.known >= ENOUGH * DAY) learn(learned, before)
  const fine = learned.found === 0
  Object.assign(learned, { today: number, hours: 0, kwh: 0, known: 0, found: 0 })
  return fine
}

function learn(learned: Learned, weekday: (typeof WEEKDAYS)[number]): void {
  const whole = (learned.hours * DAY) / learned.known
  const usual = learned[weekday]
  // Half an hour more, since the logarithm of hardly any use says nothing.
  const differs = Math.abs(Math.log((whole + 0.5) / (usual + 0.5)))
  if (!Number.isNaN(usual)) learned.spread = follows(learned.spread, Math.min(differs, 0.5))
  // A week away does not make the next one unusual.
  const share = whole < usual ? 0.15 : 0.5
  learned[weekday] = follows(usual, learned.found === 0 ? whole : Math.min(whole, MUCH * usual), share)
  learned.days += 1
}
