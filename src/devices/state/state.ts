import type { JsonValue } from '../../core/json.ts'
import { isWithoutEnd, localTime } from '../away/times.ts'
import type { ShownBoost } from '../boost/types.ts'
import { isWrong } from '../clock/offset.ts'
import type { DeviceTimes } from '../clock/times.ts'
import { type DeviceEnergy, figureOf } from '../energy/energy.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceState } from '../ports.ts'
import type { NextChange } from '../schedule/schedules.ts'
import type { CommandOutcome } from './outcome.ts'

/** What the bridge itself holds of a device. */
export interface BridgeValues {
  readonly boostMinutes: number
  /** °C of the next boost by the bridge's own timer; null or absent while nobody has set one. */
  readonly boostSetpoint?: number | null
  /** The boost by the bridge's own timer that runs. */
  readonly boost?: ShownBoost | null
  /** The device's clock; null or absent while it is not known. */
  readonly times?: DeviceTimes | null
  /** Seconds by which the device's clock is ahead of the right time; null or absent while unknown. */
  readonly clockOffset?: number | null
  /** Whether something else answers as this device. */
  readonly addressConflict?: boolean
  /** Whether the device tells what it measures, but not its parameters. */
  readonly settingsUnreadable?: boolean
  /** Whether the lock is not as it was; null or absent while unknown. */
  readonly lockAlarm?: boolean | null
  /** Whether it is known which value switches its relay on; null or absent for what is no D2W. */
  readonly relayProven?: boolean | null
  /** The next period of the schedule, while it is followed. */
  readonly nextChange?: NextChange | null
  /** Why the last command was not carried out; null or absent when it was, or none was given yet. */
  readonly refusal?: CommandOutcome['refusal']
  /** What had to be rounded of the last command; null or absent when nothing had. */
  readonly rounding?: CommandOutcome['rounding']
  /** What its load uses; absent while nobody counts. */
  readonly energy?: Pick<DeviceEnergy, 'ownFigure' | 'committed'> | undefined
}

const DERIVED_FROM: Readonly<Record<string, readonly string[]>> = {
  mode: ['program', 'power_off'],
  preset: ['away_start', 'away_start_utc'],
  action: ['load'],
  current_temperature: ['floor_temperature', 'air_temperature'],
  target_temperature: ['setpoint_in_force', 'current_setpoint'],
  power: ['rated_power'],
  heating_time: ['load'],
  on_time: ['load'],
  schedule_next_change: ['schedule_period'],
  schedule_next_setpoint: ['schedule_period'],
  problem: ['floor_sensor_missing', 'clock_fault', 'overheated'],
  lock_alarm: ['lock'],
  relay_proven: ['relay'],
  boost_minutes: ['timer_end'],
  load_control: ['setpoint_in_force', 'current_setpoint'],
}

/** What there is on every thermostat for which the bridge times boosts. */
const OWN_TIMER = ['boost_minutes', 'timer_end', 'timer_remaining', 'timer_setpoint']

function modeOf(readings: Readings): string | null {
  const { values } = readings
  if (values.get('power_off') === true) return 'off'
  const program = values.get('program') ?? values.get('operating_mode')
  if (program === 'schedule') return 'auto'
  if (program === 'manual') return values.get('cooling') === true ? 'cool' : 'heat'
  return null
}

function presetOf(readings: Readings, boost: ShownBoost | null): string | null {
  const mode = readings.values.get('operating_mode')
  if (boost && mode !== 'away') return 'boost'
  switch (mode) {
    case undefined:
    case null:
      return null
    case 'away':
      return 'away'
    case 'timer':
      return 'boost'
    default:
      return 'none'
  }
}

