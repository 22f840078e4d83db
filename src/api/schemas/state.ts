/** The state and the command of a device as JSON Schema, from the rows of the catalog. */
import type { TSchema } from 'typebox'
import * as Type from 'typebox'
import { type Datapoint, datapointsOf, MODELS } from '../../catalog/index.ts'
import type { JsonValue } from '../../core/json.ts'
import { type DeviceState, FINDING_KINDS } from '../../devices/ports.ts'
import { STATE } from '../example-values.ts'
import { CODES, dictionary } from './problem.ts'

/** Every key of any model, with the rows that declare it. */
function keys(): Map<string, Datapoint[]> {
  const byKey = new Map<string, Datapoint[]>()
  for (const datapoint of MODELS.flatMap(datapointsOf)) {
    byKey.set(datapoint.key, [...(byKey.get(datapoint.key) ?? []), datapoint])
  }
  return byKey
}

const LIMITS = {
  floor: 'Within the limits set for the floor.',
  air: 'Within the limits set for the air.',
  control: 'Within the limits set for the control type in force.',
}

/** They are local times without a zone; commands accept a zone too. */
const LOCAL_TIMES: ReadonlySet<string> = new Set(['away_start', 'away_end'])

function describe({ text, unit, limits }: Datapoint): string {
  return [text, ...(unit ? [`Unit: ${unit}.`] : []), ...(limits ? [LIMITS[limits]] : [])].join(' ')
}

/**
 * The lowest or highest limit of all rows, absent if some row has none: a value that some model accepts is not refused.
 */
function widest(rows: readonly Datapoint[], field: 'min' | 'max'): number | undefined {
  const values = rows.flatMap((row) => row[field] ?? [])
  if (values.length < rows.length) return undefined
  return field === 'min' ? Math.min(...values) : Math.max(...values)
}

function valueSchema(rows: readonly Datapoint[], type: Datapoint['type']): TSchema {
  switch (type) {
    case 'boolean':
      return Type.Boolean()
    case 'number': {
      const minimum = widest(rows, 'min')
      const maximum = widest(rows, 'max')
      return Type.Number({
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      })
    }
    case 'enum':
      return Type.Enum([...new Set(rows.flatMap((row) => row.values ?? []))])
    case 'timestamp':
      return rows.some(({ key }) => LOCAL_TIMES.has(key))
        ? Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d', examples: ['2026-12-20T18:00:00'] })
        : Type.String({ format: 'date-time' })
    case 'timeOfDay':
      return Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' })
    case 'text':
      return Type.String()
  }
}

/** State values come from the device, so limits for commands do not apply to them; labels and types do. */
function stateValue(rows: readonly Datapoint[], first: Datapoint): TSchema {
  const value = first.type === 'number' ? Type.Number() : valueSchema(rows, first.type)
  const readOnly = rows.every((row) => row.access === 'read')
  return Type.Union([value, Type.Null()], {
    title: first.name,
    description: describe(first),
    ...(first.unit ? { 'x-unit': first.unit } : {}),
    ...(readOnly ? { readOnly } : {}),
  })
}

/** A device's state: which keys exist depends on the model; all keys of the model are always present. */
export function stateSchema() {
  const properties = [...keys()].flatMap(([key, rows]) => {
    const [first] = rows
    return first ? [[key, Type.Optional(stateValue(rows, first))] as const] : []
  })
  const unknown = Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()], {
    readOnly: true,
    description: 'Values without a datapoint, as the device sends them; null if there are none.',
  })
  const refusal = Type.Object({
    code: Type.Enum(CODES),
    message: Type.String(),
    at: Type.String({ format: 'date-time' }),
    about: Type.Array(Type.String(), { description: 'The keys of the command, or the action.' }),
  })
  const lastError = Type.Union([refusal, Type.Null()], {
    readOnly: true,
    description: 'Why the last command was not carried out; null if it was, or if there was none since the start.',
  })
  const finding = Type.Object({
    kind: Type.Enum([...FINDING_KINDS]),
    since: Type.String({ format: 'date-time' }),
    message: Type.String({ description: 'The evidence in a sentence.' }),
    evidence: dictionary(Type.Number()),
  })
  const findings = Type.Union([Type.Array(finding), Type.Null()], {
    readOnly: true,
    description: 'What is unusual about the device, found by watching it; null while it is not watched.',
  })
  const rounding = Type.Object({
    at: Type.String({ format: 'date-time' }),
    rounded: dictionary(Type.Object({ asked: Type.Number(), set: Type.Number() })),
  })
  const lastRounded = Type.Union([rounding, Type.Null()], {
    readOnly: true,
    description: 'Values of the last command that were rounded to what the device can hold; null if there were none.',
  })
  return Type.Unsafe<DeviceState>(
    Type.Object(
      {
        ...Object.fromEntries(properties),
        unknown: Type.Optional(unknown),
        findings: Type.Optional(findings),
        last_error: Type.Optional(lastError),
        last_rounded: Type.Optional(lastRounded),
      },
      {
        $id: 'DeviceState',
        description:
          'Every key of the model is always present, null if unknown. The reference of datapoints lists the keys of each model.',
        examples: [STATE],
      },
    ),
  )
}

/**
 * What a command may contain, for the documentation. `Devices.set` decides, since it knows the model and the limits in
 * force.
 */
export function commandSchema() {
  const properties = [...keys()].flatMap(([key, rows]) => {
    const writable = rows.filter((row) => row.access === 'write')
    const [first] = writable
    if (!first) return []
    const value = valueSchema(writable, first.type)
    const takesNull = first.type === 'timestamp' || key === 'timer_setpoint'
    const schema = {
      ...(takesNull ? Type.Union([value, Type.Null()]) : value),
      title: first.name,
      description: describe(first),
    }
    return [[key, Type.Optional(schema)] as const]
  })
  return Type.Object(Object.fromEntries(properties), {
    $id: 'DeviceCommand',
    description: 'The keys to change, applied as one command: all of them or none.',
    examples: [{ mode: 'heat', target_temperature: 24 }],
    minProperties: 1,
    maxProperties: MAX_KEYS,
    additionalProperties: false,
  })
}

/** More keys than any model can write. */
const MAX_KEYS = 64

/** The form of a command, before its keys are checked. */
export function looseCommandSchema() {
  return Type.Unsafe<Record<string, JsonValue>>(Type.Object({}, { minProperties: 1, maxProperties: MAX_KEYS }))
}
