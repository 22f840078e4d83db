/** The generated reference of what the devices have: made from the rows, so that it can't fall behind. */
import { sourceOf } from './documents.ts'
import {
  type Datapoint,
  datapointsOf,
  isMirror,
  type MirrorRow,
  MODELS,
  type Model,
  platformOf,
  type WireType,
} from './index.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** A table without the columns in which no row says anything, such as the steps of what is only read. */
function said(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_name, index) => rows.some((cells) => cells[index] !== ''))
  const keep = (cells: readonly string[]) => cells.filter((_cell, index) => used[index])
  return table(keep(head), rows.map(keep))
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

/** What a value can be, besides null, and in which steps. */
function valuesOf(row: Datapoint, model: Model): string {
  const limits = limitsOf(row, model)
  const plain = row.step === undefined || row.step === 1 || row.limits || limits === ''
  return plain ? limits : `${limits}, step ${row.step}`
}

function limitsOf({ key, type, values, limits, min, max }: Datapoint, model: Model): string {
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
      return min === undefined || max === undefined ? '' : `${min} to ${max}`
    }
  }
}

const accessOf = ({ access }: Datapoint): string => (access === 'write' ? 'set' : 'read')

/** Of what can be set. Setpoints by the air of a device that holds tenths have the step that the device itself names. */
function stepOf({ access, type, limits, step, key }: Datapoint, model: Model): string {
  if (access === 'read' || type !== 'number') return ''
  if (step !== undefined) return String(step)
  const wire = model.parameters.find((row) => row.key === key)?.wire
  return limits !== undefined && limits !== 'floor' && wire === INT16 ? '1; by the air the device’s own' : '1'
}

function entityOf(row: Datapoint): string {
  const platform = platformOf(row)
  if (platform === undefined) return ''
  if (platform === 'climate') return 'climate'
  return `${platform} ${code(row.key)}${row.entity.shown ? '' : ' (off)'}`
}

const topicOf = ({ access, key }: Datapoint): string => code(access === 'write' ? `set/${key}` : 'state')

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

const INT16 = 3

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

/** Something more to say of each row, by somebody who knows more than the catalog. */
export interface Column {
  readonly head: string
  readonly say: (row: Datapoint) => string
}

/** A model's rows as lines of tables: what is said of each, wherever it comes from. */
class Lines {
  readonly #model: Model
  readonly #more: readonly Column[]
  readonly #rows: ReadonlyMap<string, Datapoint>

  constructor(model: Model, more: readonly Column[]) {
    this.#model = model
    this.#more = more
    this.#rows = new Map(datapointsOf(model).map((row) => [row.key, row]))
  }

  get head(): readonly string[] {
    const said = ['name', 'unit', 'limits', 'step', 'access', 'topic', 'entity']
    return ['key', ...said, ...this.#more.map(({ head }) => head), 'meaning', 'source']
  }

  of(key: string): readonly string[] {
    const row = this.#rows.get(key)
    if (!row) return []
    const model = this.#model
    const said = [row.name, row.unit ?? '', limitsOf(row, model), stepOf(row, model), accessOf(row), topicOf(row)]
    return [code(key), ...said, entityOf(row), ...this.#more.map(({ say }) => say(row)), row.text, row.source]
  }

  /** A field that repeats a parameter. */
  mirror(row: MirrorRow): readonly string[] {
    const source = sourceOf(row.documents, this.#model.document, 'telemetry')
    const empty = this.head.slice(3).map(() => '')
    return [code(row.mirrors), ...empty, 'The parameter of that key, fresher.', source]
  }
}

function parametersOf(model: Model, lines: Lines): string {
  const rows = [...model.parameters].sort((a, b) => a.id - b.id)
  return said(
    ['id', 'vendor’s name', 'wire', ...lines.head],
    rows.map(({ id, vendor, wire, key }) => [String(id), vendor, WIRE_TYPES[wire], ...lines.of(key)]),
  )
}

function telemetryOf(model: Model, lines: Lines): string {
  return said(
    ['field', ...lines.head],
    model.telemetry.map((row) => [code(row.field), ...(isMirror(row) ? lines.mirror(row) : lines.of(row.key))]),
  )
}

function derivedOf(model: Model, lines: Lines): string {
  return said(
    lines.head,
    model.derived.map(({ key }) => lines.of(key)),
  )
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
- **access**: \`set\` keys can be written, by MQTT and by \`PATCH /api/v1/devices/<id>/state\`. Values outside of the limits are
  refused with \`OUT_OF_RANGE\`; those between two steps are rounded, and the result says so.
- **topic**: below \`thermo2mqtt/<id>/\`. What can be set is in the \`state\` too.
- **entity**: platform in Home Assistant, and the key that ends the unique id, \`<id>_<key>\`; \`(off)\` stands for entities that are
  there but not enabled. The climate entity shows \`mode\`, \`preset\`, \`action\`, \`current_temperature\`,
  \`target_temperature\` and \`humidity\`; a relay has a switch with the name of the device, \`relay\`. A unit that never sends a row gets no entity for it.
- **Homie**: node and property, below \`homie/5/thermo2mqtt-<id>/\`; what can be set has a \`/set\` below it. For Wiren Board the control
  has the name of the key: \`/devices/thermo2mqtt_<id>/controls/<key>\`. In both, \`<id>\` is in lower case.
- A parameter or telemetry field that no row describes is shown in \`unknown\` of the state, as it came, and never written.`

/** The reference of the models, Markdown. */
export function parameterReference(more: readonly Column[] = []): string {
  const sections = groups().flatMap((group) => {
    const [model] = group
    const lines = new Lines(model, more)
    return [
      `## ${group.map(({ name }) => name).join(', ')}`,
      `### Parameters of ${ids(group)}`,
      parametersOf(model, lines),
      `### Telemetry of ${ids(group)}`,
      telemetryOf(model, lines),
      `### Made by the bridge for ${ids(group)}`,
      derivedOf(model, lines),
    ]
  })
  const mark = '<!-- Generated from src/catalog; run "npm run generate" after changing it. -->'
  return `${[mark, '# Models and parameters', INTRODUCTION, models(), ...sections].join('\n\n')}\n`
}

const ids = (group: readonly Model[]): string => group.map(({ id }) => id).join(', ')