function actionOf(readings: Readings): string | null {
  const { values } = readings
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

/** The boost of a device that has no timer of its own, by the keys of one that has. */
function ownTimerOf({ rows }: Readings, { boost, boostSetpoint }: BridgeValues): Record<string, JsonValue> {
  if (rows.model.timer) return {}
  return {
    timer_end: boost ? `${new Date(boost.ends).toISOString().slice(0, 19)}Z` : null,
    timer_remaining: boost?.left ?? 0,
    timer_setpoint: boost?.setpoint ?? boostSetpoint ?? null,
  }
}

/**
 * Away in local time, whatever the device counts in; no end where the device holds the one that stands for none. On a unit that
 * holds it twice, what it goes by comes first.
 */
function awayOf({ rows, values }: Readings, times: DeviceTimes | null): Record<string, JsonValue> {
  const { away } = rows.model
  if (!away) return {}
  const utc = away.start === 'away_start_utc'
  const own = { start: values.get(away.start), end: values.get(away.end), zone: utc ? 'utc' : 'device' } as const
  const local = { start: values.get('away_start'), end: values.get('away_end'), zone: 'device' } as const
  const { start, end, zone } = [own.start, own.end].some((value) => typeof value === 'string') ? own : local
  const endless = isWithoutEnd({ start, end }, zone)
  return {
    away_start: localTime(start, zone, times),
    away_end: endless ? null : localTime(end, zone, times),
    ...(utc && endless ? { [away.end]: null } : {}),
  }
}

/** W; null for a load that is on and of which nobody has said what it draws. */
function powerOf(readings: Readings, own: number | undefined): number | null {
  const load = readings.values.get('load')
  if (typeof load !== 'boolean' || (own ?? readings.number('rated_power')) === undefined) return null
  return load ? (figureOf(readings, own) ?? null) : 0
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

/** kWh, kWh and h; null for what nobody can count: energy without a figure of the power, anything before the first telemetry. */
function usageOf(readings: Readings, energy: BridgeValues['energy']) {
  const used = energy?.committed
  if (!used) return { energy: null, error: null, hours: null }
  const metered = used.wattHours > 0 || figureOf(readings, energy.ownFigure) !== undefined
  return {
    energy: metered ? thousandths(used.wattHours / 1_000) : null,
    error: metered ? thousandths(used.errorWattHours / 1_000) : null,
    hours: thousandths(used.onSeconds / 3_600),
  }
}

/** @param own the faults that the bridge finds out by itself */
function problemOf({ values, rows }: Readings, own: readonly (boolean | null)[]): boolean | null {
  const faults = [...rows.faults.map((key) => values.get(key)), ...own]
  const known = faults.filter((value) => typeof value === 'boolean')
  return known.length > 0 ? known.includes(true) : null
}

/**
 * The state as MQTT and REST show it, in the order of the catalog; after that `unknown`, which holds what the catalog does not
 * know, `last_error`, why the last command was not carried out, and `last_rounded`, what of it had to be rounded.
 */
export function stateOf(readings: Readings, bridge: BridgeValues): DeviceState {
  const clockOffset = bridge.clockOffset ?? null
  const clockWrong = isWrong(clockOffset)
  const usage = usageOf(readings, bridge.energy)
  const addressConflict = bridge.addressConflict ?? null
  const settingsUnreadable = bridge.settingsUnreadable ?? null
  const lockAlarm = bridge.lockAlarm ?? null
  const derived: Record<string, JsonValue> = {
    mode: modeOf(readings),
    preset: presetOf(readings, bridge.boost ?? null),
    action: actionOf(readings),
    current_temperature: currentTemperatureOf(readings),
    target_temperature: readings.targetTemperature(),
    power: powerOf(readings, bridge.energy?.ownFigure),
    energy: usage.energy,
    energy_error: usage.error,
    heating_time: usage.hours,
    on_time: usage.hours,
    schedule_next_change: bridge.nextChange?.at ?? null,
    schedule_next_setpoint: bridge.nextChange?.temperature ?? null,
    problem: problemOf(readings, [clockWrong, addressConflict, settingsUnreadable, lockAlarm]),
    clock_offset: clockOffset,
    clock_wrong: clockWrong,
    address_conflict: addressConflict,
    settings_unreadable: settingsUnreadable,
    lock_alarm: lockAlarm,
    load_control: readings.loadControl(),
    relay_proven: bridge.relayProven ?? null,
    boost_minutes: bridge.boostMinutes,
    ...ownTimerOf(readings, bridge),
    ...awayOf(readings, bridge.times ?? null),
  }
  const state: Record<string, JsonValue> = {}
  for (const { key } of readings.rows.datapoints) {
    state[key] = key in derived ? (derived[key] ?? null) : (readings.values.get(key) ?? null)
  }
  state.unknown = readings.unknown.size > 0 ? Object.fromEntries(readings.unknown) : null
  state.last_error = bridge.refusal ? { ...bridge.refusal } : null
  state.last_rounded = bridge.rounding ? { ...bridge.rounding } : null
  return state
}

/**
 * The keys that a unit has: those that it has sent, and those that follow from them.
 * @param clockKnown whether it has told its clock
 * @param energy what its load uses
 */
export function featuresOf(
  readings: Readings,
  clockKnown = false,
  energy: BridgeValues['energy'] = undefined,
): Set<string> {
  const features = new Set(readings.features)
  // Anything that answers can be imitated, and can cease to answer in part.
  if (features.size > 0) features.add('address_conflict').add('settings_unreadable')
  for (const [key, sources] of Object.entries(DERIVED_FROM)) {
    if (readings.rows.byKey.has(key) && sources.some((source) => features.has(source))) features.add(key)
  }
  if (!readings.rows.model.timer && features.has('program')) {
    for (const key of OWN_TIMER) if (readings.rows.byKey.has(key)) features.add(key)
  }
  // What can be counted is there from the first reading on, though the first count is committed later.
  const counted = energy !== undefined && figureOf(readings, energy.ownFigure) !== undefined
  const metered = counted || usageOf(readings, energy).energy !== null ? ['power', 'energy', 'energy_error'] : []
  for (const key of metered) if (readings.rows.byKey.has(key)) features.add(key)
  if (clockKnown) for (const key of ['clock_offset', 'clock_wrong']) features.add(key)
  return features
}

/** Keys whose values are made anew each time. */
const NESTED: ReadonlySet<string> = new Set(['unknown', 'last_error', 'last_rounded'])

/** Whether two states show the same. Both come from the same catalog, so their keys are in the same order. */
export function sameState(a: DeviceState, b: DeviceState): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => a[key] === b[key] || (NESTED.has(key) && JSON.stringify(a[key]) === JSON.stringify(b[key])),
  )
}
