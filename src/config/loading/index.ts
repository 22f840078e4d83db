/** Settings from all their sources, checked. */
import { join, resolve } from 'node:path'
import { SettingsError } from '../errors.ts'
import { ACCOUNT } from '../settings/accounts.ts'
import { fitSchema } from '../settings/convict.ts'
import { SCHEMA, type Settings } from '../settings/index.ts'
import { leaves } from '../settings/setting.ts'
import { type Document, parseDocument } from './document.ts'
import { type Entries, fromFile, fromFlags } from './entries.ts'
import {
  CONFIG_VARIABLE,
  type Environment,
  fromEnvironment,
  knownVariables,
  refuseUnknownVariables,
} from './environment.ts'
import { decode, isMissing, type ReadFile, readFromDisk, whyUnreadable } from './files.ts'
import { type Kept, PAGE, PageLayer } from './page.ts'
import { Reader } from './reader.ts'
import { checkRules, warningsOf } from './rules.ts'

export interface LoadOptions {
  /** Values by dotted key, from flags such as `--mqtt.url=…`. */
  readonly flags: Readonly<Record<string, string>>
  readonly env: Environment
  /** The base of relative paths; by default the working directory of the process. */
  readonly cwd?: string
  readonly readFile?: ReadFile
  /** Answers of a person who was asked for missing settings, by key such as `cloud.accounts[0].password`. */
  readonly answers?: ReadonlyMap<string, string>
  /** The settings of the page, kept in the store. None by default. */
  readonly page?: (place: StorePlace) => Promise<KeptSettings>
}

/** The place of the store, from the other sources; the page can't set it. */
export interface StorePlace {
  readonly dataDir: string
  readonly keyFile: string | null
}

export interface KeptSettings {
  readonly values: Kept
  /** Problems while reading them. */
  readonly warnings: readonly string[]
}

export interface LoadedSettings {
  readonly settings: Settings
  /** The source of each value, by key such as `mqtt.url` or `cloud.accounts[0].url`; `default` if nothing sets it. */
  readonly origins: ReadonlyMap<string, string>
  /** List items set on the page, by their place such as `cloud.accounts[2]`. */
  readonly pageItems: ReadonlyMap<string, { readonly list: string; readonly id: string }>
  /** Why settings of the page could not be used, by their key or the key of their item (`cloud.accounts[home]`). */
  readonly leftOut: ReadonlyMap<string, string>
  /** Settings that are allowed but probably a mistake, for the log. */
  readonly warnings: readonly string[]
  /** The configuration file that was read; null if there is none. */
  readonly file: string | null
}

/** Every flag, as in `--<key>=<value>`. Lists can be given only in the file. */
export function flagNames(): string[] {
  return [...leaves(SCHEMA)].filter(({ row }) => !row.items).map(({ key }) => key)
}

const FILE_LIMIT = 1024 * 1024

