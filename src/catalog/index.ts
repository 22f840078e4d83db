import type {
  Datapoint,
  DatapointType,
  MirrorRow,
  Model,
  ParameterRow,
  Platform,
  Scale,
  TelemetryRow,
} from './types.ts'

export { MODELS, modelOf } from './models.ts'
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

function ofWire(row: ParameterRow | TelemetryRow, origin: string): Datapoint {
  const { scale } = row
  const values = scale.as === 'enum' ? { values: [...new Set(Object.values(scale.labels))] } : {}
  return { ...row, type: TYPES[scale.as], ...values, origin }
}

/** Every key of a model's state, in the order in which people want to see them. */
export function datapointsOf(model: Model): readonly Datapoint[] {
  return [
    ...model.derived.map((row) => ({ ...row, origin: 'derived' })),
    ...model.telemetry.flatMap((row) => (isMirror(row) ? [] : [ofWire(row, `telemetry ${row.field}`)])),
    ...model.parameters.map((row) => ofWire(row, `parameter ${row.id}`)),
  ]
}

/** The Home Assistant platform of a datapoint, or undefined when it has no entity of its own. */
export function platformOf(datapoint: Datapoint): Platform | undefined {
  if (!datapoint.entity) return undefined
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
