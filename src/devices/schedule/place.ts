/** Where a device is in its week: by its own clock, and by the number of the period that its telemetry names (`m.2`). */

import { timeToMinutes } from '../../protocol/epoch.ts'
import { DAYS, type Day, MAX_PERIODS, type Period, type Week } from '../../protocol/schedule.ts'
import type { LocalTime } from '../clock/times.ts'

const DAY_SECONDS = 86_400
const WEEK_SECONDS = 7 * DAY_SECONDS

/** Devices count from 2000-01-01, a Saturday; weeks begin on the Monday after it. */
const FIRST_MONDAY = 2 * DAY_SECONDS

/** The telemetry may be from just before a change, and a device may look at its schedule only once a minute. */
const SKEWS = [0, -60, 60] as const

export interface WeekPeriod extends Period {
  readonly day: Day
  /** Seconds since Monday 00:00. */
  readonly start: number
  /**
   * The period's number in `m.2`. Terneo counts from the first period of Monday, with 16 numbers a day, and so does the
   * example in Welrok's documents. Their text, however, numbers the existing periods consecutively. Units of both kinds may
   * exist.
   */
  readonly byDay: number
  readonly running: number
}

export interface Place {
  readonly period: WeekPeriod
  readonly next: WeekPeriod
  /** When the next period begins, in seconds since 2000 in UTC; null when the clock is not known or disagrees. */
  readonly nextAt: number | null
  /** Whether clock and telemetry agree; true when only one of them is known. */
  readonly agreed: boolean
}

/** Every period of the week, in order. */
export function periodsOf(week: Week): readonly WeekPeriod[] {
  const periods = DAYS.flatMap((day, dayIndex) =>
    week[day].map((period, index) => ({
      ...period,
      day,
      start: dayIndex * DAY_SECONDS + (timeToMinutes(period.time) ?? 0) * 60,
      byDay: dayIndex * MAX_PERIODS + index,
    })),
  )
  return periods.map((period, running) => ({ ...period, running })).sort((a, b) => a.start - b.start)
}

function secondOfWeek(local: number): number {
  return (((local - FIRST_MONDAY) % WEEK_SECONDS) + WEEK_SECONDS) % WEEK_SECONDS
}

/** The index of the period at a moment; before the first of Monday it is the last of Sunday. */
function indexAt(periods: readonly WeekPeriod[], local: number): number {
  const second = secondOfWeek(local)
  const index = periods.findLastIndex(({ start }) => start <= second)
  return index === -1 ? periods.length - 1 : index
}

/** When the period after the one at `local` begins, counted like `local`. */
function nextStart(local: number, next: WeekPeriod): number {
  const second = secondOfWeek(local)
  return local - second + next.start + (next.start <= second ? WEEK_SECONDS : 0)
}

/**
 * The period in force and the one after it. The clock decides; where nobody knows the device's zone, the first of `times` that
 * fits the period number is used.
 * @param times the local times that the device may have, the likeliest first; empty when its clock is not known
 * @param number `m.2`; undefined when the device does not tell it
 * @param trusted whether the number overrides the clock when they disagree: it does while the schedule is followed
 * @param aheadThen seconds by which local time will be ahead of UTC at a moment in UTC, given how far it is ahead now: clocks
 *   change
 */
export function placeIn(
  periods: readonly WeekPeriod[],
  times: readonly LocalTime[],
  number: number | undefined,
  trusted: boolean,
  aheadThen: (utc: number, now: number) => number = (_, now) => now,
): Place | null {
  const at = (index: number): WeekPeriod | undefined => periods[(index + periods.length) % periods.length]
  const placed = (index: number, time: LocalTime | undefined, agreed: boolean): Place | null => {
    const [period, next] = [at(index), at(index + 1)]
    if (!period || !next) return null
    if (!time) return { period, next, nextAt: null, agreed }
    const start = nextStart(time.local, next)
    return { period, next, nextAt: Math.round(start - aheadThen(start - time.ahead, time.ahead)), agreed }
  }
  for (const time of times) {
    for (const skew of number === undefined ? [0] : SKEWS) {
      const moved = { local: time.local + skew, ahead: time.ahead }
      const index = indexAt(periods, moved.local)
      const period = at(index)
      if (number === undefined || period?.byDay === number || period?.running === number) {
        return placed(index, moved, true)
      }
    }
  }
  const [time] = times
  const told = number === undefined ? -1 : numbered(periods, number)
  if (told >= 0 && (trusted || !time)) return placed(told, undefined, !time)
  return time ? placed(indexAt(periods, time.local), time, false) : null
}

/**
 * The index of the period with a number. By 16 numbers a day, all days but the first exceed the count of periods; a number
 * below the count may be of either kind.
 */
function numbered(periods: readonly WeekPeriod[], number: number): number {
  const running = periods.findIndex((period) => period.running === number)
  return running >= 0 ? running : periods.findIndex((period) => period.byDay === number)
}
