/** A device in terms of Homie 5: its `$description` and its topics. */

import type { Datapoint } from '../catalog/index.ts'
import { modelWithId } from '../catalog/index.ts'
import { type Locale, nameOf, wordOf } from '../catalog/locales/index.ts'
import { allowed, rowsOf, type ShownRow } from '../conventions/rows.ts'
import type { Described, Order, Property } from '../conventions/types.ts'
import { BridgeError } from '../core/errors.ts'
import { actionsOf } from '../devices/commands/actions.ts'
import type { BridgeInfo, DeviceAction, DeviceView } from '../devices/ports.ts'
import { keyId } from './ids.ts'
import { type Datatype, read, show } from './payload.ts'

/** The version of the convention, without its patch level. */
const HOMIE = '5.0'

export type NodeId = 'state' | 'settings' | 'diagnostics' | 'actions'

interface PropertyObject {
  readonly name: string
  readonly datatype: Datatype
  readonly format?: string
  readonly unit?: string
  readonly settable?: true
  readonly retained?: false
}

type Nodes = Record<string, { readonly name: string; readonly properties: Record<string, PropertyObject> }>

export interface DescriptionContext {
  /** The topic of the device. */
  readonly topic: string
  /** Higher than that of every earlier description. */
  readonly version: number
  readonly locale: Locale
}

/** The node that a row is a property of. */
export function nodeOf({ entity, fault, origin }: Datapoint): NodeId {
  if (fault || entity?.category === 'diagnostic') return 'diagnostics'
  const setting = entity?.category === 'config' || (origin.startsWith('parameter') && !entity?.main)
  return setting ? 'settings' : 'state'
}

function datatypeOf({ type, whole }: Datapoint): Datatype {
  switch (type) {
    case 'number':
      return whole ? 'integer' : 'float'
    case 'timestamp':
      return 'datetime'
    case 'timeOfDay':
    case 'text':
      return 'string'
    default:
      return type
  }
}

/** `min:max:step` ("Formats"); nothing for a number without limits, which is open by default. */
function formatOf({ row, range, values }: ShownRow): { format?: string } {
  if (row.type === 'enum') return { format: values.join(',') }
  const { min, max, step } = range
  if (min === undefined && max === undefined) return {}
  return { format: `${min ?? ''}:${max ?? ''}${step === undefined ? '' : `:${step}`}` }
}

function propertyObject(shown: ShownRow, locale: Locale): PropertyObject {
  const { row } = shown
  return {
    name: nameOf(row, locale),
    datatype: datatypeOf(row),
    ...formatOf(shown),
    ...(row.unit === undefined ? {} : { unit: row.unit }),
    ...(row.access === 'write' ? { settable: true } : {}),
  }
}

function described(topic: string, description: object, properties: readonly Property[], orders: readonly Order[]) {
  return { about: [{ topic: `${topic}/$description`, payload: JSON.stringify(description) }], properties, orders }
}

/** A device, as a child of the bridge. Each of its faults is also an alert while it lasts. */
export function describeDevice(view: DeviceView, root: string, context: DescriptionContext): Described {
  const { topic, version, locale } = context
  const nodes: Nodes = {}
  const properties: Property[] = []
  const orders: Order[] = []
  const add = (node: NodeId, id: string, property: PropertyObject) => {
    nodes[node] ??= { name: wordOf(`homie.${node}`, locale), properties: {} }
    nodes[node].properties[id] = property
    return `${topic}/${node}/${id}`
  }
  for (const shown of rowsOf(view)) {
    const { row, values } = shown
    const property = propertyObject(shown, locale)
    const at = add(nodeOf(row), keyId(row.key), property)
    properties.push({ key: row.key, topic: at, show: (value) => show(allowed(shown, value)) })
    if (row.fault) {
      const alert = nameOf(row, locale)
      properties.push({
        key: row.key,
        topic: `${topic}/$alert/${keyId(row.key)}`,
        show: (value) => (value === true ? alert : undefined),
      })
    }
    if (row.access === 'read') continue
    orders.push({
      topic: `${at}/set`,
      key: row.key,
      read: (text) => ({ do: 'set', value: read(text, property.datatype, values) }),
    })
  }
  const actions = actionsOf(modelWithId(view.model))
  const at = add('actions', 'action', {
    name: wordOf('homie.action', locale),
    datatype: 'enum',
    format: actions.join(','),
    settable: true,
    retained: false,
  })
  orders.push({
    topic: `${at}/set`,
    key: null,
    read: (text) => ({ do: 'act', action: readAction(text, actions) }),
  })
  return described(topic, { homie: HOMIE, version, name: view.name, root, nodes }, properties, orders)
}

function readAction(text: string, actions: readonly DeviceAction[]): DeviceAction {
  const action = actions.find((word) => word === text)
  if (action === undefined) throw new BridgeError('BAD_REQUEST', `The actions are ${actions.join(', ')}.`)
  return action
}

/** The bridge: the root of the tree, whose last will also applies to its children. */
export function describeRoot(children: readonly string[], bridge: BridgeInfo, context: DescriptionContext): Described {
  const { topic, version } = context
  const rows: Readonly<Record<string, PropertyObject>> = {
    version: { name: 'Version', datatype: 'string' },
    devices: { name: 'Devices', datatype: 'integer' },
    online: { name: 'Devices online', datatype: 'integer' },
  }
  const nodes: Nodes = { bridge: { name: 'Bridge', properties: { ...rows } } }
  const properties = Object.keys(rows).map((key) => ({ key, topic: `${topic}/bridge/${key}`, show }))
  const name = `thermo2mqtt ${bridge.version}`
  return described(topic, { homie: HOMIE, version, name, children, nodes }, properties, [])
}
