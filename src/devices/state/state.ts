/** From facts to the state that MQTT and REST show. Pure: each subject shows its own keys, and this file shows the rest. */

import type { JsonValue } from '../../core/json.ts'
import * as away from '../away/shows.ts'
import * as boost from '../boost/shows.ts'
import * as clock from '../clock/shows.ts'
import type { DeviceEnergy } from '../energy/facts.ts'
import * as energy from '../energy/shows.ts'
import { lockAlarm } from '../facts/lock.ts'
import type { Moment } from '../facts/moment.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceState } from '../ports.ts'
import * as schedule from '../schedule/shows.ts'
import type { Facts } from './facts.ts'

/** The part of the facts that the state is made from. */
export type ShownFacts = Pick<
  Facts,
  'readings' | 'boost' | 'weeks' | 'rival' | 'unreadable' | 'outcome' | 'findings'
> & {
  readonly energy: Pick<DeviceEnergy, 'ownFigure' | 'committed'> | undefined
  readonly profile: Pick<Facts['profile'], 'boostMinutes' | 'boostSetpoint' | 'learned' | 'learn'>
  readonly clock: Pick<Facts['clock'], 'times' | 'offset'>
  readonly disputes: Pick<Facts['disputes'], 'relayProven'>
}

/** What one subject adds to the state. */
interface Subject {
  /** The subject's keys, with their values at a moment. */
  readonly shows: (facts: ShownFacts, time: Moment) => Readonly<Record<string, JsonValue>>
  /** The keys of the subject that the unit has because of others that it has shown to have. */
  readonly has?: (facts: ShownFacts, time: Moment) => readonly string[]
}

const SUBJECTS: readonly Subject[] = [boost, away, schedule, energy, clock]

const DERIVED_FROM = Object.entries<readonly string[]>({
  mode: ['program', 'power_off'],
  preset: ['away_start', 'away_start_utc'],
  action: ['load'],
  current_temperature: ['floor_temperature', 'air_temperature'],
  target_temperature: ['setpoint_in_force', 'current_setpoint'],
  problem: ['floor_sensor_missing', 'clock_fault', 'overheated'],
  lock_alarm: ['lock'],
  relay_proven: ['relay'],
  load_control: ['setpoint_in_force', 'current_setpoint'],
})

function modeOf({ values }: Readings): string | null {
  if (values.get('power_off') === true) return 'off'
  const program = values.get('program') ?? values.get('operating_mode')
  if (program === 'schedule') return 'auto'
  if (program === 'manual') return values.get('cooling') === true ? 'cool' : 'heat'
  return null
}

function presetOf(facts: ShownFacts): string | null {
  const mode = facts.readings.values.get('operating_mode')
  if (mode === 'away') return 'away'
  if (mode === 'timer' || boost.holds(facts)) return 'boost'
  return mode === undefined || mode === null ? null : 'none'
}

function actionOf({ values }: Readings): string | null {
  if (values.get('power_off') === true) return 'off'
  const load = values.get('load')
  if (typeof load !== 'boolean') return null
  if (!load) return 'idle'
  if (values.get('preheat_active') === true) return 'preheating'
  return values.get('cooling') === true ? 'cooling' : 'heating'
}

function currentTemperatureOf({ values }: Readings): JsonValue {
  const controlled = values.get('control_type') ?? 'floor'
  return values.get(controlled === 'floor' ? 'floor_temperature' : 'air_temperature') ?? null
}

/** @param own the faults that the bridge itself detects */
function problemOf({ values, rows }: Readings, own: readonly (JsonValue | undefined)[]): boolean | null {
  const faults = [...rows.faults.map((key) => values.get(key)), ...own]
  const known = faults.filter((value) => typeof value === 'boolean')
  return known.length > 0 ? known.includes(true) : null
}

/**
 * The state as MQTT and REST show it, in the order of the catalog. Four keys follow: `unknown` holds what the catalog does
 * not know, `findings` what is unusual, `last_error` why the last command failed, and `last_rounded` what the last command had to round.
 */
export function stateOf(facts: ShownFacts, time: Moment): DeviceState {
  const { readings, disputes, outcome } = facts
  const derived: Record<string, JsonValue> = {
    mode: modeOf(readings),
    preset: presetOf(facts),
    action: actionOf(readings),
    current_temperature: currentTemperatureOf(readings),
    target_temperature: readings.targetTemperature(),
    address_conflict: facts.rival !== null,
    settings_unreadable: facts.unreadable !== null,
    lock_alarm: lockAlarm(facts),
    load_control: readings.loadControl(),
    relay_proven: disputes.relayProven,
    unusual: facts.findings && facts.findings.length > 0,
  }
  for (const subject of SUBJECTS) Object.assign(derived, subject.shows(facts, time))
  const { clock_wrong, address_conflict, settings_unreadable, lock_alarm } = derived
  derived.problem = problemOf(readings, [clock_wrong, address_conflict, settings_unreadable, lock_alarm])
  const state: Record<string, JsonValue> = { ...readings.rows.blank }
  for (const { key } of readings.rows.datapoints) {
    state[key] = key in derived ? (derived[key] ?? null) : (readings.values.get(key) ?? null)
  }
  state.unknown = readings.unknown.size > 0 ? Object.fromEntries(readings.unknown) : null
  state.findings = facts.findings
  state.last_error = outcome.refusal && { ...outcome.refusal }
  state.last_rounded = outcome.rounding && { ...outcome.rounding }
  return state
}

/**
 * The keys that a unit has: those that it has sent, and those that follow from these. Some may be named twice: they are asked for
 * after each reading, and a set of seventy keys is work.
 */
export function featuresOf(facts: ShownFacts, time: Moment): readonly string[] {
  const { rows, values } = facts.readings
  const features = [...values.keys()]
  // Anything that answers can be imitated, and may stop answering in part.
  if (features.length > 0) features.push('address_conflict', 'settings_unreadable')
  const add = (key: string) => rows.byKey.has(key) && features.push(key)
  for (const [key, sources] of DERIVED_FROM) if (sources.some((source) => values.has(source))) add(key)
  for (const { has } of SUBJECTS) for (const key of has?.(facts, time) ?? []) add(key)
  if (facts.findings) add('unusual')
  return features
}

/** Keys whose values are new objects each time. */
const NESTED: ReadonlySet<string> = new Set(['unknown', 'findings', 'last_error', 'last_rounded'])

/** Whether two states show the same. Both come from the same catalog, so their keys have the same order. */
export function sameState(a: DeviceState, b: DeviceState): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => a[key] === b[key] || (NESTED.has(key) && JSON.stringify(a[key]) === JSON.stringify(b[key])),
  )
}
