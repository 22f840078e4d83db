/** What a device takes at this moment, by what it shows. Other systems are told, so that they offer people nothing else. */
import { type Limits, modelWithId } from '../../catalog/index.ts'
import type { DeviceView } from '../ports.ts'
import { setpointBounds } from './limits.ts'

/** The state keys that the offers depend on. */
const DEPENDS_ON = [
  'cooling',
  'control_type',
  'floor_setpoint_min',
  'floor_setpoint_max',
  'air_setpoint_min',
  'air_setpoint_max',
] as const

/**
 * Everything besides model and features that the offers depend on. It is compared at each change of state, so it is cheap to
 * make.
 */
export function offerDependencies({ setpointStep, state }: DeviceView): string {
  return JSON.stringify([setpointStep, ...DEPENDS_ON.map((key) => state[key] ?? null)])
}

/**
 * The limits of a setpoint in °C, the same that commands are held to. `control` is floor or air, whichever sensor controls
 * now.
 */
export function limitsOf(
  limits: Limits,
  { setpointStep, state }: DeviceView,
): { readonly min: number; readonly max: number } {
  const source = { value: (key: string) => state[key], tenths: setpointStep !== 1, setpointStep }
  const { min, max } = setpointBounds(limits, source)
  return { min, max }
}

/**
 * Whether a preset can be offered. Away needs parameters for its start and end; boost needs a timer of the device or the
 * bridge's.
 */
export function hasPreset(preset: string, { model, features }: DeviceView): boolean {
  const { away } = modelWithId(model)
  if (preset === 'away') return away !== null && features.has(away.start) && features.has(away.end)
  return preset !== 'boost' || features.has('boost_minutes')
}

/** The active mode, heat or cool: it follows from the installed load. */
export const activeMode = ({ state }: DeviceView): 'heat' | 'cool' => (state.cooling === true ? 'cool' : 'heat')
