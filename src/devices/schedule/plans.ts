/**
 * From a command, `{"floor":{"monday":[…],"copy":{"from":"monday","to":["tuesday"]}}}`, to days in the words of the device.
 * Pure: the device's facts come from its readings.
 */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { minutesToTime, timeToMinutes } from '../../protocol/epoch.ts'
import {
  ALWAYS,
  DAYS,
  type Day,
  type DayLimits,
  encodeDay,
  LOOKS_ALWAYS,
  MAX_PERIODS,
  type Period,
  type Week,
} from '../../protocol/schedule.ts'
import { readBounded } from '../../protocol/values.ts'
import type { Readings } from '../facts/readings.ts'
import { type SetpointBounds, setpointBounds } from '../plan/limits.ts'
import { SCHEDULE_KINDS, type ScheduleDay, type ScheduleKind, type ScheduleResult } from './types.ts'

/** A day as it was asked for: its periods, or the day to copy. */
export interface RequestedDay extends ScheduleDay {
  readonly periods: readonly unknown[] | undefined
  readonly like: Day | undefined
}

export interface PlannedDay extends ScheduleDay {
  readonly periods: readonly Period[]
  /** The day in wire form. */
  readonly encoded: ReturnType<typeof encodeDay>
}

export interface DayPlan {
  readonly days: readonly PlannedDay[]
  readonly rounded: ScheduleResult['rounded']
}

const COPY = 'copy'

/** A short text that names a wrong value. It leaves out nested values, which may be too deep to write. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : String(value)
}

const bad = (message: string) => new BridgeError('BAD_REQUEST', message)

function readDayName(value: unknown): Day {
  const day = DAYS.find((name) => name === value)
  if (day) return day
  throw new BridgeError('UNKNOWN_KEY', `${shown(value)} is not a day; the days are ${DAYS.join(', ')}.`)
}

/**
 * The days that `command` names, in the order of writing.
 * @throws BridgeError `BAD_REQUEST`; `UNKNOWN_KEY` for an unknown day, or a schedule that the unit does not have
 */
export function parseScheduleCommand(command: unknown, { rows }: Readings): readonly RequestedDay[] {
  if (!isObject(command)) throw bad('A schedule must be a JSON object such as {"floor":{"monday":[…]}}.')
  const { name, schedules } = rows.model
  const days: RequestedDay[] = []
  for (const [key, value] of Object.entries(command)) {
    // What the bridge shows can be sent back; null there stands for a schedule that the unit does not have.
    if (value === null && SCHEDULE_KINDS.some((kind) => kind === key)) continue
    const kind = schedules.find((candidate) => candidate === key)
    if (!kind) {
      const has = schedules.length > 0 ? `it has ${schedules.join(' and ')}` : 'it has none'
      throw new BridgeError('UNKNOWN_KEY', `${name} has no schedule ${shown(key)}; ${has}.`)
    }
    if (!isObject(value)) throw bad(`${kind} must be an object of days, such as {"monday":[…]}.`)
    days.push(...requestedDays(kind, value))
  }
  if (days.length === 0) throw bad('The command contains no day.')
  return days
}

function requestedDays(kind: ScheduleKind, value: JsonObject): readonly RequestedDay[] {
  const named = Object.entries(value).flatMap(([key, periods]): RequestedDay[] => {
    if (key === COPY) return []
    const day = readDayName(key)
    if (!Array.isArray(periods)) throw bad(`${kind} ${day} must be a list of periods.`)
    return [{ kind, day, periods, like: undefined }]
  })
  if (value[COPY] === undefined) return named
  const { from, to } = readCopy(value[COPY])
  const copies = to.map((day): RequestedDay => {
    if (named.some((request) => request.day === day)) throw bad(`${kind} ${day} is both set and copied to.`)
    return { kind, day, periods: named.find((request) => request.day === from)?.periods, like: from }
  })
  return [...named, ...copies]
}

function readCopy(value: unknown): { readonly from: Day; readonly to: readonly Day[] } {
  const example = `"${COPY}" must look like {"from":"monday","to":["tuesday","wednesday"]}`
  if (!isObject(value) || Object.keys(value).some((key) => key !== 'from' && key !== 'to')) throw bad(`${example}.`)
  const from = readDayName(value.from)
  const list: readonly unknown[] = Array.isArray(value.to) ? value.to : [value.to]
  const to = [...new Set(list.map(readDayName))]
  if (to.length === 0) throw bad(`${example}: it contains no day to copy to.`)
  if (to.includes(from)) throw bad(`${from} can't be copied to itself.`)
  return { from, to }
}

