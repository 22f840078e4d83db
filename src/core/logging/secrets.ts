/**
 * The only list of secret fields, and the only place where secrets are removed from what leaves the bridge. A field is
 * masked by name; a secret known by value is masked wherever it appears in a text.
 */

export const MASK = '********'

/** A key in a form that may be shown: enough to tell two keys apart, but no help in guessing one. */
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
  'topicurl',
  'hookurl',
  'recoverycodes',
  'code2fa',
  'tfkey',
])

const normal = (name: string): string => name.toLowerCase().replace(/[-_]/g, '')

export function isSecretField(name: string): boolean {
  return SECRET_FIELDS.has(normal(name))
}

/** Deeper values are cut off: our data is never that deep, and unchecked values must not be shown. */
const DEEPEST = 8
const CUT = '[too deep]'

/** A deep copy of `value`, with errors as plain objects and every non-empty secret field replaced by `MASK`. */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth > DEEPEST) return CUT
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, depth + 1))
  if (value instanceof Error) return maskFields(errorFields(value), depth)
  return maskFields(value, depth)
}

/** The relevant fields of an error; most of them are not enumerable. */
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

/**
 * Number of slots that show where a secret may begin: many more than there are secrets, so that nearly all of a text is
 * skipped.
 */
const STARTS = 1 << 16

/** The slot of the three characters at `at`. */
function startOf(text: string, at: number): number {
  const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
  return ((a * 31 + b) * 31 + c) % STARTS
}

/** Remembers secret values and removes them from any text. The effort does not grow with their number. */
export class SecretValues {
  /** The values, also in their form inside JSON and inside JSON quoted in JSON; by their beginning. */
  readonly #forms = new Map<string, Set<string>>()
  /** The number of values with each beginning. */
  readonly #starts = new Uint32Array(STARTS)

  /** The loans of each value that was not known before. */
  readonly #lent = new Map<string, Set<symbol>>()

  remember(value: string | undefined | null): void {
    if (!value || value.length < SHORTEST_REMEMBERED || this.#knows(value)) return
    for (const form of formsOf(value)) {
      if (this.#knows(form)) continue
      const begin = form.slice(0, SHORTEST_REMEMBERED)
      this.#forms.set(begin, (this.#forms.get(begin) ?? new Set()).add(form))
      this.#count(form, 1)
    }
  }

  /** Forgets values that are no longer valid, such as a replaced token, so that they do not pile up. */
  forget(value: string | undefined | null): void {
    if (!value || !this.#knows(value)) return
    for (const form of formsOf(value)) {
      const begin = form.slice(0, SHORTEST_REMEMBERED)
      const forms = this.#forms.get(begin)
      if (!forms?.delete(form)) continue
      if (forms.size === 0) this.#forms.delete(begin)
      this.#count(form, -1)
    }
  }

  /**
   * Remembers a value that anybody may have sent, such as a code, until the returned function is called. Kept forever,
   * such values would fill memory and mask ordinary words. Values known before stay known, and lent ones until everybody
   * has given them back, unless they are kept meanwhile.
   */
  lend(value: string): () => void {
    const lent = this.#lent.get(value)
    if (!lent && this.#knows(value)) return () => undefined
    if (!lent) this.remember(value)
    const loan = Symbol('loan')
    const loans = (lent ?? new Set()).add(loan)
    this.#lent.set(value, loans)
    return () => {
      if (!loans.delete(loan) || loans.size > 0 || this.#lent.get(value) !== loans) return
      this.#lent.delete(value)
      this.forget(value)
    }
  }

  /** Remembers a value that may be lent: giving it back takes nothing away from now on. */
  keep(value: string): void {
    this.#lent.delete(value)
    this.remember(value)
  }

  scrub(text: string): string {
    let clean = ''
    /** Up to where the text has been copied to `clean`, unchanged or masked. */
    let done = 0
    for (let at = 0; at + SHORTEST_REMEMBERED <= text.length; at++) {
      if (this.#starts[startOf(text, at)] === 0) continue
      const end = at + this.#longestAt(text, at)
      if (end <= Math.max(at, done)) continue
      // If two secrets overlap, no part of either may remain.
      if (at >= done) clean += text.slice(done, at) + MASK
      done = end
    }
    return done === 0 ? text : clean + text.slice(done)
  }

  /** The length of the longest secret that begins at `at`; 0 for none. */
  #longestAt(text: string, at: number): number {
    let longest = 0
    for (const form of this.#forms.get(text.slice(at, at + SHORTEST_REMEMBERED)) ?? []) {
      if (form.length > longest && text.startsWith(form, at)) longest = form.length
    }
    return longest
  }

  #knows(form: string): boolean {
    return this.#forms.get(form.slice(0, SHORTEST_REMEMBERED))?.has(form) ?? false
  }

  #count(form: string, by: 1 | -1): void {
    const start = startOf(form, 0)
    this.#starts[start] = (this.#starts[start] ?? 0) + by
  }
}

const formsOf = (value: string): readonly string[] => [value, escaped(value), escaped(escaped(value))]
