/**
 * A row of the schema: a convict property (`doc`, `default`, `format`, `env`, `sensitive`, `nullable`) with what
 * convict lacks: how to read text strictly, the allowed values in words, and the JSON Schema.
 */
import type { JsonValue } from '../../core/json.ts'
import { Refusal } from '../errors.ts'

export type JsonSchema = { readonly [key: string]: JsonValue }

/** A format for convict: one of its names, a list of choices, or a function that throws. */
export type Format = 'port' | BooleanConstructor | string[] | ((value: unknown) => void)

/** A kind of value: how to read it, and what is allowed in words and as JSON Schema. */
export interface Kind<T> {
  /** Completes the sentence "allowed: …". */
  readonly allowed: string
  readonly json: JsonSchema
  readonly format: Format
  /**
   * Turns text from the environment or a flag, or a value from a file, into a value of the setting. Throws `Refusal`.
   */
  read(raw: unknown): T
  /** As people write it in a file: `15s` for 15000. */
  show?(value: T): JsonValue
}

export interface Setting<T> extends Kind<T> {
  readonly doc: string
  /** null without `nullable` means that there is no default: a value must be given. */
  readonly default: T | null
  readonly nullable: boolean
  readonly sensitive: boolean
  /** The environment variable; in a list, the variable for the only item that the environment can set. */
  readonly env?: string
  /** The value in the example file if there is no default to show. */
  readonly example?: JsonValue
  /** The setting of the same item whose value is used if this one is missing. */
  readonly otherwise?: string
  /** The default in words, if the value does not show it. */
  readonly unset?: string
  /** The schema of each item, if the setting is a list. */
  readonly items?: Section
  /** How many items the list can hold. */
  readonly max?: number
  /** The setting that identifies an item of the list. */
  readonly identity?: string
  /**
   * Whether it can be set on the page. Never true for a setting that can lock people out of the page or leaves things
   * behind when it changes.
   */
  readonly page?: true
}

/** A row of any type. */
export type Row = Setting<unknown>

export interface Section {
  readonly [name: string]: Row | Section
}

/** The type of the values that a schema describes. */
export type Values<S> =
  S extends Setting<infer T> ? T : S extends object ? { readonly [K in keyof S]: Values<S[K]> } : never

/** The properties of a row besides its kind. */
export interface Meta {
  readonly doc: string
  readonly env?: string
  readonly sensitive?: true
  readonly example?: JsonValue
  readonly unset?: string
  readonly otherwise?: string
  readonly page?: true
}

/** A setting with a default. */
export function setting<T>(kind: Kind<T>, value: NoInfer<T>, meta: Meta): Setting<T> {
  return { ...kind, nullable: false, sensitive: false, ...meta, default: value }
}

/** A setting that must be given. */
export function required<T>(kind: Kind<T>, meta: Meta): Setting<T> {
  return { ...kind, nullable: false, sensitive: false, ...meta, default: null }
}

/** A setting that may be left out and is then null; an empty text counts as left out. */
export function optional<T>(kind: Kind<T>, meta: Meta): Setting<T | null> {
  const { show } = kind
  return {
    ...kind,
    read: (raw) => (raw === '' || raw === null ? null : kind.read(raw)),
    show: (value) => (value === null ? null : show ? show(value) : plain(value)),
    nullable: true,
    sensitive: false,
    ...meta,
    default: null,
  }
}

/** The value as JSON: text, number, boolean, null or a list of those. */
export function plain(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  if (Array.isArray(value)) return value.map(plain)
  throw new Refusal('is not a plain value')
}

export function isRow(node: Row | Section): node is Row {
  return typeof node.read === 'function'
}

export interface Leaf {
  /** Dotted, such as `mqtt.embedded.port`. */
  readonly key: string
  readonly row: Row
}

/** Every row of `section` in declaration order; a list is one row. */
export function* leaves(section: Section, prefix = ''): Generator<Leaf> {
  for (const [name, node] of Object.entries(section)) {
    if (isRow(node)) yield { key: prefix + name, row: node }
    else yield* leaves(node, `${prefix}${name}.`)
  }
}
