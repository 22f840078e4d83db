/** Hours put together to days, weeks and months of a time zone. */
import type { Period } from './types.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
/** Days of the longest period of each kind. */
const LONGEST: Readonly<Record<Period, number>> = { day: 1, week: 7, month: 31 }

export interface CalendarHour {
  /** Unix seconds. */
  readonly at: number
  /** 0 to 23, by the clocks of the zone. */
  readonly hour: number
  /** The place of its period in `starts`. */
  readonly part: number
}

export interface Calendar {
  /** In order, without a gap. */
  readonly hours: readonly CalendarHour[]
  /** Unix seconds at which each period begins. */
  readonly starts: readonly number[]
}

/**
 * The hours of the last periods, up to and including the one in which `now` (Unix seconds) is.
 * @param last how many periods
 * @throws RangeError for a time zone that does not exist
 */
export function calendarOf(zone: string, by: Period, last: number, now: number): Calendar {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
  })
  const first = Math.floor((now - (last * LONGEST[by] + 1) * DAY) / HOUR) * HOUR
  const names: string[] = []
  const starts: number[] = []
  const hours: CalendarHour[] = []
  for (let at = first; at < now; at += HOUR) {
    const { hour, name } = placeOf(format, at, by)
    if (name !== names.at(-1)) {
      names.push(name)
      starts.push(at)
    }
    hours.push({ at, hour, part: names.length - 1 })
  }
  const spare = Math.max(0, names.length - last)
  return {
    hours: hours.filter(({ part }) => part >= spare).map((one) => ({ ...one, part: one.part - spare })),
    starts: starts.slice(spare),
  }
}

function placeOf(format: Intl.DateTimeFormat, at: number, by: Period): { hour: number; name: string } {
  const parts = format.formatToParts(at * 1000)
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value)
  const [year, month, day] = [number('year'), number('month'), number('day')]
  const hour = number('hour')
  if (by === 'month') return { hour, name: `${year}-${month}` }
  const date = Date.UTC(year, month - 1, day) / 86_400_000
  // The epoch was a Thursday; weeks begin on Monday.
  return { hour, name: String(by === 'day' ? date : Math.floor((date + 3) / 7)) }
}
