import { isObject } from '../../core/json.ts'
import { weekMoment } from './clock.ts'

/** Minute of the day and tenths of °C, as on the wire. */
export type Period = readonly [minute: number, tenths: number]

export const PERIODS_A_DAY = 16
const DAYS = 7
const WORKDAY: readonly Period[] = [
  [360, 300],
  [480, 250],
  [1020, 300],
  [1320, 250],
]
const WEEKEND: readonly Period[] = [
  [480, 300],
  [1380, 250],
]

export interface PeriodInForce {
  readonly day: number
  /** Index of the period in its day. */
  readonly index: number
  /** °C */
  readonly temperature: number
  /** Seconds until the next period begins. */
  readonly left: number
}

/** A week of periods. Each lasts until the next one begins, across midnight too. */
export class Schedule {
  #days: (readonly Period[])[] = factoryWeek()

  reset(): void {
    this.#days = factoryWeek()
  }

  setDay(day: number, periods: readonly Period[]): void {
    this.#days[day] = periods
  }

  wire(): Record<string, readonly Period[]> {
    return Object.fromEntries(this.#days.map((periods, day) => [String(day), periods]))
  }

  /** The period at a local time (seconds since 2000). */
  at(local: number): PeriodInForce {
    const { day, minute } = weekMoment(local)
    const today = this.#day(day)
    const later = today.findIndex(([start]) => start > minute)
    const index = (later === -1 ? today.length : later) - 1
    const next = later === -1 ? 1440 + (this.#day(day + 1)[0]?.[0] ?? 0) : (today[later]?.[0] ?? 0)
    const left = (next - minute) * 60 - (local % 60)
    if (index >= 0) return { day, index, temperature: (today[index]?.[1] ?? 0) / 10, left }
    const before = this.#day(day - 1)
    const last = before.length - 1
    return { day: (day + DAYS - 1) % DAYS, index: last, temperature: (before[last]?.[1] ?? 0) / 10, left }
  }

  /** How many periods of the week come before `day`. */
  periodsBefore(day: number): number {
    return this.#days.slice(0, day).reduce((sum, periods) => sum + periods.length, 0)
  }

  #day(day: number): readonly Period[] {
    return this.#days[(day + DAYS) % DAYS] ?? WORKDAY
  }
}

function factoryWeek(): (readonly Period[])[] {
  return Array.from({ length: DAYS }, (_, day) => (day < 5 ? WORKDAY : WEEKEND))
}

/**
 * Reads the `tt` or `ttAir` of a write, which must hold exactly one day.
 * @param limits lowest and highest temperature in °C
 * @param always the number for always on, its negative for always off; undefined for a model that has neither
 * @returns the day, or a text that says why the device does not take it
 */
export function readDay(
  value: unknown,
  limits: readonly [number, number],
  always?: number,
): { day: number; periods: readonly Period[] } | string {
  if (!isObject(value)) return 'the schedule is not an object'
  const [entry, ...more] = Object.entries(value)
  if (!entry) return 'the schedule is empty'
  if (more.length > 0) return 'several days in one request'
  const [day, list] = entry
  if (!/^[0-6]$/.test(day)) return `no such day: ${day}`
  if (!Array.isArray(list) || list.length < 1 || list.length > PERIODS_A_DAY) return 'not 1 to 16 periods'
  const periods: Period[] = []
  for (const pair of list) {
    const period = readPeriod(pair)
    if (!period) return 'a period is not a minute of the day and tenths of a degree'
    if (period[0] <= (periods.at(-1)?.[0] ?? -1)) return 'periods out of order'
    if (Math.abs(period[1]) !== always && (period[1] < limits[0] * 10 || period[1] > limits[1] * 10))
      return 'temperature beyond the limits'
    periods.push(period)
  }
  return { day: Number(day), periods }
}

function readPeriod(pair: unknown): Period | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) return undefined
  const [minute, tenths]: unknown[] = pair
  if (typeof minute !== 'number' || typeof tenths !== 'number') return undefined
  if (!Number.isInteger(minute) || minute < 0 || minute > 1439 || !Number.isInteger(tenths)) return undefined
  return [minute, tenths]
}
