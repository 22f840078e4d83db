/** The limits of a setpoint in force at this moment, from the state that the device shows. */
import type { Datapoint, Limits } from '../catalog/index.ts'
import type { DeviceView } from '../devices/ports.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/** Keys of the state that documents depend on, besides the features: a change of them changes the document. */
export const DEPENDS_ON = [
  'cooling',
  'control_type',
  'floor_setpoint_min',
  'floor_setpoint_max',
  'air_setpoint_min',
  'air_setpoint_max',
] as const

/** Of a device whose model says nothing: the widest that the floor limits of the common thermostats can be set to. */
const WIDEST: Range = { min: 5, max: 60 }

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/**
 * °C. `control` means floor or air, whichever controls now. A limit that the device does not say is as wide as the catalog
 * allows; so are limits that contradict each other, since Home Assistant refuses an entity whose minimum is not below its maximum.
 */
export function rangeOf(limits: Limits, view: DeviceView, datapoints: readonly Datapoint[]): Range {
  const byAir = view.state.control_type === 'air' || view.state.control_type === 'air_floor_limits'
  const sensor = limits === 'control' ? (byAir ? 'air' : 'floor') : limits
  const row = (end: 'min' | 'max') => datapoints.find(({ key }) => key === `${sensor}_setpoint_${end}`)?.[end]
  const widest: Range = { min: row('min') ?? WIDEST.min, max: row('max') ?? WIDEST.max }
  const min = numberOf(view.state[`${sensor}_setpoint_min`]) ?? widest.min
  const max = numberOf(view.state[`${sensor}_setpoint_max`]) ?? widest.max
  return min < max ? { min, max } : widest
}
