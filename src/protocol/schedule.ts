/** The weekly schedule: `tt` by floor, `ttAir` by air (vendors' documents, "Schedule"). */
import { BridgeError } from '../core/errors.ts'
import { isObject, type JsonObject } from '../core/json.ts'
import { minutesToTime, timeToMinutes } from './epoch.ts'

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Day = (typeof DAYS)[number]

export interface Period {
  /** HH:MM at which the period begins. */
  readonly time: string
  /** °C. */
  readonly temperature: number
}

export type Week = Readonly<Record<Day, readonly Period[]>>

export const MAX_PERIODS = 16

/** Setpoints lie within ±127 °C in whatever the device stores them. */
const MOST_TENTHS = 1270

function parsePeriod(pair: unknown): Period | undefined {
  if (!Array.isArray(pair)) return undefined
  const [minute, tenths]: readonly unknown[] = pair
  if (typeof minute !== 'number' || !Number.isInteger(minute) || minute < 0 || minute >= 1440) return undefined
  if (typeof tenths !== 'number' || !Number.isInteger(tenths) || Math.abs(tenths) > MOST_TENTHS) return undefined
  return { time: minutesToTime(minute), temperature: tenths / 10 }
}

/** The week of a reply, from its key `tt` or `ttAir`; `DEVICE_BAD_REPLY` when a day is missing or malformed. */
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

/**
 * One day as a write has it: `{"2":[[480,280],[1080,180]]}`. Times ascending, 1 to 16 periods, temperatures within
 * `limits` (°C); else `OUT_OF_RANGE` or `BAD_REQUEST`.
 */
export function encodeDay(
  day: Day,
  periods: readonly Period[],
  limits: { readonly min: number; readonly max: number },
): Record<string, [number, number][]> {
  if (periods.length < 1 || periods.length > MAX_PERIODS) {
    throw new BridgeError('OUT_OF_RANGE', `${day} must have 1 to ${MAX_PERIODS} periods, not ${periods.length}.`)
  }
  let previous = -1
  const pairs = periods.map(({ time, temperature }): [number, number] => {
    const minute = timeToMinutes(time)
    if (minute === undefined) throw new BridgeError('BAD_REQUEST', `${day}: "${time}" is no time of day (HH:MM).`)
    if (minute <= previous)
      throw new BridgeError('BAD_REQUEST', `${day}: ${time} must come after the period before it.`)
    previous = minute
    if (!(temperature >= limits.min && temperature <= limits.max)) {
      throw new BridgeError(
        'OUT_OF_RANGE',
        `${day} ${time}: ${temperature} °C is not within ${limits.min} to ${limits.max} °C.`,
      )
    }
    return [minute, Math.round(temperature * 10)]
  })
  return { [String(DAYS.indexOf(day))]: pairs }
}
