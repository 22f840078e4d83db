/** What there is to read and set on every model, as data, and what follows from a row. */
import { sourceOf } from './documents.ts'
import type {
  Datapoint,
  DatapointType,
  FaultKind,
  MirrorRow,
  Model,
  ParameterRow,
  Platform,
  Scale,
  TelemetryRow,
} from './types.ts'

export { kindOf, kindOfTelemetry } from './kinds.ts'
export { unlockBoth, unlockLan } from './lock-ways.ts'
export { MODELS, modelNamed, modelOf, modelWithId } from './models.ts'
export type * from './types.ts'

export function isMirror(row: TelemetryRow | MirrorRow): row is MirrorRow {
  return 'mirrors' in row
}

const TYPES: Readonly<Record<Scale['as'], DatapointType>> = {
  number: 'number',
  setpoint: 'number',
  load: 'number',
  boolean: 'boolean',
  enum: 'enum',
  time: 'timestamp',
  timeOfDay: 'timeOfDay',
}

/** Whether the wire carries whole numbers that are not divided. */
function isWhole(scale: Scale): boolean {
  return scale.as === 'load' || (scale.as === 'number' && !scale.divide && !scale.times)
}

function ofWire(row: ParameterRow | TelemetryRow, { document }: Model): Datapoint {
  const { documents, scale } = row
  const origin = 'id' in row ? `parameter ${row.id}` : `telemetry ${row.field}`
  const source = sourceOf(documents, document, 'id' in row ? 'parameters' : 'telemetry')
  const values = scale.as === 'enum' ? { values: [...new Set(Object.values(scale.labels))] } : {}
  const whole = isWhole(scale) ? { whole: true as const } : {}
  return { ...row, type: TYPES[scale.as], ...values, ...whole, origin, source }
}

/** Every key of a model's state, in display order. */
export function datapointsOf(model: Model): readonly Datapoint[] {
  return [
    ...model.derived.map((row) => ({ ...row, origin: 'derived', source: 'made by the bridge' })),
    ...model.telemetry.flatMap((row) => (isMirror(row) ? [] : [ofWire(row, model)])),
    ...model.parameters.map((row) => ofWire(row, model)),
  ]
}

/** The faults among the rows, in the same order, with their kinds. */
export function faultsOf(datapoints: readonly Datapoint[]): readonly (readonly [Datapoint, FaultKind])[] {
  return datapoints.flatMap((row) => (row.fault ? [[row, row.fault === true ? 'other' : row.fault] as const] : []))
}

/** The Home Assistant platform of a datapoint. */
export function platformOf(datapoint: Datapoint): Platform {
  if (datapoint.entity.platform) return datapoint.entity.platform
  const writable = datapoint.access === 'write'
  switch (datapoint.type) {
    case 'boolean':
      return writable ? 'switch' : 'binary_sensor'
    case 'number':
      return writable ? 'number' : 'sensor'
    case 'enum':
      return writable ? 'select' : 'sensor'
    case 'timeOfDay':
      return writable ? 'text' : 'sensor'
    case 'text':
    case 'timestamp':
      return 'sensor'
  }
}
