/** Values as they were found, with their sources, before they are checked. */
import { isObject } from '../../core/json.ts'
import { SettingsError } from '../errors.ts'
import { isRow, leaves, type Row, type Section } from '../settings/setting.ts'
import type { Document } from './document.ts'
import { didYouMean, nearest } from './nearest.ts'

export interface Entry {
  readonly raw: unknown
  /** Such as `environment variable T2M_MQTT_URL`; equal for equal sources. */
  readonly source: string
  /** The exact place, if there is more to say: the line of a file. */
  readonly at?: string
}

/** Found values by dotted key. */
export type Entries = Map<string, Entry>

/** A section of the file being read. */
export interface Place {
  readonly document: Document
  /** The path to the section, such as `['cloud', 'accounts', 0]`. */
  readonly steps: readonly (string | number)[]
}

/** The key for these steps, such as `cloud.accounts[0].url`. */
function keyOf(steps: readonly (string | number)[]): string {
  return steps.reduce<string>(
    (key, step) => (typeof step === 'number' ? `${key}[${step}]` : key === '' ? step : `${key}.${step}`),
    '',
  )
}

const NEVER_A_NAME: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The values in a section of a configuration file. null means "not given": a section that holds only comments is null.
 * Throws `SettingsError` for a name that the schema does not know.
 */
export function fromFile(section: Section, value: unknown, place: Place, prefix = ''): Entries {
  const entries: Entries = new Map()
  if (value === null || value === undefined) return entries
  const here = keyOf(place.steps)
  const source = `configuration file ${place.document.path}`
  if (!isObject(value)) {
    const names = Object.keys(section).join(', ')
    throw new SettingsError(
      `${here || 'the settings'}: not a section, from configuration file ${place.document.at(place.steps)}; allowed: a section with ${names}`,
    )
  }
  for (const [name, raw] of Object.entries(value)) {
    const steps = [...place.steps, name]
    const node = Object.hasOwn(section, name) && !NEVER_A_NAME.has(name) ? section[name] : undefined
    if (node === undefined) throw unknownKey(section, name, { ...place, steps }, here)
    if (!isRow(node)) {
      for (const [key, entry] of fromFile(node, raw, { ...place, steps }, `${prefix}${name}.`)) entries.set(key, entry)
    } else if (raw !== null) {
      entries.set(prefix + name, { raw, source, at: `configuration file ${place.document.at(steps)}` })
    }
  }
  return entries
}

function unknownKey(section: Section, name: string, place: Place, here: string): SettingsError {
  const prefix = here === '' ? '' : `${here}.`
  const names = Object.keys(section)
  const similar = nearest(name, [...names, ...[...leaves(section)].map((leaf) => leaf.key)])
  const hint = similar === undefined ? '' : `; did you mean ${prefix}${similar}?`
  const key = keyOf(place.steps).slice(0, 100)
  const at = place.document.at(place.steps)
  const allowed = names.map((known) => prefix + known).join(', ')
  return new SettingsError(`${key}: unknown setting, from configuration file ${at}${hint}; allowed: ${allowed}`)
}

/** The values from the command line. Throws `SettingsError` for a name that the schema does not know. */
export function fromFlags(section: Section, flags: Readonly<Record<string, string>>): Entries {
  const known = new Set([...leaves(section)].map((leaf) => leaf.key))
  const entries: Entries = new Map()
  for (const [name, raw] of Object.entries(flags)) {
    if (!known.has(name)) {
      throw new SettingsError(
        `${name.slice(0, 100)}: unknown setting, from flag --${name.slice(0, 100)}${didYouMean(name, known)}; allowed: the settings in config/README.md`,
      )
    }
    entries.set(name, { raw, source: `flag --${name}` })
  }
  return entries
}

/** The value for an error message: short, on one line, and never a secret. */
export function preview(row: Row, raw: unknown): string {
  if (row.sensitive) return 'the value'
  if (typeof raw === 'string') return JSON.stringify(raw.length > 60 ? `${raw.slice(0, 60)}…` : raw)
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  return Array.isArray(raw) ? 'a list' : 'a section'
}
