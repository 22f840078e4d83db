import type { Value } from '../../catalog/index.ts'

/** The value in place of a temperature when the sensor is broken. */
export const OPEN = 'open'

/** The faults with which a sensor gives no temperature: it then reports a limit of its range, −128, 1024 or 0 °C. */
export const SENSORS: ReadonlyMap<string, readonly string[]> = new Map([
  ['floor_temperature', ['floor_sensor_missing', 'floor_sensor_shorted']],
  ['air_temperature', ['air_sensor_missing', 'air_sensor_shorted']],
])

/** Whether the device reports the sensor of this temperature as broken. */
export function isBroken(values: ReadonlyMap<string, Value>, key: string): boolean {
  return (SENSORS.get(key) ?? []).some((fault) => values.get(fault) === true)
}