/** Whether `requests` depend on what the schedule of that kind holds now. */
export function needsWeek(requests: readonly RequestedDay[], kind: ScheduleKind): boolean {
  return requests.some((request) => request.kind === kind && request.periods === undefined)
}

/**
 * Plans `requests`; checks every day before anything is sent.
 * @param weeks the device's schedules, needed for days that are copied
 * @throws BridgeError `BAD_REQUEST`, `UNKNOWN_KEY`, `OUT_OF_RANGE`
 */
export function planDays(
  requests: readonly RequestedDay[],
  weeks: ReadonlyMap<ScheduleKind, Week>,
  readings: Readings,
): DayPlan {
  const rounded: Record<string, { asked: number; set: number }> = {}
  const days = requests.map((request): PlannedDay => {
    const { kind, day, like } = request
    try {
      const limits = limitsOf(kind, readings)
      const periods = request.periods
        ? readPeriods(request.periods, limits, (time, asked, set) => {
            rounded[`${kind}.${day}.${time}`] = { asked, set }
          })
        : ((like && weeks.get(kind)?.[like]) ?? [])
      return { kind, day, periods, encoded: encodeDay(day, periods, limits) }
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      throw new BridgeError(error.code, `Schedule by ${kind}, ${error.message}`, {
        details: { kind, day },
        cause: error,
      })
    }
  })
  return { days, rounded }
}

type PeriodLimits = DayLimits & SetpointBounds

function limitsOf(kind: ScheduleKind, readings: Readings): PeriodLimits {
  const { schedules, onOffSetpoints } = readings.rows.model
  const most = readings.number('schedule_periods') ?? MAX_PERIODS
  return {
    // A single schedule serves both floor and air; its limits are those of the sensor that controls (Terneo, "Schedule").
    ...setpointBounds(schedules.length > 1 ? kind : 'control', readings),
    onOff: onOffSetpoints,
    periods: most >= 1 ? Math.min(most, MAX_PERIODS) : MAX_PERIODS,
  }
}

type Round = (time: string, asked: number, set: number) => void

function readPeriods(list: readonly unknown[], limits: PeriodLimits, round: Round): readonly Period[] {
  // The exact limit is checked later with the rest; this one only bounds the work.
  return list.slice(0, MAX_PERIODS * 2).map((item): Period => {
    if (!isObject(item)) throw bad(`each period must be {"time":"06:00","temperature":30}, not ${shown(item)}.`)
    const { time, temperature, ...rest } = item
    const [stranger] = Object.keys(rest)
    if (stranger !== undefined) throw new BridgeError('UNKNOWN_KEY', `a period has no ${shown(stranger)}.`)
    if (typeof time !== 'string') throw bad(`"time" must be a text, HH:MM, not ${shown(time)}.`)
    const degrees = readTemperature(time, temperature, limits)
    const asked = Number(temperature)
    if (Number.isFinite(asked) && asked !== degrees) round(plainTime(time), asked, degrees)
    return { time: plainTime(time), temperature: degrees }
  })
}

/** `6:00` becomes `06:00`. A text that is not a time stays as it is and is refused with the rest. */
function plainTime(time: string): string {
  const minutes = timeToMinutes(time)
  return minutes === undefined ? time.slice(0, 20) : minutesToTime(minutes)
}

function readTemperature(time: string, value: unknown, limits: PeriodLimits): number {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  const always = word === 'on' || word === ALWAYS ? ALWAYS : word === 'off' || word === -ALWAYS ? -ALWAYS : undefined
  if (typeof value === 'object')
    throw bad(`the temperature at ${time.slice(0, 10)} must be a number, not ${shown(value)}.`)
  if (always === undefined) {
    const degrees = readBounded(`the temperature at ${time.slice(0, 10)}`, value, limits)
    // The next tenth, nearer to zero.
    return limits.onOff && degrees === LOOKS_ALWAYS ? 12.6 : degrees
  }
  if (limits.onOff) return always
  throw new BridgeError(
    'OUT_OF_RANGE',
    `the schedule of this model can't hold on or off at ${time.slice(0, 10)}; give a temperature in °C.`,
  )
}
