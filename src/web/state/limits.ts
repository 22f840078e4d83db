/** The limits of a value as far as the page knows; the bridge has the last word. */
import type { Datapoint, Device, State } from '../api/types.ts'

export interface Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** The factory limits, for a device that does not report its own. */
const FACTORY = { floor: { min: 5, max: 45 }, air: { min: 5, max: 35 } } as const

const number = (state: State, key: string, otherwise: number): number => {
  const value = state[key]
  return typeof value === 'number' ? value : otherwise
}

/** The range of a setpoint by the floor, the air, or the present control type. */
export function setpointRange(device: Device, limits: 'floor' | 'air' | 'control'): Range {
  const { state } = device
  const controlled = (state.control_type ?? 'floor') === 'floor' ? 'floor' : 'air'
  const sensor = limits === 'control' ? controlled : limits
  const min = number(state, `${sensor}_setpoint_min`, FACTORY[sensor].min)
  const max = number(state, `${sensor}_setpoint_max`, FACTORY[sensor].max)
  const step = sensor === controlled ? device.setpoint_step : sensor === 'floor' ? 1 : 0.5
  return min < max ? { min, max, step } : { ...FACTORY[sensor], step }
}

/** The limits of a datapoint's control; undefined if unknown. */
export function rangeOf(point: Datapoint, device: Device): Partial<Range> {
  if (point.limits) return setpointRange(device, point.limits)
  const { min, max, step } = point
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
  }
}

/** A step up or down, on the grid of steps and within the limits. */
export function stepped(value: number, direction: 1 | -1, { min, max, step }: Range): number {
  const grid = direction > 0 ? Math.floor(value / step + 1e-6) : Math.ceil(value / step - 1e-6)
  const next = Math.round((grid + direction) * step * 100) / 100
  return Math.min(max, Math.max(min, next))
}

/** Settings with which somebody can harm the floor, the load, what is behind a relay, or the way to the device. */
const LIMITS: readonly string[] = [
  'floor_setpoint_max',
  'floor_setpoint_min',
  'air_setpoint_max',
  'air_setpoint_min',
  'floor_limit_max',
  'floor_limit_min',
]
const WIRING: readonly string[] = ['relay_inverted', 'cooling', 'sensor_type', 'control_type', 'emergency_duty']
const VOLTAGES: readonly string[] = ['voltage_max', 'voltage_min']
const LOCKS: readonly string[] = ['lan_lock', 'cloud_lock']

/** What can go wrong when it is changed; null for a harmless one. */
export function riskOf(key: string): 'limit' | 'wiring' | 'voltage' | 'lock' | null {
  if (LIMITS.includes(key)) return 'limit'
  if (WIRING.includes(key)) return 'wiring'
  if (VOLTAGES.includes(key)) return 'voltage'
  return LOCKS.includes(key) ? 'lock' : null
}
