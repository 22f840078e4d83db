import type { Limits } from '../../catalog/index.ts'
import type { Bounds } from '../../protocol/values.ts'

/** The factory limits, for a unit that does not tell its own (parameters 26, 27, 33, 34). */
const FACTORY = { floor: { min: 5, max: 45 }, air: { min: 5, max: 35 } } as const

/** Limits and resolution of a setpoint, in °C. */
export interface SetpointBounds extends Bounds {
  readonly min: number
  readonly max: number
  readonly resolution: number
}

/** The readings of a unit that its limits depend on. */
export interface LimitSource {
  value(key: string): unknown
  readonly tenths: boolean
  readonly setpointStep: number | undefined
}

/** The sensor that a setpoint of this kind refers to. */
export function sensorOf(limits: Limits, source: Pick<LimitSource, 'value'>): 'floor' | 'air' {
  if (limits !== 'control') return limits
  return (source.value('control_type') ?? 'floor') === 'floor' ? 'floor' : 'air'
}

/**
 * The limits in force for a setpoint, in °C. The step is a whole degree on units that hold whole degrees, and always by the
 * floor, since OZ takes floor setpoints in steps of 1 °C (Welrok OZ, "Parameters list"). By the air it is a tenth.
 */
export function setpointBounds(limits: Limits, source: LimitSource): SetpointBounds {
  const sensor = sensorOf(limits, source)
  const limit = (end: 'min' | 'max'): number => {
    const value = source.value(`${sensor}_setpoint_${end}`)
    return typeof value === 'number' ? value : FACTORY[sensor][end]
  }
  const range = { min: limit('min'), max: limit('max') }
  // Limits that contradict each other would refuse every setpoint, even those that the device takes.
  const sane = range.min < range.max ? range : FACTORY[sensor]
  return { ...sane, resolution: source.tenths && sensor === 'air' ? 0.1 : 1 }
}

/**
 * The step in which people change the setpoint: the one that the device names, else 0.5 °C by the air and 1 °C by the floor.
 */
export function setpointStep(source: LimitSource): number {
  return setpointBounds('control', source).resolution === 1 ? 1 : (source.setpointStep ?? 0.5)
}
