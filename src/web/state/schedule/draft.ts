/** A weekly schedule being edited: every change gives a new draft, and earlier ones are kept for undo. */
import type { Day, SchedulePeriod, ScheduleWeek } from '../../api/types.ts'

export const DAYS: readonly Day[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

/** @param local a local time */
export const dayOf = (local: string): Day => DAYS[(new Date(`${local}Z`).getUTCDay() + 6) % 7] ?? 'monday'

/** The grid in minutes for mouse and keys; typed times can be anything. */
const GRID = 10
const DAY_MINUTES = 24 * 60
const MOST_UNDO = 50

export type Temperature = SchedulePeriod['temperature']

export type Periods = readonly SchedulePeriod[]

/** A day that somebody has changed. */
interface ChangedDay {
  readonly periods: Periods
  /** What the device had when the change began. */
  readonly over: Periods
}

export type Changes = Readonly<Partial<Record<Day, ChangedDay>>>

/** The changed days alone, so that all others are always as the device has them. */
export interface Draft {
  readonly changes: Changes
  /** Earlier ones, for undo. */
  readonly before: readonly Changes[]
}

export const NO_DRAFT: Draft = { changes: {}, before: [] }

/** The week as it would be. @param saved what the device has */
export function weekOf({ changes }: Draft, saved: ScheduleWeek): ScheduleWeek {
  const days = DAYS.flatMap((day) => (changes[day] ? [[day, changes[day].periods]] : []))
  return { ...saved, ...Object.fromEntries(days) }
}

export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

export function timeOf(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** The day with other periods. `keep: false`: part of a movement, of which only the start can be undone. */
export function withDay(draft: Draft, saved: ScheduleWeek, day: Day, periods: Periods, { keep = true } = {}): Draft {
  const known = draft.changes[day]
  // A change that the device has by now is not one any more.
  const over = known && !same(known.periods, saved[day]) ? known.over : saved[day]
  const { [day]: _, ...others } = draft.changes
  const changes = same(periods, over) ? others : { ...others, [day]: { periods, over } }
  return keep ? changedTo(draft, changes) : { ...draft, changes }
}

export function undo(draft: Draft): Draft {
  const changes = draft.before.at(-1)
  return changes ? { changes, before: draft.before.slice(0, -1) } : draft
}

export function copyDay(draft: Draft, saved: ScheduleWeek, from: Day, to: readonly Day[]): Draft {
  const periods = weekOf(draft, saved)[from]
  const { changes } = to.reduce((copied, day) => withDay(copied, saved, day, periods, { keep: false }), draft)
  return changedTo(draft, changes)
}

const changedTo = ({ changes: was, before }: Draft, changes: Changes): Draft => ({
  changes,
  before: [...before, was].slice(-MOST_UNDO),
})

/** The earliest and the latest time of a period, between its neighbours, in minutes. */
function room(periods: Periods, index: number): { from: number; to: number } {
  const before = periods[index - 1]
  const after = periods[index + 1]
  return {
    from: before ? minutesOf(before.time) + 1 : 0,
    to: after ? minutesOf(after.time) - 1 : DAY_MINUTES - 1,
  }
}

/** The periods with one moved as close to `minutes` as its neighbours allow. */
export function moveTime(
  periods: readonly SchedulePeriod[],
  index: number,
  minutes: number,
): readonly SchedulePeriod[] {
  const { from, to } = room(periods, index)
  const time = timeOf(Math.min(to, Math.max(from, Math.round(minutes))))
  return periods.map((period, at) => (at === index ? { ...period, time } : period))
}

/** Moves to the next grid time, forward or back. */
export function nudgeTime(periods: readonly SchedulePeriod[], index: number, direction: 1 | -1) {
  const minutes = minutesOf(periods[index]?.time ?? '00:00')
  const place = direction > 0 ? Math.floor(minutes / GRID) + 1 : Math.ceil(minutes / GRID) - 1
  return moveTime(periods, index, place * GRID)
}

export const onGrid = (minutes: number): number => Math.round(minutes / GRID) * GRID

export function setTemperature(periods: readonly SchedulePeriod[], index: number, temperature: Temperature) {
  return periods.map((period, at) => (at === index ? { ...period, temperature } : period))
}

/** A day must keep at least one. */
export function removePeriod(periods: readonly SchedulePeriod[], index: number): readonly SchedulePeriod[] {
  return periods.length > 1 ? periods.filter((_, at) => at !== index) : periods
}

/** Adds one in the middle of the longest period, with that period's temperature. */
export function addPeriod(periods: readonly SchedulePeriod[], most: number): readonly SchedulePeriod[] {
  if (periods.length >= most) return periods
  let longest = { at: 0, length: 0 }
  for (const [index, { time }] of periods.entries()) {
    const end = periods[index + 1]
    const length = (end ? minutesOf(end.time) : DAY_MINUTES) - minutesOf(time)
    if (length > longest.length) longest = { at: index, length }
  }
  const before = periods[longest.at]
  if (!before) return periods
  const middle = onGrid(minutesOf(before.time) + longest.length / 2)
  const added = { time: timeOf(Math.min(middle, DAY_MINUTES - 1)), temperature: before.temperature }
  if (periods.some(({ time }) => time === added.time)) return periods
  return [...periods.slice(0, longest.at + 1), added, ...periods.slice(longest.at + 1)]
}

/** The days that differ from what the device has. */
export const changedDays = ({ changes }: Draft, saved: ScheduleWeek): readonly Day[] =>
  DAYS.filter((day) => changes[day] && !same(changes[day].periods, saved[day]))

/** Those of them that are different on the device since they were changed here. */
export const clashes = (draft: Draft, saved: ScheduleWeek): readonly Day[] =>
  changedDays(draft, saved).filter((day) => draft.changes[day] && !same(draft.changes[day].over, saved[day]))

/** A day that clashes, with the one of both that is to stay. */
export function decided(draft: Draft, saved: ScheduleWeek, day: Day, stays: 'own' | 'saved'): Draft {
  const { [day]: own, ...others } = draft.changes
  return changedTo(draft, stays === 'own' && own ? { ...others, [day]: { ...own, over: saved[day] } } : others)
}

/** What is left once changes are written: what was changed again meanwhile. @param saved what the device has now */
export function without({ changes }: Draft, written: Changes, saved: ScheduleWeek): Draft {
  const left = DAYS.flatMap((day) => {
    const now = changes[day]
    if (!now || now === written[day]) return []
    return [[day, written[day] ? { ...now, over: saved[day] } : now]]
  })
  return { changes: Object.fromEntries(left), before: [] }
}

const same = (a: Periods, b: Periods): boolean =>
  a.length === b.length &&
  a.every(({ time, temperature }, index) => time === b[index]?.time && temperature === b[index]?.temperature)

export interface Stretch {
  /** Minutes of the day. */
  readonly from: number
  readonly to: number
  readonly temperature: Temperature
  /** Index of the period in this day; null for the rest of the previous day. */
  readonly index: number | null
}

/** A day as intervals of one temperature from midnight to midnight. It begins with the last period of an earlier day. */
export function stretchesOf(week: ScheduleWeek, day: Day): readonly Stretch[] {
  const periods = week[day]
  const stretches: Stretch[] = periods.map(({ time, temperature }, index) => {
    const next = periods[index + 1]
    return { from: minutesOf(time), to: next ? minutesOf(next.time) : DAY_MINUTES, temperature, index }
  })
  const first = stretches[0]
  if (first?.from === 0) return stretches
  const last = week[DAYS[(DAYS.indexOf(day) + 6) % 7] ?? day].at(-1)
  const carried = last ? [{ from: 0, to: first?.from ?? DAY_MINUTES, temperature: last.temperature, index: null }] : []
  return [...carried, ...stretches]
}
