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
    telemetry: [...telemetry.common, ...telemetry.terneo],
    derived: derived.common,
    away,
    timer: false,
  }
}

const az: Model = {
  id: 'az',
  vendor: 'Welrok',
  name: 'Welrok AZ',
  hw: ['az'],
  parameters: parameters.common,
  telemetry: [...telemetry.common, ...telemetry.welrok],
  derived: derived.common,
  away,
  timer: false,
}

/** Its setpoints are int16 tenths; the types of the document stand here, the ones received decide. */
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
      14: { wire: 1 },
      15: { wire: 1 },
      23: { max: 10 },
      29: INT16,
      31: INT16,
    }),
    ...parameters.oz,
  ],
  telemetry: [...az.telemetry, ...telemetry.oz],
  derived: [...derived.common, ...derived.timer],
  away: { start: 'away_start_utc', end: 'away_end_utc' },
  timer: true,
}

export const MODELS: readonly Model[] = [
  terneo('ax', 'Terneo AX', ['ax']),
  terneo('sx', 'Terneo SX', ['sx']),
  terneo('rx', 'Terneo RX', ['rx']),
  terneo('bx', 'Terneo BX', ['bx']),
  az,
  { ...az, id: 'old', name: 'Welrok OZ (before June 2025)', hw: [] },
  oz,
  terneo('unknown', 'Thermostat', []),
]

const byId = (id: string): Model => {
  const model = MODELS.find((candidate) => candidate.id === id)
  if (!model) throw new Error(`no model ${id} in the catalog`)
  return model
}

/**
 * The model of a device, from what its beacons call it (`hw`, any case) and the wire types of its parameters by id.
 * `oz` without int16 setpoints is the OZ from before June 2025; an unknown `hw` is taken for what its parameters show:
 * int16 setpoints (parameter 31, or 5) are OZ's, anything else is treated as a thermostat of which only what it sends is known.
 */
export function modelOf(hw: string | null, types: ReadonlyMap<number, number>): Model {
  const tenths = (types.get(31) ?? types.get(5)) === 3
  const name = hw?.toLowerCase() ?? ''
  if (name === 'oz') return types.size > 0 && !tenths ? byId('old') : byId('oz')
  return MODELS.find((model) => model.hw.includes(name)) ?? byId(tenths ? 'oz' : 'unknown')
}
