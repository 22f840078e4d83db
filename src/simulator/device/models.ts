import {
  AX_AIR_PARAMETERS,
  AX_AIR_TELEMETRY,
  AX_PARAMETERS,
  AX_TELEMETRY,
  AX_TELEMETRY_NEWER,
  type ParameterRow,
  SX_PARAMETERS,
} from '../factory/terneo.ts'
import { AZ_PARAMETERS, AZ_TELEMETRY, OLD_PARAMETERS, OZ_PARAMETERS, OZ_TELEMETRY } from '../factory/welrok.ts'

/** How one model differs from another on the wire. */
export interface VirtualModel {
  /** The name that the model gives itself in beacons. */
  readonly hw: string
  readonly vendor: 'terneo' | 'welrok'
  readonly parameters: readonly ParameterRow[]
  /** Every telemetry field with an initial value; changing values are computed. */
  readonly telemetry: Readonly<Record<string, string>>
  /** Parameters that no request can change. */
  readonly readOnly: readonly number[]
  readonly airSensor: boolean
  /** Whether the model has a separate schedule for control by the air; if not, its one schedule serves both sensors. */
  readonly airSchedule: boolean
  readonly brightest: number
  /** The parameters of the away start and end, and whether they are in UTC. */
  readonly away: { readonly start: number; readonly end: number; readonly utc: boolean }
  /** Whether a setpoint of 127 or -127, temporary or in the schedule, means always on or always off. */
  readonly onOffSetpoints: boolean
  /** Period numbers: `day * 16 + index`, or counted through the week. */
  readonly periodNumbers: 'by-day' | 'running'
  /** Whether the unit tells its time zone when asked for its clock. */
  readonly tellsZone: boolean
  /** Whether the telemetry leaves the temperatures out while the unit is off. */
  readonly silentWhenOff: boolean
  /** `o.1` after a power cut, and after a restart by command. */
  readonly restartReason: { readonly power: string; readonly software: string }
  readonly refusal: 'block' | 'block-with-sn'
  readonly acknowledgement: 'short' | 'full'
}

const terneo = {
  vendor: 'terneo',
  airSensor: false,
  airSchedule: false,
  brightest: 9,
  away: { start: 0, end: 1, utc: false },
  onOffSetpoints: false,
  periodNumbers: 'by-day',
  tellsZone: false,
  restartReason: { power: '4', software: '8' },
  refusal: 'block',
} as const

const welrok = {
  vendor: 'welrok',
  airSensor: false,
  airSchedule: false,
  brightest: 9,
  away: { start: 0, end: 1, utc: false },
  onOffSetpoints: false,
  periodNumbers: 'by-day',
  tellsZone: false,
  silentWhenOff: false,
  restartReason: { power: '1', software: '3' },
  refusal: 'block-with-sn',
  acknowledgement: 'full',
} as const

// Captured lists hold 54, 116 and the SX's 67, but no document does: no request writes them.
const AX: VirtualModel = {
  ...terneo,
  hw: 'ax',
  parameters: AX_PARAMETERS,
  telemetry: AX_TELEMETRY,
  readOnly: [28, 109, 116],
  silentWhenOff: false,
  acknowledgement: 'full',
}

const SX: VirtualModel = {
  ...terneo,
  hw: 'sx',
  parameters: SX_PARAMETERS,
  telemetry: { ...AX_TELEMETRY, ...AX_TELEMETRY_NEWER },
  readOnly: [28, 54, 55, 67, 109],
  silentWhenOff: true,
  acknowledgement: 'short',
}

const AZ: VirtualModel = {
  ...welrok,
  hw: 'az',
  // By the Russian table and both pages on MQTT; the English table says 9.
  brightest: 10,
  parameters: AZ_PARAMETERS,
  telemetry: AZ_TELEMETRY,
  readOnly: [28, 55, 109],
}

/** OZ without air sensor. Its beacons say `oz` too; only its parameters tell it apart. */
const OLD: VirtualModel = {
  ...welrok,
  hw: 'oz',
  parameters: OLD_PARAMETERS,
  telemetry: AZ_TELEMETRY,
  readOnly: [28, 55, 109],
}

const OZ: VirtualModel = {
  ...welrok,
  hw: 'oz',
  parameters: OZ_PARAMETERS,
  telemetry: OZ_TELEMETRY,
  readOnly: [28, 36, 55, 109],
  airSensor: true,
  airSchedule: true,
  brightest: 10,
  away: { start: 66, end: 67, utc: true },
  onOffSetpoints: true,
  periodNumbers: 'running',
  tellsZone: true,
}

export interface ModelVariant {
  /** Whether telemetry carries `time`; older firmware tells it only in answer to `{"cmd":3}`. */
  readonly telemetryTime?: boolean | undefined
  /** Whether a Terneo has an air sensor. */
  readonly airSensor?: boolean | undefined
  /** Whether the unit also has the parameters that its document lists but leaves out of its examples. */
  readonly wholeDocument?: boolean | undefined
}

/** The model called `name`. An unknown name makes an SX under that name, as other Terneos are. */
export function virtualModel(name: string, variant: ModelVariant = {}): VirtualModel {
  const known: Readonly<Record<string, VirtualModel>> = { ax: AX, sx: SX, az: AZ, oz: OZ, old: OLD }
  let model = known[name] ?? { ...SX, hw: name }
  if (variant.airSensor && !model.airSensor && model.vendor === 'terneo') {
    model = {
      ...model,
      airSensor: true,
      parameters: withRows(model.parameters, AX_AIR_PARAMETERS),
      telemetry: { ...model.telemetry, ...AX_AIR_TELEMETRY },
    }
  }
  if (variant.wholeDocument) {
    model = {
      ...model,
      parameters: withMissing(model.parameters, DOCUMENTED[model.vendor]),
      telemetry: { ...fieldsMissing(model), ...model.telemetry },
    }
  }
  if (variant.telemetryTime === undefined || variant.telemetryTime === 'time' in model.telemetry) return model
  if (variant.telemetryTime) return { ...model, telemetry: { ...model.telemetry, ...AX_TELEMETRY_NEWER } }
  const { time: _, ...without } = model.telemetry
  return { ...model, telemetry: without }
}

/** Parameters that are in the documents' tables, but in none of their examples. */
const DOCUMENTED: Readonly<Record<VirtualModel['vendor'], readonly ParameterRow[]>> = {
  terneo: [
    [31, 1, 30],
    [52, 4, 0],
    [53, 4, 480],
    [109, 7, 0],
    [120, 7, 0],
    [122, 7, 0],
  ],
  welrok: [[6, 1, 18]],
}

/** The same for telemetry fields. */
function fieldsMissing({ vendor, airSensor }: VirtualModel): Readonly<Record<string, string>> {
  if (vendor === 'terneo') return { 't.7': '640', 'm.5': '0', 'f.14': '0', 'f.16': '0', 'f.21': '0' }
  return airSensor ? { 'f.2': '0', 'f.10': '0', 'f.14': '0' } : { 'f.14': '0' }
}

function withMissing(rows: readonly ParameterRow[], more: readonly ParameterRow[]): readonly ParameterRow[] {
  return [...rows, ...more.filter(([id]) => !rows.some(([own]) => own === id))]
}

function withRows(rows: readonly ParameterRow[], more: readonly ParameterRow[]): readonly ParameterRow[] {
  const ids = new Set(more.map(([id]) => id))
  return [...rows.filter(([id]) => !ids.has(id)), ...more]
}
