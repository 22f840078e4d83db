/** A device in Wiren Board's conventions: its meta topics, its controls with theirs, and the topics for orders. */
import type { Datapoint } from '../catalog/index.ts'
import { modelWithId } from '../catalog/index.ts'
import { LOCALES, labelOf, nameOf, wordOf } from '../catalog/locales/index.ts'
import { allowed, decimalsOf, rowsOf, type ShownRow } from '../conventions/rows.ts'
import type { Described, Entry, Order, Property } from '../conventions/types.ts'
import { actionsOf } from '../devices/commands/actions.ts'
import type { BridgeInfo, DeviceView } from '../devices/ports.ts'
import { type ControlType, read, show } from './payload.ts'

type Titles = Readonly<Record<string, string>>

interface Meta {
  readonly type: ControlType
  readonly units?: string
  readonly min?: number
  readonly max?: number
  readonly precision?: number
  readonly order: number
  readonly readonly: boolean
  readonly hidden?: true
  readonly title: Titles
  readonly enum?: Readonly<Record<string, Titles>>
}

/** The conventions' names of our units ("Units"); units unknown to them are left out. */
const UNITS: Readonly<Record<string, string>> = {
  '°C': 'deg C',
  '%': '%, RH',
  W: 'W',
  kWh: 'kWh',
  V: 'V',
  s: 's',
  min: 'min',
  h: 'h',
}

/** Fields of `meta` that older programs expect on separate topics. */
const LEGACY = ['type', 'units', 'min', 'max', 'precision', 'order', 'readonly'] as const

function typeOf({ type, access, fault, entity }: Datapoint): ControlType {
  switch (type) {
    case 'boolean':
      return access === 'read' && (fault || entity?.deviceClass === 'problem') ? 'alarm' : 'switch'
    case 'number':
      return 'value'
    default:
      return 'text'
  }
}

const inAll = (say: (locale: (typeof LOCALES)[number]) => string): Titles =>
  Object.fromEntries(LOCALES.map((locale) => [locale, say(locale)]))

function metaOf(shown: ShownRow, order: number): Meta {
  const { row, range, values } = shown
  const units = row.unit === undefined ? undefined : UNITS[row.unit]
  const decimals = row.access === 'write' && row.type === 'number' ? decimalsOf(shown) : undefined
  return {
    type: typeOf(row),
    ...(units === undefined ? {} : { units }),
    ...(range.min === undefined ? {} : { min: range.min }),
    ...(range.max === undefined ? {} : { max: range.max }),
    ...(decimals === undefined ? {} : { precision: Number((10 ** -decimals).toFixed(decimals)) }),
    order,
    readonly: row.access === 'read',
    ...(row.entity?.seldom ? { hidden: true } : {}),
    title: inAll((locale) => nameOf(row, locale)),
    ...(row.type === 'enum'
      ? { enum: Object.fromEntries(values.map((value) => [value, inAll((locale) => labelOf(row, value, locale))])) }
      : {}),
  }
}

function metaEntries(control: string, meta: Meta): readonly Entry[] {
  const shown = (value: string | number | boolean) => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value))
  const legacy = LEGACY.flatMap((field) => {
    const value = meta[field]
    return value === undefined ? [] : [{ topic: `${control}/meta/${field}`, payload: shown(value) }]
  })
  return [{ topic: `${control}/meta`, payload: JSON.stringify(meta) }, ...legacy]
}

/** The identity of the device; sent first, since it also marks the device as the bridge's. */
function deviceEntries(topic: string, driver: string, name: string): readonly Entry[] {
  const meta = { driver, title: { en: name } }
  return [
    { topic: `${topic}/meta`, payload: JSON.stringify(meta) },
    { topic: `${topic}/meta/name`, payload: name },
    { topic: `${topic}/meta/driver`, payload: driver },
  ]
}

/** @param topic of the device; @param driver the name of this bridge as a driver */
export function describeDevice(view: DeviceView, topic: string, driver: string): Described {
  const about: Entry[] = [...deviceEntries(topic, driver, view.name)]
  const properties: Property[] = []
  const orders: Order[] = []
  const controlOf = (key: string) => `${topic}/controls/${key}`
  const rows = rowsOf(view)
  for (const [index, shown] of rows.entries()) {
    const { key, access } = shown.row
    const meta = metaOf(shown, index + 1)
    about.push(...metaEntries(controlOf(key), meta))
    properties.push({ key, topic: controlOf(key), show: (value) => show(allowed(shown, value)) })
    if (access === 'read') continue
    orders.push({
      topic: `${controlOf(key)}/on`,
      key,
      read: (text) => ({ do: 'set', value: read(text, meta.type) }),
    })
  }
  for (const [index, action] of actionsOf(modelWithId(view.model)).entries()) {
    const order = rows.length + index + 1
    about.push(
      ...metaEntries(controlOf(action), {
        type: 'pushbutton',
        order,
        readonly: false,
        title: inAll((locale) => wordOf(`button.${action}`, locale)),
      }),
    )
    orders.push({
      topic: `${controlOf(action)}/on`,
      key: null,
      read: (text) => {
        read(text, 'pushbutton')
        return { do: 'act', action }
      },
    })
  }
  return { about, properties, orders }
}

export function describeBridge(bridge: BridgeInfo, topic: string, driver: string): Described {
  const controls: Readonly<Record<string, Omit<Meta, 'order' | 'readonly'>>> = {
    version: { type: 'text', title: { en: 'Version', uk: 'Версія', ru: 'Версия' } },
    devices: { type: 'value', title: { en: 'Devices', uk: 'Пристрої', ru: 'Устройства' } },
    online: { type: 'value', title: { en: 'Devices online', uk: 'Пристрої на зв’язку', ru: 'Устройства на связи' } },
  }
  const about = Object.entries(controls).flatMap(([key, meta], index) =>
    metaEntries(`${topic}/controls/${key}`, { ...meta, order: index + 1, readonly: true }),
  )
  return {
    about: [...deviceEntries(topic, driver, `thermo2mqtt ${bridge.version}`), ...about],
    properties: Object.keys(controls).map((key) => ({ key, topic: `${topic}/controls/${key}`, show })),
    orders: [],
  }
}
