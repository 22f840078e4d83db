/** The reference of what the devices have, generated from the rows so that it stays current. */
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

/** A table without its empty columns, such as the steps of what is read only. */
function said(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_name, index) => rows.some((cells) => cells[index] !== ''))
  const keep = (cells: readonly string[]) => cells.filter((_cell, index) => used[index])
  return table(keep(head), rows.map(keep))
}

const code = (text: string): string => `\`${text}\``

const LIMITS = {
  floor: 'within `floor_setpoint_min` and `floor_setpoint_max`',
  air: 'within `air_setpoint_min` and `air_setpoint_max`',
  control: 'within the setpoint limits of the controlling sensor',
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

/**
 * The step of what can be set. Air setpoints of a device that stores tenths have the step that the device itself names.
 */
function stepOf({ access, type, limits, step, key }: Datapoint, model: Model): string {
  if (access === 'read' || type !== 'number') return ''
  if (step !== undefined) return String(step)
  const wire = model.parameters.find((row) => row.key === key)?.wire
  return limits !== undefined && limits !== 'floor' && wire === INT16 ? '1; by air, the device’s own' : '1'
}

function entityOf(row: Datapoint): string {
  const platform = platformOf(row)
  if (platform === undefined) return ''
  if (platform === 'climate') return 'climate'
  return `${platform} ${code(row.key)}${row.entity.shown ? '' : ' (off)'}`
}

const topicOf = ({ access, key }: Datapoint): string => code(access === 'write' ? `set/${key}` : 'state')

/** What the models say of one key if they differ: the most common first, then the others with their models' ids. */
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

const HOW_TOLD = `A device that calls itself \`oz\` but sends its setpoints as int8 is \`old\`. A device with any other \`hw\` is identified by its
parameters: int16 setpoints mean \`oz\`, parameters that only a relay has mean \`ms\` or \`d2w\`, and anything else means \`unknown\`. Once its
kind is known (thermostat, relay, voltage relay), messages that only another kind sends are refused with \`DEVICE_BAD_REPLY\` and
change nothing.

A \`d2w\` does not say who it is, so the bridge takes its serial from the beacon sent from its address. It believes the beacon if a D2W
answers there, no device of another kind has that serial, and no other device is known at that address. This is weaker than for all other
devices, whose answers identify them: anyone who holds an address on the local network can pretend to be a D2W.`

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

/** An extra column for each row, from code that knows more than the catalog. */
export interface Column {
  readonly head: string
  readonly say: (row: Datapoint) => string
}

/** A model's rows as table lines: what is said of each, whatever its source. */
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
    return [code(row.mirrors), ...empty, 'The parameter with that key, updated more often.', source]
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

/** Models grouped by identical rows. */
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

const INTRODUCTION = `What each model has: its parameters, its telemetry, and what the bridge computes from both.
The ids and the vendor’s names come from the vendors’ documents of the local API.

- **wire**: the type in the documents. A device may send another; the bridge writes back the type that it received.
- **source**: the vendor’s document and its chapter. If the model’s own document does not print the row, it is another model’s.
- **access**: \`set\` keys can be written, over MQTT and with \`PATCH /api/v1/devices/<id>/state\`. Values outside the limits are
  refused with \`OUT_OF_RANGE\`. Values between two steps are rounded, and the result says so.
- **topic**: below \`thermo2mqtt/<id>/\`. Keys that can be set are in the \`state\` too.
- **entity**: the platform in Home Assistant, and the key at the end of the unique id, \`<id>_<key>\`. \`(off)\` marks entities that
  exist but are disabled. The climate entity shows \`mode\`, \`preset\`, \`action\`, \`current_temperature\`,
  \`target_temperature\` and \`humidity\`. A relay has a switch with the name of the device, \`relay\`. A row that a unit never sends gets no entity.
- **Homie**: node and property, below \`homie/5/thermo2mqtt-<id>/\`; keys that can be set have a \`/set\` topic below. In Wiren Board, the
  control has the name of the key: \`/devices/thermo2mqtt_<id>/controls/<key>\`. In both, \`<id>\` is in lower case.
- A parameter or telemetry field without a row is shown as it came in \`unknown\` of the state, and never written.`

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
      `### Computed by the bridge for ${ids(group)}`,
      derivedOf(model, lines),
    ]
  })
  const mark = '<!-- Generated from src/catalog; run "npm run generate" after changing it. -->'
  return `${[mark, '# Models and parameters', INTRODUCTION, models(), ...sections].join('\n\n')}\n`
}

const ids = (group: readonly Model[]): string => group.map(({ id }) => id).join(', ')
