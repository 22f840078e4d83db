import * as derived from './derived.ts'
import * as parameters from './parameters.ts'
import * as telemetry from './telemetry.ts'
import type { Model, ParameterRow } from './types.ts'

/** `rows` with some of their fields replaced, for a model that differs in them. */
function amend(rows: readonly ParameterRow[], changes: Readonly<Record<number, Partial<ParameterRow>>>) {
  return rows.map((row) => ({ ...row, ...changes[row.id] }))
}

const away = { start: 'away_start', end: 'away_end' }

function terneo(id: string, name: string, hw: readonly string[]): Model {
  return {
    id,
    vendor: 'Terneo',
    name,
    hw,
    parameters: [...parameters.common, ...parameters.air],
    telemetry: [...telemetry.common, ...telemetry.air, ...telemetry.terneo],
    derived: derived.common,
    away,
    timer: false,
  }
}

/** AZ and the OZ from before June 2025 control by the floor alone, though their documents list the away setpoint of the air. */
const floorOnly: readonly ParameterRow[] = [
  ...amend(parameters.common, { 3: { access: 'read', entity: null } }),
  ...parameters.air.filter(({ id }) => id === 6),
]

const az: Model = {
  id: 'az',
  vendor: 'Welrok',
  name: 'Welrok AZ',
  hw: ['az'],
  parameters: floorOnly,
  telemetry: [...telemetry.common, ...telemetry.welrok],
  derived: derived.common,
  away,
  timer: false,
}

const old: Model = { ...az, id: 'old', name: 'Welrok OZ (before June 2025)', hw: [] }

/** Its setpoints are int16 tenths. */
const INT16 = { wire: 3 } as const

const oz: Model = {
  ...az,
  id: 'oz',
  name: 'Welrok OZ',
  hw: ['oz'],
  parameters: [
    ...amend([...parameters.common, ...parameters.air], {
      4: INT16,
      5: INT16,
      6: INT16,
      7: INT16,
      // The document's table says uint8 of these two, the published reply int8.
      14: { wire: 1 },
      15: { wire: 1 },
      23: { max: 10 },
      29: INT16,
      31: INT16,
    }),
    ...parameters.oz,
  ],
  telemetry: [...az.telemetry, ...telemetry.air, ...telemetry.oz],
  derived: [...derived.common, ...derived.timer],
  away: { start: 'away_start_utc', end: 'away_end_utc' },
  timer: true,
}

/** A thermostat that nobody has described. */
const unknown = terneo('unknown', 'Thermostat', [])

export const MODELS: readonly Model[] = [
  terneo('ax', 'Terneo AX', ['ax']),
  terneo('sx', 'Terneo SX', ['sx']),
  terneo('rx', 'Terneo RX', ['rx']),
  terneo('bx', 'Terneo BX', ['bx']),
  az,
  old,
  oz,
  unknown,
]

/**
 * The model of a device, from what its beacons call it (`hw`, any case) and the wire types of its parameters by id.
 * `oz` without int16 setpoints is the OZ from before June 2025; an unknown `hw` is taken for what its parameters show:
 * int16 setpoints (parameter 31, or 5) are OZ's, anything else is treated as a thermostat of which only what it sends is known.
 */
export function modelOf(hw: string | null, types: ReadonlyMap<number, number>): Model {
  const tenths = (types.get(31) ?? types.get(5)) === 3
  const name = hw?.toLowerCase() ?? ''
  if (name === 'oz') return types.size > 0 && !tenths ? old : oz
  return MODELS.find((model) => model.hw.includes(name)) ?? (tenths ? oz : unknown)
}
