/**
 * The settings of the page as the store keeps them: values by key, and values inside a list item by
 * `cloud.accounts[home].url`.
 */

import { SCHEMA } from '../settings/index.ts'
import { leaves, type Row } from '../settings/setting.ts'
import type { Entries, Entry } from './entries.ts'

/** The source of a value that was set on the page. */
export const PAGE = 'page'

/** Kept values by key; undefined means that the value exists but can't be read. */
export type Kept = ReadonlyMap<string, unknown>

const ITEM = /^([a-z_.]+)\[([A-Za-z0-9_-]{1,64})\]\.([a-z_.]+)$/

export interface PageKey {
  readonly key: string
  /** The row of the value itself. */
  readonly row: Row
  /** The list and the item that the value belongs to. */
  readonly item?: { readonly list: string; readonly row: Row; readonly id: string; readonly within: string }
}

/** The key of a value inside a list item. */
export const itemKey = (list: string, id: string, within: string): string => `${list}[${id}].${within}`

/** What a key means; undefined if the setting does not exist or the page can't set it. */
export function pageKey(key: string): PageKey | undefined {
  const [, list, id, within] = ITEM.exec(key) ?? []
  const found = [...leaves(SCHEMA)].find((leaf) => leaf.key === (list ?? key))
  if (!found?.row.page) return undefined
  const { row } = found
  if (list === undefined || id === undefined || within === undefined) return row.items ? undefined : { key, row }
  const part = row.items && [...leaves(row.items)].find((leaf) => leaf.key === within)
  if (!part || within === row.identity) return undefined
  return { key, row: part.row, item: { list, row, id, within } }
}

/** The row of a setting outside a list item. */
export const settingRow = (key: string): Row | undefined => [...leaves(SCHEMA)].find((leaf) => leaf.key === key)?.row

/** A list item set on the page. */
export interface PageItem {
  readonly id: string
  readonly entries: Entries
}

/** The settings of the page during one load. Unusable ones are removed from it but stay in the store. */
export class PageLayer {
  readonly entries: Entries = new Map()
  readonly unknown: readonly string[]
  /** Values that exist but can't be read; an item with such a value is left out as a whole. */
  readonly unreadable: readonly string[]
  readonly #lists = new Map<string, Map<string, Entries>>()

  constructor(kept: Kept) {
    const unknown: string[] = []
    for (const [key, raw] of kept) {
      const known = pageKey(key)
      const entry: Entry = { raw, source: PAGE }
      if (!known) unknown.push(key)
      else if (known.item)
        this.#itemOf(known.item.list, known.item.id, known.item.row.identity).set(known.item.within, entry)
      else this.entries.set(key, entry)
    }
    this.unreadable = [...this.entries].flatMap(([key, { raw }]) => (raw === undefined ? [key] : []))
    // A value that can't be read counts as missing; but it shows that its item exists.
    for (const entries of [this.entries, ...[...this.#lists.values()].flatMap((items) => [...items.values()])]) {
      for (const [key, { raw }] of entries) if (raw === undefined) entries.delete(key)
    }
    this.unknown = unknown
  }

  items(list: string): readonly PageItem[] {
    return [...(this.#lists.get(list) ?? [])].map(([id, entries]) => ({ id, entries }))
  }

  dropItem(list: string, id: string): void {
    this.#lists.get(list)?.delete(id)
  }

  /**
   * Removes a value together with the others in its section: a password without its user name, or an address without
   * its certificate, would not be what was meant.
   */
  dropSection(key: string): readonly string[] {
    const section = key.slice(0, key.lastIndexOf('.') + 1)
    const dropped = [...this.entries.keys()].filter(
      (other) => other.startsWith(section) && !other.slice(section.length).includes('.'),
    )
    for (const other of dropped) this.entries.delete(other)
    return dropped
  }

  #itemOf(list: string, id: string, identity: string | undefined): Entries {
    const items = this.#lists.get(list) ?? new Map<string, Entries>()
    this.#lists.set(list, items)
    const entries = items.get(id) ?? new Map<string, Entry>([[identity ?? 'id', { raw: id, source: PAGE }]])
    items.set(id, entries)
    return entries
  }
}
