/** What the load uses, as the state shows it. */
import type { JsonValue } from '../../core/json.ts'
import type { Readings } from '../facts/readings.ts'
import { type DeviceEnergy, figureOf } from './facts.ts'

interface Known {
  readonly readings: Readings
  /** Undefined while nothing counts energy. */
  readonly energy: Pick<DeviceEnergy, 'ownFigure' | 'committed'> | undefined
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

/**
 * W, kWh, kWh and h. Null for what nobody knows: power and energy of a load that is on and whose power nobody has given, and
 * everything before the first telemetry.
 */
export function shows(known: Known): Record<string, JsonValue> {
  const used = known.energy?.committed
  const hours = used ? thousandths(used.onSeconds / 3_600) : null
  const metered = used && isMetered(known) ? used : null
  return {
    power: powerOf(known),
    energy: metered && thousandths(metered.wattHours / 1_000),
    energy_error: metered && thousandths(metered.errorWattHours / 1_000),
    heating_time: hours,
    on_time: hours,
  }
}

/** The energy keys are there from the first reading on, though the first count is committed later. */
export function has(known: Known): readonly string[] {
  const { values } = known.readings
  return [
    ...(values.has('load') ? ['heating_time', 'on_time'] : []),
    ...(values.has('rated_power') ? ['power'] : []),
    ...(known.energy && isMetered(known) ? ['power', 'energy', 'energy_error'] : []),
  ]
}

/** Whether the energy is known: it was counted before, or can be counted from now on. */
function isMetered({ readings, energy }: Known): boolean {
  return (energy?.committed?.wattHours ?? 0) > 0 || figureOf(readings, energy?.ownFigure) !== undefined
}

function powerOf({ readings, energy }: Known): number | null {
  const load = readings.value('load')
  const own = energy?.ownFigure
  if (typeof load !== 'boolean' || (own ?? readings.number('rated_power')) === undefined) return null
  return load ? (figureOf(readings, own) ?? null) : 0
}
