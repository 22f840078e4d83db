/** What a boost timed by the bridge changes on a device, and what puts that back. Pure. */

import type { Draft, Shown } from '../plan/draft.ts'
import { sensorOf, setpointBounds } from '../plan/limits.ts'
import type { Boost, BoostKey, PlainValue } from './facts.ts'

/** °C that a boost adds to the setpoint in force (or subtracts when the load cools) until somebody sets another. */
const BY_DEFAULT = 3

/** How many setpoints of one boost are remembered: the device can still show an older one while a newer one is on its way. */
const REMEMBERED = 4

/** The setpoint that counts: the temporary one while the schedule is followed, the manual one in manual mode. */
export function boostKey(source: Shown): BoostKey {
  if (source.value('program') === 'schedule') return 'temporary_setpoint'
  return sensorOf('control', source) === 'air' ? 'manual_air_setpoint' : 'manual_floor_setpoint'
}

/** The setpoint in °C of a boost for which nobody has named one. */
export function defaultSetpoint(source: Shown, inForce: number | null): number {
  const { min, max } = setpointBounds('control', source)
  const manual = source.number(sensorOf('control', source) === 'air' ? 'manual_air_setpoint' : 'manual_floor_setpoint')
  const usual = source.value('operating_mode') === 'away' || source.value('power_off') === true ? manual : inForce
  const from = usual ?? manual ?? min
  return Math.min(max, Math.max(min, from + (source.value('cooling') === true ? -BY_DEFAULT : BY_DEFAULT)))
}

/** What has to be put back, by key, when a boost that begins now is over. */
export function before(source: Draft) {
  const { away } = source.readings.rows.model
  const key = boostKey(source)
  const kept: Record<string, PlainValue> = {}
  const keep = (name: string) => {
    const value = source.value(name)
    if (isPlain(value)) kept[name] = value
  }
  if (key !== 'temporary_setpoint') keep(key)
  else if (source.value('operating_mode') === 'temporary') keep(key)
  else kept.program = 'schedule'
  if (source.value('power_off') === true) kept.power_off = true
  if (away && source.value('operating_mode') === 'away') {
    keep(away.start)
    keep(away.end)
  }
  return { key, before: kept, period: source.number('schedule_period') ?? null }
}

function isPlain(value: unknown): value is PlainValue {
  return value === null || ['number', 'string', 'boolean'].includes(typeof value)
}

/** A boost that begins now. @param begun what held before it, and what was already written for it */
export function boosted(
  { key, before, period, setpoints }: Pick<Boost, 'key' | 'before' | 'period' | 'setpoints'>,
  { now, minutes, setpoint }: { readonly now: number; readonly minutes: number; readonly setpoint: number },
): Boost {
  const written = [...setpoints.filter((other) => other !== setpoint), setpoint].slice(-REMEMBERED)
  return { started: now, ends: now + minutes * 60_000, key, before, period, setpoints: written }
}

/** The same boost with another setpoint. */
export function withSetpoint(boost: Boost, setpoint: number): Boost {
  return {
    ...boost,
    setpoints: [...boost.setpoints.filter((other) => other !== setpoint), setpoint].slice(-REMEMBERED),
  }
}

/**
 * The values, by key, that restore what held before. A temporary setpoint is restored only within its period of the schedule.
 */
export function restoring(boost: Boost, source: Shown): Readonly<Record<string, PlainValue>> {
  const { key, before, period } = boost
  const samePeriod = period === null || period === source.number('schedule_period')
  if (key !== 'temporary_setpoint' || !(key in before) || samePeriod) return before
  const { [key]: _, ...others } = before
  return { ...others, program: 'schedule' }
}

export type Found =
  /** The device does what the boost told it. */
  | 'boosted'
  /** The schedule has gone on to its next period, and with it the temporary setpoint of the boost has ended. */
  | 'next_period'
  /** Somebody has changed it. */
  | 'changed'

/** What the readings show about a boost. */
export function found({ key, setpoints, period }: Boost, source: Shown): Found {
  const mode = source.value('operating_mode')
  if (source.value('power_off') === true || mode === 'away') return 'changed'
  if (boostKey(source) !== key) return 'changed'
  if (key === 'temporary_setpoint' && mode === 'schedule') {
    const now = source.number('schedule_period')
    return now !== undefined && period !== null && now !== period ? 'next_period' : 'changed'
  }
  const setpoint = source.number(key)
  return setpoint !== undefined && setpoints.includes(setpoint) ? 'boosted' : 'changed'
}

/**
 * What a boost leaves behind in a device that somebody has since switched to something else: a manual setpoint that is not in
 * force now, but would be when manual mode returns.
 */
export function leftBehind({ key, setpoints, before }: Boost, source: Shown): Readonly<Record<string, PlainValue>> {
  if (key === 'temporary_setpoint') return {}
  const setpoint = source.number(key)
  const value = before[key]
  if (setpoint === undefined || value === undefined || !setpoints.includes(setpoint)) return {}
  const inForce =
    boostKey(source) === key && source.value('power_off') !== true && source.value('operating_mode') !== 'away'
  return inForce ? {} : { [key]: value }
}
