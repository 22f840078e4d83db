import * as derived from './derived.ts'
import { kindOf } from './kinds.ts'
import * as parameters from './parameters.ts'
import * as relays from './relays.ts'
import * as telemetry from './telemetry.ts'
import type { Model, ParameterRow } from './types.ts'

/** Returns `rows` with some fields replaced, for a model that differs in them. */
function amend(rows: readonly ParameterRow[], changes: Readonly<Record<number, Partial<ParameterRow>>>) {
  return rows.map((row) => ({ ...row, ...changes[row.id] }))
}

const AWAY = { start: 'away_start', end: 'away_end' }

const thermostat = { kind: 'thermostat', dialect: 'list', away: AWAY, timer: false, zone: 'unknown' } as const

function terneo(id: string, name: string, hw: readonly string[]): Model {
  return {
    ...thermostat,
    id,
    vendor: 'Terneo',
    document: 'terneo',
    name,
    hw,
    parameters: [...parameters.common, ...parameters.air],
    telemetry: [...telemetry.common, ...telemetry.air, ...telemetry.terneo],
    derived: [...derived.thermostat, ...derived.ownTimer],
    schedules: ['floor'],
    onOffSetpoints: false,
    lockWay: 'terneo_menu',
    ownPage: false,
  }
}

/**
 * AZ and the OZ from before June 2025 control by the floor sensor only, although their documents list an away setpoint
 * for the air.
 */
const floorOnly: readonly ParameterRow[] = [
  ...amend(parameters.common, { 3: { access: 'read', entity: { category: 'diagnostic', seldom: true } } }),
  ...parameters.air.filter(({ id }) => id === 6),
]

/** The Russian table and both MQTT pages give a maximum brightness of 10, the English table 9. */
const az: Model = {
  ...thermostat,
  id: 'az',
  vendor: 'Welrok',
  document: 'az',
  name: 'Welrok AZ',
  hw: ['az'],
  parameters: amend(floorOnly, { 23: { max: 10, orMax: 9 } }),
  telemetry: [...telemetry.common, ...telemetry.welrok],
  derived: [...derived.thermostat, ...derived.ownTimer],
  schedules: ['floor'],
  onOffSetpoints: false,
  lockWay: 'welrok_menu',
  ownPage: true,
}

const old: Model = {
  ...az,
  id: 'old',
  document: 'old',
  name: 'Welrok OZ (before June 2025)',
  hw: [],
  parameters: floorOnly,
  ownPage: false,
}

/** 0 instead of 536112000 as on the others (published reply). */
const NO_TIME = { scale: { as: 'time', zone: 'device', none: [0, 536112000] } } as const

/** Its setpoints are int16 tenths. */
const INT16 = { wire: 3 } as const

/** Two of them can also mean always on and always off (note to the list). */
const ALWAYS = { wire: 3, scale: { as: 'setpoint', always: true } } as const

const oz: Model = {
  ...az,
  id: 'oz',
  document: 'oz',
  name: 'Welrok OZ',
  hw: ['oz'],
  parameters: [
    ...amend([...parameters.common, ...parameters.air], {
      0: NO_TIME,
      1: NO_TIME,
      4: INT16,
      5: INT16,
      6: INT16,
      7: INT16,
      // The document's table gives uint8 for these two, the published reply int8.
      14: { wire: 1 },
      15: { wire: 1 },
      23: { max: 10 },
      29: ALWAYS,
      31: ALWAYS,
    }),
    ...parameters.oz,
  ],
  telemetry: [...az.telemetry, ...telemetry.air, ...telemetry.oz],
  derived: [...derived.thermostat, ...derived.always, ...derived.timer],
  away: { start: 'away_start_utc', end: 'away_end_utc' },
  timer: true,
  // Welrok OZ, "Time". The document of MS only reads it and never sets it.
  zone: 'set',
  // Welrok OZ, "Schedule".
  schedules: ['floor', 'air'],
  onOffSetpoints: true,
}

const relay = {
  vendor: 'Welrok',
  away: null,
  timer: false,
  schedules: [],
  onOffSetpoints: false,
  // They have no menu, although their documents name the menu item bLc.
  lockWay: 'right_button',
  ownPage: true,
} as const

const ms: Model = {
  ...relay,
  id: 'ms',
  kind: 'relay',
  dialect: 'list',
  document: 'ms',
  name: 'Welrok MS',
  hw: ['ms'],
  parameters: relays.relayParameters,
  telemetry: relays.relayTelemetry,
  derived: derived.relay,
  zone: 'told',
}

const d2w: Model = {
  ...relay,
  id: 'd2w',
  kind: 'voltage_relay',
  dialect: 'object',
  document: 'd2w',
  name: 'Welrok D2W',
  hw: ['d2w'],
  parameters: relays.voltageParameters,
  telemetry: relays.voltageTelemetry,
  derived: derived.voltageRelay,
  zone: 'utc',
}

/** A thermostat without a published description. */
const unknown: Model = { ...terneo('unknown', 'Thermostat', []), lockWay: 'unknown' }

export const MODELS: readonly Model[] = [
  terneo('ax', 'Terneo AX', ['ax']),
  terneo('sx', 'Terneo SX', ['sx']),
  terneo('rx', 'Terneo RX', ['rx']),
  terneo('bx', 'Terneo BX', ['bx']),
  az,
  old,
  oz,
  ms,
  d2w,
  unknown,
]

/** The model with this id; for an unknown id, the model of a thermostat without a published description. */
export const modelWithId = (id: string): Model => MODELS.find((model) => model.id === id) ?? unknown

/** The model whose beacons carry this `hw` (any case); undefined for an unknown `hw`. */
export function modelNamed(hw: string | null): Model | undefined {
  const name = hw?.toLowerCase() ?? ''
  return MODELS.find((model) => model.hw.includes(name))
}

/**
 * The model of a device, from what its beacons call it (`hw`, any case) and the wire types of its parameters by id.
 * `oz` without int16 setpoints is the OZ from before June 2025; an unknown `hw` is identified by its parameters: int16
 * setpoints (parameter 31, or 5) mean OZ, parameters that only a relay has mean that relay, and anything else is a
 * thermostat of which only what it sends is known.
 */
export function modelOf(hw: string | null, types: ReadonlyMap<number, number>): Model {
  const tenths = (types.get(31) ?? types.get(5)) === 3
  const named = modelNamed(hw)
  if (named === oz) return types.size > 0 && !tenths ? old : oz
  if (named) return named
  switch (kindOf(types)) {
    case 'relay':
      return ms
    case 'voltage_relay':
      return d2w
    default:
      return tenths ? oz : unknown
  }
}
