/** The generated reference of what the devices have: made from the rows, so that it can't fall behind. */
import { sourceOf } from './documents.ts'
import {
  type Datapoint,
  datapointsOf,
  isMirror,
  MODELS,
  type Model,
  type ParameterRow,
  platformOf,
  type WireType,
} from './index.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

const code = (text: string): string => `\`${text}\``

const LIMITS = {
  floor: 'within `floor_setpoint_min` and `floor_setpoint_max`',
  air: 'within `air_setpoint_min` and `air_setpoint_max`',
  control: 'within the setpoint limits of the sensor that controls',
} as const

function isUtc(key: string, model: Model): boolean {
  return (
    model.derived.some((row) => row.key === key) ||
    model.parameters.some((row) => row.key === key && row.scale.as === 'time' && row.scale.zone === 'utc')
  )
}

/** What a value can be, besides null. */
function valuesOf({ key, type, values, limits, min, max, step }: Datapoint, model: Model): string {
  switch (type) {
    case 'boolean':
      return '`true`, `false`'
    case 'enum':
      return (values ?? []).map(code).join(', ')
    case 'timeOfDay':
      return '`HH:MM`'
    case 'timestamp':
      return isUtc(key, model) ? 'ISO 8601, UTC' : 'ISO 8601 without a zone'
    default: {
      if (limits) return LIMITS[limits]
      const steps = step === undefined || step === 1 ? '' : `, step ${step}`
      return min === undefined || max === undefined ? '' : `${min} to ${max}${steps}`
    }
  }
}

const accessOf = ({ access }: Datapoint): string => (access === 'write' ? 'set' : 'read')

function entityOf(datapoint: Datapoint): string {
  const platform = platformOf(datapoint)
  if (platform === undefined) return ''
  return datapoint.entity?.disabled ? `${platform} (off)` : platform
}

/** What models say of one key, when they do not agree: what most say first, then the others with the models' ids. */
function varied(models: readonly Model[], say: (model: Model) => string): string {
  const said = new Map<string, string[]>()
  for (const model of models) said.set(say(model), [...(said.get(say(model)) ?? []), model.id])
  const [[most = ''] = [], ...others] = [...said].sort(([, a], [, b]) => b.length - a.length)
  return [most, ...others.map(([text, ids]) => `(${ids.map(code).join(', ')}: ${text})`)].join(' ').trim()
}

/** Every key of every model's state: key, type, unit, values, access, meaning, models. */
export function stateKeys(): string {
  const found = MODELS.map((model) => [model, new Map(datapointsOf(model).map((row) => [row.key, row]))] as const)
  const keys = [...new Set(found.flatMap(([, rows]) => [...rows.keys()]))]
  const lines = keys.map((key) => {
    const rows = new Map(found.flatMap(([model, byKey]) => [...withKey(model, byKey.get(key))]))
    const models = [...rows.keys()]
    const column = (say: (row: Datapoint, model: Model) => string) =>
      varied(models, (model) => {
        const row = rows.get(model)
        return row ? say(row, model) : ''
      })
    return [
      code(key),
      column((row) => row.type),
      column((row) => row.unit ?? ''),
      column(valuesOf),
      column(accessOf),
      column((row) => (row.fault ? `Fault. ${row.text}` : row.text)),
      models.length === MODELS.length ? 'all' : models.map(({ id }) => code(id)).join(' '),
    ]
  })
  return table(['key', 'type', 'unit', 'values', 'access', 'meaning', 'models'], lines)
}

const withKey = (model: Model, row: Datapoint | undefined): readonly (readonly [Model, Datapoint])[] =>
  row ? [[model, row]] : []

const HOW_TOLD = `A device that calls itself \`oz\` but sends its setpoints as int8 is \`old\`. One whose \`hw\` is none of these is treated by
what its parameters show: int16 setpoints are those of \`oz\`, parameters that only a relay has are those of \`ms\` or \`d2w\`, anything else is
\`unknown\`. Once its kind is known (thermostat, relay, voltage relay), what only another kind sends is refused with \`DEVICE_BAD_REPLY\` and changes
nothing.

A \`d2w\` does not say who it is, so its serial is that of the beacon from its address: it is believed when a D2W answers there, no device of
another kind is known by that serial, and no other device is at home at that address. That is weaker than for all others, whose answers name
them: whoever owns an address of the local network can pass for a D2W.`

