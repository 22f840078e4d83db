import { MASK, maskSecrets } from '../../core/logging/secrets.ts'
import type { LoadedSettings } from '../loading/index.ts'
import { SCHEMA, type Settings } from '../settings/index.ts'
import { isRow, type Row, type Section } from '../settings/setting.ts'

interface Value {
  /** Such as `cloud.accounts[0].url`. */
  readonly key: string
  readonly row: Row
  readonly value: unknown
}

/** Every single value of `settings`; an empty list counts as one value. */
function* valuesOf(section: Section, values: object, at = ''): Generator<Value> {
  const held = new Map<string, unknown>(Object.entries(values))
  for (const [name, node] of Object.entries(section)) {
    const key = at + name
    const value = held.get(name)
    if (!isRow(node)) yield* valuesOf(node, Object(value), `${key}.`)
    else if (node.items && Array.isArray(value) && value.length > 0) {
      for (const [index, item] of value.entries()) yield* valuesOf(node.items, Object(item), `${key}[${index}].`)
    } else yield { key, row: node, value }
  }
}

/** The settings with every secret masked, safe to show. */
export function maskedSettings(settings: Settings): unknown {
  return maskSecrets(settings)
}

/** Every secret in the settings, for the filter that removes them from logs and errors. */
export function secretsOf(settings: Settings): string[] {
  return [...valuesOf(SCHEMA, settings)].flatMap(({ row, value }) =>
    row.sensitive && typeof value === 'string' ? [value] : [],
  )
}

/** Lines `key = value  (source)`, secrets masked, one for each value in the order of the schema. */
export function describeSettings({ settings, origins }: Pick<LoadedSettings, 'settings' | 'origins'>): string[] {
  return [...valuesOf(SCHEMA, settings)].map(
    ({ key, row, value }) => `${key} = ${shown(row, value)}  (${origins.get(key) ?? 'default'})`,
  )
}

function shown(row: Row, value: unknown): string {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) {
    return row.unset === undefined ? 'not set' : `not set: ${row.unset}`
  }
  if (row.sensitive) return MASK
  const written = row.show ? row.show(value) : value
  if (Array.isArray(written)) return written.join(', ')
  return typeof written === 'string' && /^$|^\s|\s$|\p{Cc}/u.test(written) ? JSON.stringify(written) : String(written)
}
