import { resolve } from 'node:path'
import { SettingsError } from '../errors.ts'
import { leaves, type Row, type Section } from '../settings/setting.ts'
import type { Entries, Entry } from './entries.ts'
import { decode, type ReadFile, whyUnreadable } from './files.ts'
import { didYouMean } from './nearest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Names the configuration file. This is not a setting, since a file can't say where it is. */
export const CONFIG_VARIABLE = 'T2M_CONFIG'

const PREFIX = 'T2M_'
const SECRET_LIMIT = 64 * 1024

export interface EnvironmentOptions {
  readonly env: Environment
  readonly cwd: string
  readonly readFile: ReadFile
}

/** Every variable that a row of `sections` reads, including the `_FILE` variables of secrets. */
export function knownVariables(sections: readonly Section[]): Set<string> {
  const known = new Set([CONFIG_VARIABLE])
  for (const section of sections) {
    for (const { row } of leaves(section)) {
      if (row.env === undefined) continue
      known.add(row.env)
      if (row.sensitive) known.add(fileVariable(row.env))
    }
  }
  return known
}

/** The variable that names the file containing a secret. */
export const fileVariable = (env: string): string => `${env}_FILE`

/** Throws `SettingsError` for a variable that begins with our prefix but is unknown. */
export function refuseUnknownVariables(env: Environment, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || known.has(name) || !value) continue
    const plain = name.replace(/_FILE$/, '')
    const hint =
      plain !== name && known.has(plain)
        ? `; only secrets can be read from files, set ${plain} itself`
        : didYouMean(name, known)
    throw new SettingsError(
      `${name.slice(0, 100)}: unknown setting, from environment variable ${name.slice(0, 100)}${hint}; allowed: the variables in config/README.md`,
    )
  }
}

/**
 * The values from the environment for the rows of `section`. An empty variable counts as not set, because compose files
 * pass empty values for missing variables. `prefix` begins the keys in errors. Throws `SettingsError` for a secret file
 * that can't be read.
 */
export function fromEnvironment(section: Section, options: EnvironmentOptions, prefix = ''): Entries {
  const entries: Entries = new Map()
  for (const { key, row } of leaves(section)) {
    const entry = row.env === undefined ? undefined : entryOf(prefix + key, row, row.env, options)
    if (entry) entries.set(key, entry)
  }
  return entries
}

function entryOf(key: string, row: Row, name: string, { env, cwd, readFile }: EnvironmentOptions): Entry | undefined {
  const value = env[name]
  const path = row.sensitive ? env[fileVariable(name)] : undefined
  if (value && path) {
    throw new SettingsError(
      `${key}: given twice, from environment variables ${name} and ${fileVariable(name)}; allowed: one of them`,
    )
  }
  if (path) {
    const source = `secret file ${path} (${fileVariable(name)})`
    return { raw: readSecret(key, row, resolve(cwd, path), source, readFile), source }
  }
  return value ? { raw: value, source: `environment variable ${name}` } : undefined
}

/** Editors and `echo` add a newline that is not part of the secret. */
function readSecret(key: string, row: Row, path: string, source: string, readFile: ReadFile): string {
  let bytes: Uint8Array
  try {
    bytes = readFile(path, SECRET_LIMIT)
  } catch (error) {
    throw new SettingsError(
      `${key}: can't be read, from ${source}: ${whyUnreadable(error)}; allowed: a readable file that contains ${row.allowed}`,
    )
  }
  const secret = decode(bytes, SECRET_LIMIT, `${key}: the value, from ${source},`).replace(/\r?\n$/, '')
  if (secret === '') {
    throw new SettingsError(`${key}: empty, from ${source}; allowed: a file that contains ${row.allowed}`)
  }
  return secret
}
