/** What a device takes at this moment, by what it shows: told to other systems, which offer people nothing else. */
import { type Limits, modelWithId } from '../../catalog/index.ts'
import type { DeviceView } from '../ports.ts'
import { setpointBounds } from './limits.ts'

/** Keys of the state that it depends on. */
const DEPENDS_ON = [
  'cooling',
  'control_type',
  'floor_setpoint_min',
  'floor_setpoint_max',
  'air_setpoint_min',
  'air_setpoint_max',
] as const

/** What of a device it depends on, besides its model and features: compared at each change of the state, so it is cheap to make. */
export function offerDependencies({ setpointStep, state }: DeviceView): string {
  return JSON.stringify([setpointStep, ...DEPENDS_ON.map((key) => state[key] ?? null)])
}

/** The limits of a setpoint in °C, the same that commands are held to. `control` means floor or air, whichever controls now. */
export function limitsOf(
  limits: Limits,
  { setpointStep, state }: DeviceView,
): { readonly min: number; readonly max: number } {
  const source = { value: (key: string) => state[key], tenths: setpointStep !== 1, setpointStep }
  const { min, max } = setpointBounds(limits, source)
  return { min, max }
}

/** Away needs the parameters that hold its start and end, boost a timer of the device or the bridge's. */
export function hasPreset(preset: string, { model, features }: DeviceView): boolean {
  const { away } = modelWithId(model)
  if (preset === 'away') return away !== null && features.has(away.start) && features.has(away.end)
  return preset !== 'boost' || features.has('boost_minutes')
}

/** The mode that heats or cools: which of them follows from the load that was installed. */
export const activeMode = ({ state }: DeviceView): 'heat' | 'cool' => (state.cooling === true ? 'cool' : 'heat')
