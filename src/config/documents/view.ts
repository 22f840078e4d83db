/**
 * The settings for the page: the values in force, their sources, and what could be set instead. Contains no secrets.
 */
import type { JsonValue } from '../../core/json.ts'
import type { LoadedSettings } from '../loading/index.ts'
import { PAGE } from '../loading/page.ts'
import { SCHEMA } from '../settings/index.ts'
import { isRow, type JsonSchema, plain, type Row, type Section } from '../settings/setting.ts'
import { defaultOf } from './json-schema.ts'

/** One setting outside a list, or one inside an item of a list. */
export interface SettingView {
  /** Such as `mqtt.url`; inside an item, without the list: `url`. */
  readonly key: string
  /** The value as written in a file; null if it is not set or secret. */
  readonly value: JsonValue
  /** Whether a value is set, even if it is not shown. */
  readonly set: boolean
  readonly secret: boolean
  /** `default`, `page`, or the source that fixes it, such as `environment variable T2M_MQTT_URL`. */
  readonly source: string
  /** A source that overrides the page sets it. */
  readonly fixed: boolean
  /** Whether the page may set it. */
  readonly settable: boolean
  readonly default: JsonValue
  /** The default in words, if no value says it. */
  readonly unset: string | null
  readonly doc: string
  readonly allowed: string
  /** JSON Schema of the value. */
  readonly schema: JsonSchema
}

export interface ItemView {
  readonly id: string
  readonly source: string
  readonly fixed: boolean
  readonly values: readonly SettingView[]
}

export interface SettingsView {
  readonly settings: readonly SettingView[]
  readonly accounts: readonly ItemView[]
  readonly devices: readonly ItemView[]
}

type Loaded = Pick<LoadedSettings, 'settings' | 'origins' | 'pageItems'>

export function settingsView(loaded: Loaded): SettingsView {
  const { settings } = loaded
  return {
    settings: [...rowsOf(SCHEMA, settings, loaded.origins, '', (row) => row.page === true)],
    accounts: items(loaded, 'cloud.accounts', settings.cloud.accounts),
    devices: items(loaded, 'devices', settings.devices),
  }
}

function items(loaded: Loaded, list: 'cloud.accounts' | 'devices', held: readonly object[]): ItemView[] {
  const { items: section = {}, identity = 'id' } = list === 'devices' ? SCHEMA.devices : SCHEMA.cloud.accounts
  return held.map((item, index) => {
    const place = `${list}[${index}]`
    const ofPage = loaded.pageItems.has(place)
    // Without an id, the provider's name is the id.
    const sources = [identity, 'provider'].map((name) => loaded.origins.get(`${place}.${name}`))
    return {
      id: String(Reflect.get(item, identity)),
      source: ofPage ? PAGE : (sources.find((source) => source !== undefined && source !== 'default') ?? 'default'),
      fixed: !ofPage,
      values: [
        ...rowsOf(section, item, loaded.origins, `${place}.`, (_row, key) => ofPage && key !== `${place}.${identity}`),
      ].map((view) => ({
        ...view,
        key: view.key.slice(place.length + 1),
      })),
    }
  })
}

function* rowsOf(
  section: Section,
  values: object,
  origins: ReadonlyMap<string, string>,
  at: string,
  settable: (row: Row, key: string) => boolean,
): Generator<SettingView> {
  for (const [name, node] of Object.entries(section)) {
    const key = at + name
    const value: unknown = Reflect.get(values, name)
    if (!isRow(node)) yield* rowsOf(node, Object(value), origins, `${key}.`, settable)
    else if (!node.items) yield viewOf(node, key, value, origins.get(key) ?? 'default', settable(node, key))
  }
}

function viewOf(row: Row, key: string, value: unknown, source: string, settable: boolean): SettingView {
  const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0)
  const fixed = source !== 'default' && source !== PAGE
  return {
    key,
    value: empty || row.sensitive ? null : shown(row, value),
    set: !empty,
    secret: row.sensitive,
    source,
    fixed,
    settable: settable && !fixed,
    default: row.sensitive ? null : defaultOf(row),
    unset: row.unset ?? null,
    doc: row.doc,
    allowed: row.allowed,
    schema: row.json,
  }
}

const shown = (row: Row, value: unknown): JsonValue => (row.show ? row.show(value) : plain(value))
