import { join, resolve } from 'node:path'
import { ACCOUNT } from './accounts.ts'
import { fitSchema } from './convict.ts'
import { parseDocument } from './document.ts'
import { type Entries, fromFile, fromFlags } from './entries.ts'
import {
  CONFIG_VARIABLE,
  type Environment,
  fromEnvironment,
  knownVariables,
  refuseUnknownVariables,
} from './environment.ts'
import { SettingsError } from './errors.ts'
import { decode, isMissing, type ReadFile, readFromDisk, whyUnreadable } from './files.ts'
import { Reader } from './reader.ts'
import { checkRules, warningsOf } from './rules.ts'
import { SCHEMA, type Settings } from './schema.ts'
import { leaves } from './setting.ts'

export interface LoadOptions {
  /** Values by dotted key, as `--mqtt.url=…` gives them. */
  readonly flags: Readonly<Record<string, string>>
  readonly env: Environment
  /** What relative paths start from; the working directory of the process when left out. */
  readonly cwd?: string
  readonly readFile?: ReadFile
  /** What a person said when asked for settings that are missing, by key such as `cloud.accounts[0].password`. */
  readonly answers?: ReadonlyMap<string, string>
}

export interface LoadedSettings {
  readonly settings: Settings
  /** Where each value came from, by key such as `mqtt.url` or `cloud.accounts[0].url`; `default` when from nowhere. */
  readonly origins: ReadonlyMap<string, string>
  /** What is allowed but hardly meant, for the log. */
  readonly warnings: readonly string[]
  /** The configuration file that was read; null when there is none. */
  readonly file: string | null
}

/** Every name that a flag can have: `--<key>=<value>`. Lists are given in the file. */
export function flagNames(): string[] {
  return [...leaves(SCHEMA)].filter(({ row }) => !row.items).map(({ key }) => key)
}

const FILE_LIMIT = 1024 * 1024

/**
 * Settings from defaults, configuration file, environment and flags; the later wins. Throws `SettingsError` for the
 * first thing that is wrong.
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const { flags, env, cwd = process.cwd(), readFile = readFromDisk, answers = new Map() } = options
  refuseUnknownVariables(env, knownVariables([SCHEMA, ACCOUNT]))

  const outside = new Map([...fromEnvironment(SCHEMA, { env, cwd, readFile }), ...fromFlags(SCHEMA, flags)])
  const account = fromEnvironment(ACCOUNT, { env, cwd, readFile }, 'cloud.accounts[].')
  const file = findFile(env, outside, cwd, readFile)
  const document = file && (await parseDocument(file.text, file.path))
  const inside: Entries = document ? fromFile(SCHEMA, document.value, { document, steps: [] }) : new Map()

  const reader = new Reader(document || undefined, answers)
  const values = reader.read(SCHEMA, new Map([...inside, ...outside]), account)
  const settings: Settings = fitSchema(SCHEMA, values)
  checkRules(settings, reader.origins)
  return { settings, origins: reader.origins, warnings: warningsOf(settings), file: file?.path ?? null }
}

interface FoundFile {
  readonly path: string
  readonly text: string
}

/** The first of the configuration files that is there; one that is named must be. */
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
