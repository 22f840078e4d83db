/**
 * The one list of secret fields, and the one place where secrets are taken out of what leaves the bridge.
 * A field is masked by its name; a secret that is known by its value is masked wherever it turns up in a text.
 */

export const MASK = '********'

/** A key as it may be shown: enough to tell two keys apart, and no help in guessing one. */
export const maskedKey = (key: string): string => key.slice(0, 2) + MASK

/** Names of fields whose values never leave the bridge, compared without case, `_` and `-`. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password',
  'pass',
  'adminpassword',
  'totpkey',
  'totpsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'temptoken',
  'apikey',
  'auth',
  'authorization',
  'cookie',
  'setcookie',
  'secret',
  'secretkey',
  'storekey',
  'passphrase',
  'recoverycodes',
  'code2fa',
  'tfkey',
])

const normal = (name: string): string => name.toLowerCase().replace(/[-_]/g, '')

export function isSecretField(name: string): boolean {
  return SECRET_FIELDS.has(normal(name))
}

/** Deeper values are cut off: nothing of ours nests that deep, and what is not looked at must not be shown. */
const DEEPEST = 8
const CUT = '[too deep]'

/** A deep copy of `value`, errors as plain objects, in which every secret field that holds anything shows `MASK`. */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth > DEEPEST) return CUT
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, depth + 1))
  if (value instanceof Error) return maskFields(errorFields(value), depth)
  return maskFields(value, depth)
}

/** The fields of an error that say something; most of them are not enumerable. */
function errorFields(error: Error): object {
  const { name, message, stack, cause } = error
  const errors = error instanceof AggregateError ? { errors: error.errors } : {}
  return {
    type: name,
    message,
    stack,
    ...errors,
    ...Object.fromEntries(Object.entries(error)),
    ...(cause === undefined ? {} : { cause }),
  }
}

function maskFields(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const empty = item === null || item === undefined || item === '' || typeof item === 'boolean'
    copy[name] = isSecretField(name) && !empty ? MASK : maskSecrets(item, depth + 1)
  }
  return copy
}

/** Shorter values would mask ordinary words; every secret the bridge handles itself is longer. */
const SHORTEST_REMEMBERED = 6

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Remembers secret values and takes them out of any text. */
export class SecretValues {
  /** The values, also as they look inside JSON, and inside JSON that is quoted in JSON. */
  readonly #forms = new Set<string>()
  /** The same, the longest first; undefined when a value has come since. */
  #ordered: readonly string[] | undefined

  remember(value: string | undefined | null): void {
    if (!value || value.length < SHORTEST_REMEMBERED || this.#forms.has(value)) return
    for (const form of [value, escaped(value), escaped(escaped(value))]) this.#forms.add(form)
    this.#ordered = undefined
  }

  /** For values that are worth nothing any more, such as a token that another one replaced, so that they do not pile up. */
  forget(value: string | undefined | null): void {
    if (!value || !this.#forms.has(value)) return
    for (const form of [value, escaped(value), escaped(escaped(value))]) this.#forms.delete(form)
    this.#ordered = undefined
  }

  /**
   * Remembers what anybody may have sent, such as a code, until the function returned is called: kept for ever, such values
   * would fill memory and mask whatever words were sent. What was known before stays known.
   */
  lend(value: string): () => void {
    const known = this.#forms.has(value)
    this.remember(value)
    return known ? () => undefined : () => this.forget(value)
  }

  scrub(text: string): string {
    // Of two secrets that begin alike, masking the shorter first would leave the end of the longer.
    this.#ordered ??= [...this.#forms].sort((a, b) => b.length - a.length)
    let clean = text
    for (const form of this.#ordered) {
      if (clean.includes(form)) clean = clean.replaceAll(form, MASK)
    }
    return clean
  }
}
