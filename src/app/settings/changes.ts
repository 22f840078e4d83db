/** Changes to settings of the page, as they are asked for and as the store takes them. */
import type { ItemValues, SettingsList } from '../../api/schemas/settings.ts'
import { itemKey, type Kept, pageKey } from '../../config/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonValue } from '../../core/json.ts'
import type { SettingToKeep } from '../../store/settings.ts'

/** Values by key; null removes one. */
export type Changes = Map<string, SettingToKeep | null>

export const toKeep = (value: JsonValue, secret: boolean): SettingToKeep | null =>
  value === null ? null : { value, secret }

export function identified(list: SettingsList, values: ItemValues): ItemValues & { readonly identity?: string } {
  const { id, serial, ...others } = values
  const identity = list === 'devices' ? serial : id
  return typeof identity === 'string' ? { ...others, identity: identity.trim() } : others
}

/** @throws BridgeError `UNKNOWN_KEY` for an invalid id or an unknown name */
export function changesOf(list: SettingsList, id: string, values: ItemValues): Changes {
  const changes: Changes = new Map()
  for (const [within, value] of flat(values)) {
    const key = itemKey(list, id, within)
    const known = pageKey(key)
    if (!known) {
      const short = JSON.stringify(key.slice(0, 100))
      throw new BridgeError('UNKNOWN_KEY', `${short} is not a setting: an id has 1 to 64 letters, digits, _ or -.`)
    }
    changes.set(key, known.row.nullable && value === '' ? null : toKeep(value, known.row.sensitive))
  }
  return changes
}

/** Values of nested sections by dotted name. */
function flat(values: ItemValues, prefix = ''): [string, JsonValue][] {
  return Object.entries(values).flatMap(([name, value]): [string, JsonValue][] =>
    isObject(value) ? flat(value, `${prefix}${name}.`) : [[prefix + name, plainValue(value)]],
  )
}

/** The schema of the route admits nothing else. */
const plainValue = (value: unknown): JsonValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null

/** Changes that remove everything kept for an item. */
export function without(kept: Kept, list: SettingsList, id: string): Changes {
  const prefix = itemKey(list, id, '')
  return new Map([...kept.keys()].filter((key) => key.startsWith(prefix)).map((key) => [key, null]))
}

/** Only the changes that differ from what is kept. */
export function news(kept: Kept, changes: Changes): Changes {
  const differs = (key: string, next: SettingToKeep | null) =>
    next === null ? kept.has(key) : JSON.stringify(kept.get(key)) !== JSON.stringify(next.value)
  return new Map([...changes].filter(([key, next]) => differs(key, next)))
}

export function changed(kept: Kept, changes: Changes): Kept {
  const all = new Map(kept)
  for (const [key, next] of changes) {
    if (next === null) all.delete(key)
    else all.set(key, next.value)
  }
  return all
}
