import { MissingSetting, Refusal, SettingsError } from '../errors.ts'
import { ACCOUNT } from '../settings/accounts.ts'
import { isRow, type Row, type Section } from '../settings/setting.ts'
import type { Document } from './document.ts'
import { type Entries, type Entry, fromFile, preview } from './entries.ts'
import { PAGE, type PageLayer } from './page.ts'

type Values = Record<string, unknown>
/** One item of a list, and its place. */
interface Item {
  readonly entries: Entries
  readonly at: string
}
type Items = readonly Item[]

/** Turns found values into those of the schema, and notes the source of each. Used for one load. */
export class Reader {
  /** The source of each value, by key. */
  readonly origins = new Map<string, string>()
  /** Items set on the page, by their place such as `cloud.accounts[2]`. */
  readonly pageItems = new Map<string, { readonly list: string; readonly id: string }>()
  readonly #document: Document | undefined
  readonly #answers: ReadonlyMap<string, string>
  readonly #page: PageLayer

  /** @param answers answers of a person who was asked for missing settings, by key */
  constructor(document: Document | undefined, answers: ReadonlyMap<string, string>, page: PageLayer) {
    this.#document = document
    this.#answers = answers
    this.#page = page
  }

  /**
   * The values of the whole schema. `account` is the one cloud account that the environment can describe. Throws
   * `SettingsError` for the first value that is missing or wrong.
   */
  read(schema: Section, entries: Entries, account: Entries): Values {
    return this.#section(schema, { entries, at: 'default' }, account, '', '')
  }

  /** `at` is the prefix of keys in errors and origins, `within` that of keys in the entries. */
  #section(section: Section, item: Item, account: Entries, at: string, within: string): Values {
    const values: Values = {}
    for (const [name, node] of Object.entries(section)) {
      const key = at + name
      const entry = item.entries.get(within + name)
      if (!isRow(node)) values[name] = this.#section(node, item, account, `${key}.`, `${within}${name}.`)
      else if (node.items) values[name] = this.#list(node, node.items, key, entry, account)
      else if (!entry && node.otherwise) values[name] = this.#standIn(section, node.otherwise, key, item, at)
      else values[name] = this.#value(node, key, entry, item.at)
    }
    return values
  }

  /** The value of the sibling setting that replaces a missing one. */
  #standIn(section: Section, name: string, key: string, item: Item, at: string): unknown {
    this.origins.set(key, 'default')
    const row = section[name]
    if (row === undefined || !isRow(row)) throw new Error(`The schema of ${key} names no setting to stand in for it.`)
    return this.#value(row, at + name, item.entries.get(name), item.at)
  }

  #value(row: Row, key: string, given: Entry | undefined, at: string): unknown {
    const answer = this.#answers.get(key)
    const entry = given ?? (answer === undefined ? undefined : { raw: answer, source: 'the terminal' })
    if (!entry) {
      if (row.default === null && !row.nullable) throw missing(row, key, at)
      this.origins.set(key, 'default')
      return row.default
    }
    this.origins.set(key, entry.source)
    try {
      return row.read(entry.raw)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const shown = error.quiet ? 'the value' : preview(row, entry.raw)
      throw new SettingsError(
        `${key}: ${shown} ${error.message}, from ${entry.at ?? entry.source}; allowed: ${row.allowed}`,
        key,
      )
    }
  }

  #list(row: Row, items: Section, key: string, entry: Entry | undefined, account: Entries): unknown {
    const found = entry ? this.#items(row, items, key, entry) : []
    const fixed = items === ACCOUNT ? withSingle(found, account) : found
    const all = [...fixed, ...this.#fromPage(row, key, fixed.length)]
    const fromOutside = fixed.length > 0 && !entry
    const none = all.length > 0 ? PAGE : 'default'
    this.origins.set(key, fromOutside ? 'the environment' : (entry?.source ?? none))
    return all.map((item, index) => this.#section(items, item, new Map(), `${key}[${index}].`, ''))
  }

  /** Items of the page come after all others. Throws `SettingsError` for the first item beyond the limit. */
  #fromPage(row: Row, list: string, before: number): Items {
    return this.#page.items(list).map(({ id, entries }, index) => {
      const place = `${list}[${before + index}]`
      this.pageItems.set(place, { list, id })
      if (row.max !== undefined && before + index >= row.max) {
        throw new SettingsError(`${place}: too many items, from ${PAGE}; allowed: at most ${row.max}`, place)
      }
      return { entries, at: PAGE }
    })
  }

  #items(row: Row, items: Section, key: string, entry: Entry): Items {
    const { raw, at = entry.source } = entry
    const document = this.#document
    if (!Array.isArray(raw) || !document) {
      throw new SettingsError(`${key}: ${preview(row, raw)} is not a list, from ${at}; allowed: ${row.allowed}`)
    }
    if (row.max !== undefined && raw.length > row.max) {
      throw new SettingsError(`${key}: ${raw.length} items are too many, from ${at}; allowed: ${row.allowed}`)
    }
    return raw.map((item: unknown, index) => {
      const steps = [...key.split('.'), index]
      const entries = fromFile(items, item, { document, steps })
      return { entries, at: `configuration file ${document.at(steps)}` }
    })
  }
}

/** The account from the environment overrides values of the file's account with the same id; otherwise it is added. */
function withSingle(found: Items, single: Entries): Items {
  const [first] = single.values()
  if (!first) return found
  const { provider } = ACCOUNT
  const given = single.get('provider')
  if (!given) {
    throw new SettingsError(
      `cloud.accounts: provider missing, from ${first.source}; allowed: with it ${provider.env} as one of ${provider.allowed}`,
    )
  }
  const idOf = ({ entries }: Item) => (entries.get('id') ?? entries.get('provider'))?.raw
  const same = found.findIndex((item) => idOf(item) === given.raw)
  if (same === -1) return [...found, { entries: single, at: 'the environment' }]
  return found.map((item, index) =>
    index === same ? { entries: new Map([...item.entries, ...single]), at: item.at } : item,
  )
}

function missing(row: Row, key: string, at: string): MissingSetting {
  const allowed = at === 'the environment' && row.env !== undefined ? `${row.env} as ${row.allowed}` : row.allowed
  return new MissingSetting(key, `${key}: missing, from ${at}; allowed: ${allowed}`)
}
