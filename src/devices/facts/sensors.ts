import type { Value } from '../../catalog/index.ts'

/** What stands in place of a temperature for a sensor that is broken. */
export const OPEN = 'open'

/** The faults with which a sensor has no temperature: −128, 1024 or 0 °C is what its limits come to then. */
export const SENSORS: ReadonlyMap<string, readonly string[]> = new Map([
  ['floor_temperature', ['floor_sensor_missing', 'floor_sensor_shorted']],
  ['air_temperature', ['air_sensor_missing', 'air_sensor_shorted']],
])

/** Whether the device reports the sensor of this temperature as broken. */
export function isBroken(values: ReadonlyMap<string, Value>, key: string): boolean {
  return (SENSORS.get(key) ?? []).some((fault) => values.get(fault) === true)
}