/**
 * Settings from defaults, page, configuration file, environment and flags; later sources win. Throws `SettingsError`
 * for the first mistake. A wrong setting of the page is only left out, with a warning: nobody may be locked out of the
 * page, where it can be corrected, by a setting made there.
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const { flags, env, cwd = process.cwd(), readFile = readFromDisk, answers = new Map() } = options
  refuseUnknownVariables(env, knownVariables([SCHEMA, ACCOUNT]))

  const outside = new Map([...fromEnvironment(SCHEMA, { env, cwd, readFile }), ...fromFlags(SCHEMA, flags)])
  const account = fromEnvironment(ACCOUNT, { env, cwd, readFile }, 'cloud.accounts[].')
  const file = findFile(env, outside, cwd, readFile)
  const document = file && (await parseDocument(file.text, file.path))
  const inside: Entries = document ? fromFile(SCHEMA, document.value, { document, steps: [] }) : new Map()
  const fixed: Entries = new Map([...inside, ...outside])

  const kept = await options.page?.(placeOf(fixed, document))
  const page = new PageLayer(kept?.values ?? new Map())
  const leftOut = new Map(
    page.unreadable.map((key) => [key, `${key}: the value can’t be read, from ${PAGE}; ${AGAIN}`]),
  )
  for (;;) {
    const reader = new Reader(document || undefined, answers, page)
    try {
      const values = reader.read(SCHEMA, new Map([...page.entries, ...fixed]), account)
      const settings: Settings = fitSchema(SCHEMA, values)
      checkRules(settings, reader.origins)
      const { origins, pageItems } = reader
      return {
        settings,
        origins,
        pageItems,
        leftOut,
        warnings: [
          ...(kept?.warnings ?? []),
          ...page.unknown.map(unknownOnPage),
          ...leftOutWarnings(leftOut),
          ...warningsOf(settings),
        ],
        file: file?.path ?? null,
      }
    } catch (error) {
      const keys = error instanceof SettingsError ? leaveOut(error, reader, page) : []
      if (!(error instanceof SettingsError) || keys.length === 0) throw error
      for (const key of keys) leftOut.set(key, error.message)
    }
  }
}

/** Read on their own, before anything else is checked. */
function placeOf(fixed: Entries, document: Document | undefined): StorePlace {
  const reader = new Reader(document, new Map(), new PageLayer(new Map()))
  const { data_dir, store } = SCHEMA
  const place = fitSchema({ data_dir, store }, reader.read({ data_dir, store }, fixed, new Map()))
  return { dataDir: place.data_dir, keyFile: place.store.key_file }
}

/** The store has logged why: another master key, or damage. */
const AGAIN = 'set it again there, or restore the right master key'

const unknownOnPage = (key: string): string =>
  `${key}: set on the page, but this version of thermo2mqtt does not know it or no longer allows it there. It is kept but not used.`

/**
 * Removes from the page's settings what an error is about, and returns that; nothing if the error is not about them.
 */
function leaveOut({ key }: SettingsError, reader: Reader, page: PageLayer): readonly string[] {
  if (key === undefined) return []
  const [place = key] = /^[^[]+\[\d+\]/.exec(key) ?? []
  const item = reader.pageItems.get(place)
  if (!item) return reader.origins.get(key) === PAGE ? page.dropSection(key) : []
  page.dropItem(item.list, item.id)
  return [`${item.list}[${item.id}]`]
}

/** One warning for each reason. */
function leftOutWarnings(leftOut: ReadonlyMap<string, string>): string[] {
  const reasons = new Set(leftOut.values())
  return [...reasons].map((reason) => {
    const keys = [...leftOut].flatMap(([key, why]) => (why === reason ? [key] : []))
    return `${reason}. Until this is corrected, these settings of the page are left out: ${keys.join(', ')}.`
  })
}

interface FoundFile {
  readonly path: string
  readonly text: string
}

/** The first configuration file that exists; a file that is named must exist. */
function findFile(env: Environment, outside: Entries, cwd: string, readFile: ReadFile): FoundFile | undefined {
  const named = env[CONFIG_VARIABLE]
  const dataDir = outside.get('data_dir')?.raw
  const places = named
    ? [named]
    : [
        join('config', 'local.yaml'),
        join(typeof dataDir === 'string' ? dataDir : (SCHEMA.data_dir.default ?? ''), 'config.yaml'),
      ]
  for (const place of places) {
    const path = resolve(cwd, place)
    try {
      const bytes = readFile(path, FILE_LIMIT)
      return { path, text: decode(bytes, FILE_LIMIT, `configuration file ${path}`) }
    } catch (error) {
      if (error instanceof SettingsError) throw error
      if (!named && isMissing(error)) continue
      const from = named ? `, from environment variable ${CONFIG_VARIABLE}` : ''
      throw new SettingsError(
        `configuration file ${path}: can't be read${from}: ${whyUnreadable(error)}; allowed: a readable YAML or JSON file`,
      )
    }
  }
  return undefined
}
