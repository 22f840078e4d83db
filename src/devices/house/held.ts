/** What people have set on a device, as far as a mode of the house changes it: taken, compared, and put back. */
import { deviceTimeToIso } from '../../protocol/epoch.ts'
import { type AwayTimes, fromParameters } from '../away/facts.ts'
import type { BoostFacts, PlainValue } from '../boost/facts.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { Readings } from '../facts/readings.ts'

const HELD_KEYS = ['power_off', 'program', 'manual_floor_setpoint', 'manual_air_setpoint'] as const

export interface Held {
  /** By parameter key; null for what the device does not have, or has not said. */
  readonly settings: Readonly<Record<(typeof HELD_KEYS)[number], PlainValue>>
  /** Seconds since 2000 in UTC; null while no away runs or is planned. */
  readonly away: AwayTimes | null
  /** A temporary setpoint in °C, and the period of the schedule that it is for; null without one. */
  readonly hold: { readonly setpoint: number; readonly period: number | null } | null
}

interface Known {
  readonly readings: Pick<Readings, 'rows' | 'types' | 'values' | 'number'>
  readonly boost: BoostFacts
  readonly clock: { times(now: number): DeviceTimes | null }
}

/** Seconds by which the ends of one away can differ: a device that counts in local time has an hour twice a year. */
const SAME_END = 3700

/**
 * What a device holds. Under a boost of the bridge it is what that boost will put back. null while the device has not told
 * its parameters.
 * @param now Unix ms
 */
export function heldOf({ readings, boost, clock }: Known, now: number): Held | null {
  if (readings.types.size === 0) return null
  const before = boost.running?.before ?? {}
  const value = (key: string): PlainValue => (key in before ? before[key] : readings.values.get(key)) ?? null
  const settings = {
    power_off: value('power_off'),
    program: value('program'),
    manual_floor_setpoint: value('manual_floor_setpoint'),
    manual_air_setpoint: value('manual_air_setpoint'),
  }
  const period = readings.number('schedule_period') ?? null
  const boosted = boost.running?.key === 'temporary_setpoint'
  const temporary = boosted ? before.temporary_setpoint : readings.values.get('temporary_setpoint')
  const holds = settings.program === 'schedule' && (boosted || readings.values.get('operating_mode') === 'temporary')
  const hold = holds && typeof temporary === 'number' ? { setpoint: temporary, period } : null
  return { settings, away: awayOf(value, readings, clock.times(now)), hold }
}

function awayOf(
  value: (key: string) => PlainValue,
  { rows }: Known['readings'],
  times: DeviceTimes | null,
): AwayTimes | null {
  const keys = rows.model.away
  if (!keys || !times) return null
  const held = { start: value(keys.start), end: value(keys.end) }
  const away = fromParameters(held, keys.start === 'away_start_utc' ? 'utc' : 'device', times)
  return away.start === null && away.end === null ? null : running(away, times.utc)
}

/** An away that is over has no bearing on anything. @param utc seconds since 2000 */
const running = (away: AwayTimes | null, utc: number): AwayTimes | null =>
  away?.end != null && away.end <= utc ? null : away

/**
 * Whether nobody has set anything else since. What ends by itself, an away or a temporary setpoint, is nobody's change.
 * @param utc seconds since 2000
 */
export function unchanged(since: Held, now: Held, utc: number): boolean {
  const settings = HELD_KEYS.every((key) => {
    const [before, after] = [since.settings[key], now.settings[key]]
    return before === after || before === null || after === null
  })
  const held = now.hold === null || now.hold.setpoint === since.hold?.setpoint
  // The clock of the device may be behind, and what is over here still run there.
  const away = sameAway(since.away, now.away) || sameAway(running(since.away, utc), now.away)
  return settings && held && away
}

function sameAway(a: AwayTimes | null, b: AwayTimes | null): boolean {
  if (a === null || b === null) return a === b
  if (a.end === null || b.end === null) return a.end === b.end
  return Math.abs(a.end - b.end) <= SAME_END
}

/**
 * The command, in the words of the state, that makes a device hold what is wanted; empty when it does already.
 * @param utc seconds since 2000
 */
export function commandTo(wanted: Held, now: Held, utc: number): Readonly<Record<string, PlainValue>> {
  const command: Record<string, PlainValue> = {}
  for (const key of HELD_KEYS) {
    const value = wanted.settings[key]
    if (value !== null && value !== now.settings[key]) command[key] = value
  }
  const away = running(wanted.away, utc)
  if (!sameAway(away, now.away)) Object.assign(command, awayCommand(away, utc))
  const { hold } = wanted
  const samePeriod = hold?.period === now.hold?.period || now.hold === null
  if (hold && samePeriod && hold.setpoint !== now.hold?.setpoint) command.temporary_setpoint = hold.setpoint
  return command
}

/** An away that runs begins by the device's own clock, whatever that shows. */
function awayCommand(away: AwayTimes | null, utc: number): Readonly<Record<string, PlainValue>> {
  if (away === null) return { preset: 'none' }
  const end = away.end === null ? null : deviceTimeToIso(away.end, 'utc')
  if (away.start === null || away.start <= utc) return { preset: 'away', ...(end === null ? {} : { away_end: end }) }
  return { away_start: deviceTimeToIso(away.start, 'utc'), away_end: end }
}
