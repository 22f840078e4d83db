/** Which part of the history is shown: up to now, or whole days of the calendar. It stands in the address of the page. */
import { HISTORY_DAYS, type HistoryRange, RANGES } from './history.ts'

export interface HistoryView {
  readonly range: HistoryRange
  /** The last day, YYYY-MM-DD where one is; null: up to now. */
  readonly last: string | null
}

const DAY_MS = 86_400_000

/** YYYY-MM-DD by the clock of whoever looks. */
export function dateOf(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** Anybody can write an address: what is no range is a day, what is no past day is now. */
export function viewIn([range, last = '']: readonly string[], today: string): HistoryView {
  return upTo({ range: RANGES.find((each) => each === range) ?? 'day', last }, today)
}

export const stepsOf = ({ range, last }: HistoryView): readonly string[] =>
  last !== null ? [range, last] : range === 'day' ? [] : [range]

/** The same length, before or after. */
export function moved({ range, last }: HistoryView, direction: 1 | -1, today: string): HistoryView {
  return upTo({ range, last: plusDays(last ?? today, direction * HISTORY_DAYS[range]) }, today)
}

export const yesterday = (today: string): HistoryView => ({ range: 'day', last: plusDays(today, -1) })

function upTo({ range, last }: { range: HistoryRange; last: string }, today: string): HistoryView {
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(last) && plusDays(last, 0) === last
  return { range, last: isDay && last < today ? last : null }
}

/** Noon, so that a change of clocks moves no day. */
const noonOf = (date: string): Date => new Date(`${date}T12:00:00`)

const plusDays = (date: string, days: number): string => dateOf(new Date(noonOf(date).getTime() + days * DAY_MS))

/** Unix seconds of its midnights; null for one that goes up to now. */
export function spanOf({ range, last }: HistoryView): { readonly from: number; readonly to: number } | null {
  if (last === null) return null
  const midnight = (date: string) => new Date(`${date}T00:00:00`).getTime() / 1000
  return { from: midnight(plusDays(last, 1 - HISTORY_DAYS[range])), to: midnight(plusDays(last, 1)) }
}
