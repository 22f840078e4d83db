/** What the rules are given, from the history and from what a device shows now. */
import type { DeviceView } from '../devices/ports.ts'
import type { HistorySample } from '../history/types.ts'
import type { Present, Sample } from './types.ts'

/** Of the floor where there is a floor sensor: it shows sooner than the air what the load does. */
export function sampleOf(sample: HistorySample, seconds: number): Sample {
  const floor = sample.floor_temperature !== null
  return {
    at: sample.at,
    seconds,
    known: sample.known,
    temperature: floor ? sample.floor_temperature : sample.current_temperature,
    low: floor ? sample.floor_temperature_min : sample.current_temperature_min,
    high: floor ? sample.floor_temperature_max : sample.current_temperature_max,
    controlled: sample.current_temperature,
    target: sample.target_temperature,
    load: sample.load,
    power: sample.power,
  }
}

/** @param drops how often the device has stopped answering since the last time */
export function presentOf({ state }: DeviceView, drops: number): Present {
  return {
    warms: state.cooling !== true,
    limit: limitOf(state),
    clockOffset: numberOf(state.clock_offset),
    drops,
    day: localDay,
  }
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** The device's limit for the sensor that is judged; null if it sets none for that one. */
function limitOf(state: DeviceView['state']): number | null {
  const floor = typeof state.floor_temperature === 'number'
  if (state.control_type === 'air_floor_limits') return floor ? numberOf(state.floor_limit_max) : null
  if (state.control_type === 'air') return floor ? null : numberOf(state.air_setpoint_max)
  return numberOf(state.floor_setpoint_max)
}

const DAY = 86_400_000

/** By the time zone of the bridge, in which a day can have 23 or 25 hours. */
export function localDay(at: number) {
  const date = new Date(at * 1000)
  const number = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY
  return { number, weekday: date.getDay() }
}
