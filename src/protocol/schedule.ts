/** The weekly schedule: `tt` by floor, `ttAir` by air (vendors' documents, "Schedule"). */
import { BridgeError } from '../core/errors.ts'
import { isObject, type JsonObject } from '../core/json.ts'
import { minutesToTime, timeToMinutes } from './epoch.ts'

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Day = (typeof DAYS)[number]

export interface Period {
  /** HH:MM at which the period begins. */
  readonly time: string
  /** °C; ±`ALWAYS` for a load that is always on or always off. */
  readonly temperature: number
}

export type Week = Readonly<Record<Day, readonly Period[]>>

export const MAX_PERIODS = 16

/**
 * The °C value that means always on, and negative always off, on OZ (Welrok OZ, "Schedule", in both languages). No
 * document prints one in a schedule: the device shows whether it is 1270, in tenths like all its temperatures, or the
 * plain 127 of the text.
 */
export const ALWAYS = 127

/** °C of a plain 127 among tenths, which such a device may treat as always on. */
export const LOOKS_ALWAYS = ALWAYS / 10

/** Normalises a week of a device with always on and always off, whichever of the two numbers it uses. */
export function withAlways(week: Week): Week {
  const meant = ({ time, temperature }: Period): Period => ({
    time,
    temperature: Math.abs(temperature) === LOOKS_ALWAYS ? Math.sign(temperature) * ALWAYS : temperature,
  })
  return {
    monday: week.monday.map(meant),
    tuesday: week.tuesday.map(meant),
    wednesday: week.wednesday.map(meant),
    thursday: week.thursday.map(meant),
    friday: week.friday.map(meant),
    saturday: week.saturday.map(meant),
    sunday: week.sunday.map(meant),
  }
}

/** A day in the form of a write. */
export type EncodedDay = Readonly<Record<string, readonly (readonly [number, number])[]>>

/** The same day with the other of the two numbers for always on and off; undefined if the day has neither. */
export function otherAlways(day: EncodedDay): EncodedDay | undefined {
  const other = (tenths: number): number => {
    if (Math.abs(tenths) === MOST_TENTHS) return tenths / 10
    return Math.abs(tenths) === ALWAYS ? tenths * 10 : tenths
  }
  const entries = Object.entries(day).map(
    ([index, pairs]) => [index, pairs.map(([minute, tenths]) => [minute, other(tenths)] as const)] as const,
  )
  const differs = entries.some(([index, pairs]) => pairs.some(([, tenths], i) => tenths !== day[index]?.[i]?.[1]))
  return differs ? Object.fromEntries(entries) : undefined
}

/** Setpoints are within ±127 °C, however the device stores them. */
const MOST_TENTHS = ALWAYS * 10

function parsePeriod(pair: unknown): Period | undefined {
  if (!Array.isArray(pair)) return undefined
  const [minute, tenths]: readonly unknown[] = pair
  if (typeof minute !== 'number' || !Number.isInteger(minute) || minute < 0 || minute >= 1440) return undefined
  if (typeof tenths !== 'number' || !Number.isInteger(tenths) || Math.abs(tenths) > MOST_TENTHS) return undefined
  return { time: minutesToTime(minute), temperature: tenths / 10 }
}

/** The week in a reply, from its key `tt` or `ttAir`; `DEVICE_BAD_REPLY` if a day is missing or malformed. */
export function parseWeek(reply: JsonObject, key: 'tt' | 'ttAir'): Week {
  const table = reply[key]
  const week: Partial<Record<Day, Period[]>> = {}
  for (const [index, day] of DAYS.entries()) {
    const pairs = isObject(table) ? table[String(index)] : undefined
    const periods = Array.isArray(pairs) ? pairs.map(parsePeriod) : []
    const good = periods.filter((period) => period !== undefined)
    if (good.length === 0 || good.length !== periods.length || good.length > MAX_PERIODS) {
      throw new BridgeError('DEVICE_BAD_REPLY', `The device answered a schedule whose ${day} can't be read.`)
    }
    week[day] = good
  }
  return week as Week
}

export interface DayLimits {
  /** °C. */
  readonly min: number
  /** °C. */
  readonly max: number
  /** Whether ±`ALWAYS` is accepted too. */
  readonly onOff?: boolean
  /** How many periods the day can have, if less than `MAX_PERIODS`. */
  readonly periods?: number
}

function isWithin(temperature: number, { min, max, onOff = false }: DayLimits): boolean {
  return (temperature >= min && temperature <= max) || (onOff && Math.abs(temperature) === ALWAYS)
}

/**
 * One day in the form of a write: `{"2":[[480,280],[1080,180]]}`. Times ascending, 1 to 16 periods, temperatures within
 * `limits`; otherwise `OUT_OF_RANGE` or `BAD_REQUEST`.
 */
export function encodeDay(day: Day, periods: readonly Period[], limits: DayLimits): Record<string, [number, number][]> {
  const most = limits.periods ?? MAX_PERIODS
  if (periods.length < 1 || periods.length > most) {
    throw new BridgeError('OUT_OF_RANGE', `${day} must have 1 to ${most} periods, not ${periods.length}.`)
  }
  let previous = -1
  const pairs = periods.map(({ time, temperature }): [number, number] => {
    const minute = timeToMinutes(time)
    if (minute === undefined) throw new BridgeError('BAD_REQUEST', `${day}: "${time}" is not a time of day (HH:MM).`)
    if (minute === previous) {
      throw new BridgeError(
        'BAD_REQUEST',
        `${day}: two periods begin at ${time}; each must come after the one before it.`,
      )
    }
    if (minute < previous) {
      throw new BridgeError('BAD_REQUEST', `${day}: ${time} must come after the period before it.`)
    }
    previous = minute
    if (!isWithin(temperature, limits)) {
      throw new BridgeError(
        'OUT_OF_RANGE',
        `${day} ${time}: ${temperature} °C is not within ${limits.min} to ${limits.max} °C.`,
      )
    }
    return [minute, Math.round(temperature * 10)]
  })
  return { [String(DAYS.indexOf(day))]: pairs }
}

/** Whether a week contains the days of a write unchanged. */
export function showsDay(week: Week, day: EncodedDay): boolean {
  return Object.entries(day).every(([index, pairs]) => {
    const name = DAYS[Number(index)]
    const periods = name ? week[name] : []
    return (
      periods.length === pairs.length &&
      periods.every(({ time, temperature }, i) => {
        const [minute, tenths] = pairs[i] ?? []
        return timeToMinutes(time) === minute && Math.round(temperature * 10) === tenths
      })
    )
  })
}
