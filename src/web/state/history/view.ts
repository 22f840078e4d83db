/** Which part of the history is shown: up to now, or whole days of the calendar. It stands in the address of the page. */
import { HISTORY_DAYS, type HistoryRange, RANGES, type Span } from './samples.ts'

export interface HistoryView {
  readonly range: HistoryRange
  /** The last day, YYYY-MM-DD where one is; null: up to now. */
  readonly last: string | null
  /** The serial of the device whose temperature is drawn beside. */
  readonly beside?: string
  /** The part of it that is looked at closely. */
  readonly zoom?: Span
}

const DAY_MS = 86_400_000

/**
 * Anybody can write an address: what is no range is a day, what is no past day is now, and what says nothing else that is
 * understood is left out.
 */
export function viewIn([range, last = '', ...more]: readonly string[], today: string): HistoryView {
  const view = upTo({ range: RANGES.find((each) => each === range) ?? 'day', last }, today)
  const named = (name: string) => more.find((step) => step.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const beside = SERIAL.exec(named('beside'))?.[0]
  const [, from, to] = /^([0-9]{1,11})-([0-9]{1,11})$/.exec(named('zoom')) ?? []
  const zoom = from !== undefined && Number(from) < Number(to) ? { from: Number(from), to: Number(to) } : undefined
  return { ...view, ...(beside === undefined ? {} : { beside }), ...(zoom === undefined ? {} : { zoom }) }
}

/** As the bridge's serials are, so that nothing else becomes a part of a request. */
const SERIAL = /^[A-Za-z0-9_-]{4,64}$/

export function stepsOf({ range, last, beside, zoom }: HistoryView): readonly string[] {
  const more = [
    ...(beside === undefined ? [] : [`beside=${beside}`]),
    ...(zoom === undefined ? [] : [`zoom=${Math.round(zoom.from)}-${Math.round(zoom.to)}`]),
  ]
  if (more.length > 0) return [range, last ?? 'now', ...more]
  return last !== null ? [range, last] : range === 'day' ? [] : [range]
}

/** Closer than this there is nothing to see, in seconds. */
const LEAST_ZOOM = 600

/** The part of a range that is looked at; undefined for one that lies outside of it or is hardly less than all of it. */
export function zoomedIn(zoom: Span | undefined, { from, to }: Span): Span | undefined {
  if (zoom === undefined) return undefined
  const length = Math.min(to - from, Math.max(LEAST_ZOOM, Math.min(zoom.to, to) - Math.max(zoom.from, from)))
  if (zoom.from >= to || zoom.to <= from || length >= to - from - 1) return undefined
  const start = Math.min(Math.max(zoom.from, from), to - length)
  return { from: start, to: start + length }
}

/** Twice as close around a time; undefined where that is too close. */
export function closer(shown: Span, at: number, whole: Span): Span | undefined {
  if (shown.to - shown.from <= LEAST_ZOOM) return undefined
  const quarter = (shown.to - shown.from) / 4
  const middle = Math.min(Math.max(at, shown.from + quarter), shown.to - quarter)
  return zoomedIn({ from: middle - quarter, to: middle + quarter }, whole)
}

/** The same length, before or after. */
export function moved({ range, last }: HistoryView, direction: 1 | -1, today: string): HistoryView {
  return upTo({ range, last: plusDays(last ?? today, direction * HISTORY_DAYS[range]) }, today)
}

export const yesterday = (today: string): HistoryView => ({ range: 'day', last: plusDays(today, -1) })

function upTo({ range, last }: { range: HistoryRange; last: string }, today: string): HistoryView {
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(last) && plusDays(last, 0) === last
  return { range, last: isDay && last < today ? last : null }
}

/** A day of the calendar so many days later. @param date YYYY-MM-DD; what is no day gives an empty text */
export function plusDays(date: string, days: number): string {
  const at = new Date(Date.parse(date) + days * DAY_MS)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().slice(0, 10)
}

/** Unix seconds of its midnights; null for one that goes up to now. @param momentOf Unix ms of a local time */
export function spanOf({ range, last }: HistoryView, momentOf: (local: string) => number): Span | null {
  if (last === null) return null
  const midnight = (date: string) => momentOf(`${date}T00:00:00`) / 1000
  return { from: midnight(plusDays(last, 1 - HISTORY_DAYS[range])), to: midnight(plusDays(last, 1)) }
}
