/**
 * The one list of secret fields, and the one place where secrets are taken out of what leaves the bridge.
 * A field is masked by its name; a secret that is known by its value is masked wherever it turns up in a text.
 */

export const MASK = '********'

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

/** A deep copy of `value` in which every secret field that holds anything shows `MASK`. */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > 8) return value
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, depth + 1))
  if (value instanceof Error) return value
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const empty = item === null || item === undefined || item === '' || typeof item === 'boolean'
    copy[name] = isSecretField(name) && !empty ? MASK : maskSecrets(item, depth + 1)
  }
  return copy
}

/** Shorter values would mask ordinary words; every secret the bridge handles itself is longer. */
const SHORTEST_REMEMBERED = 6

/** Remembers secret values and takes them out of any text. */
export class SecretValues {
  readonly #values = new Set<string>()

  remember(value: string | undefined | null): void {
    if (value && value.length >= SHORTEST_REMEMBERED) this.#values.add(value)
  }

  scrub(text: string): string {
    let clean = text
    for (const value of this.#values) {
      if (clean.includes(value)) clean = clean.replaceAll(value, MASK)
      const escaped = JSON.stringify(value).slice(1, -1)
      if (escaped !== value && clean.includes(escaped)) clean = clean.replaceAll(escaped, MASK)
    }
    return clean
  }
}