/** The models with their ids, what their beacons call them, and how the bridge tells them apart. */
export function models(): string {
  const rows = MODELS.map(({ id, name, hw }) => [code(id), name, hw.map(code).join(' ')])
  return `${table(['id', 'model', '`hw` of its beacons'], rows)}\n\n${HOW_TOLD}`
}

const WIRE_TYPES: Readonly<Record<WireType, string>> = {
  0: 'string',
  1: 'int8',
  2: 'uint8',
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'bool',
}

function parametersOf(model: Model): string {
  const datapoints = new Map(datapointsOf(model).map((row) => [row.key, row]))
  const line = ({ id, vendor, key, wire }: ParameterRow): string[] => {
    const row = datapoints.get(key)
    if (!row) return []
    const named = [String(id), vendor, WIRE_TYPES[wire], code(key)]
    return [...named, row.unit ?? '', valuesOf(row, model), accessOf(row), entityOf(row), row.text, row.source]
  }
  const head = ['id', 'vendor’s name', 'wire', 'key', 'unit', 'values', 'access', 'entity', 'meaning', 'source']
  return table(head, [...model.parameters].sort((a, b) => a.id - b.id).map(line))
}

function telemetryOf(model: Model): string {
  const datapoints = new Map(datapointsOf(model).map((row) => [row.key, row]))
  const lines = model.telemetry.map((row) => {
    if (isMirror(row))
      return [
        code(row.field),
        code(row.mirrors),
        '',
        '',
        '',
        'The parameter of that key, fresher.',
        sourceOf(row.documents, model.document, 'telemetry'),
      ]
    const datapoint = datapoints.get(row.key)
    const values = datapoint ? valuesOf(datapoint, model) : ''
    return [
      code(row.field),
      code(row.key),
      row.unit ?? '',
      values,
      datapoint ? entityOf(datapoint) : '',
      row.text,
      datapoint?.source ?? '',
    ]
  })
  return table(['field', 'key', 'unit', 'values', 'entity', 'meaning', 'source'], lines)
}

function derivedOf(model: Model): string {
  const lines = datapointsOf(model)
    .filter(({ origin }) => origin === 'derived')
    .map((row) => [code(row.key), row.unit ?? '', valuesOf(row, model), accessOf(row), entityOf(row), row.text])
  return table(['key', 'unit', 'values', 'access', 'entity', 'meaning'], lines)
}

/** Models whose rows are the same, together. */
function groups(): readonly (readonly [Model, ...Model[]])[] {
  const found = new Map<string, [Model, ...Model[]]>()
  for (const model of MODELS) {
    const same = JSON.stringify([model.document, model.parameters, model.telemetry, model.derived])
    const group = found.get(same)
    if (group) group.push(model)
    else found.set(same, [model])
  }
  return [...found.values()]
}

const INTRODUCTION = `What each model has: the parameters that it holds, the telemetry that it measures, and what the bridge makes of both.
The ids and the vendor’s names are those of the vendors’ documents of the local API.

- **wire**: the type that the documents print. A device may send another; the bridge writes back the type that it received.
- **source**: the vendor’s document and its chapter; that of another model where the model’s own does not print the row.
- **access**: \`set\` keys can be written, by MQTT \`set\` and by \`PATCH …/state\`. Values outside of the limits are refused with
  \`OUT_OF_RANGE\`; those between two steps are rounded, and the result says so.
- **entity**: the platform in Home Assistant; \`(off)\` stands for entities that are there but not enabled. Keys without one are
  in the state all the same. The climate entity shows \`mode\`, \`preset\`, \`action\`, \`current_temperature\`,
  \`target_temperature\` and \`humidity\`; a relay has a switch with the name of the device, \`relay\`. A unit that never sends a row gets no entity for it.
- A parameter or telemetry field that no row describes is shown in \`unknown\` of the state, as it came, and never written.`

/** The reference of the models, Markdown. */
export function parameterReference(): string {
  const sections = groups().flatMap((group) => [
    `## ${group.map(({ name }) => name).join(', ')}`,
    `### Parameters of ${ids(group)}`,
    parametersOf(group[0]),
    `### Telemetry of ${ids(group)}`,
    telemetryOf(group[0]),
    `### Made by the bridge for ${ids(group)}`,
    derivedOf(group[0]),
  ])
  const mark = '<!-- Generated from src/catalog; run "npm run generate" after changing it. -->'
  return `${[mark, '# Models and parameters', INTRODUCTION, models(), ...sections].join('\n\n')}\n`
}

const ids = (group: readonly Model[]): string => group.map(({ id }) => id).join(', ')
