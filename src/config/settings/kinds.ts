/**
 * The kinds of values that settings have. Each reads strictly: convict alone would accept `80abc` as 80 and `yes` as
 * true.
 */
import { isIP } from 'node:net'
import { readSerial, SERIAL_PATTERN } from '../../core/serial.ts'
import { isVisible } from '../../core/visible.ts'
import { Refusal } from '../errors.ts'
import { isHost, parseBroker, parseHttpUrl } from './address.ts'
import { fitSchema } from './convict.ts'
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts'
import type { JsonSchema, Kind, Section, Values } from './setting.ts'

/** A kind that convict checks by reading the value again; reading a value twice changes nothing. */
export function kind<T>(part: Omit<Kind<T>, 'format'>): Kind<T> {
  return { ...part, format: (value: unknown) => void part.read(value) }
}

function asText(raw: unknown): string {
  if (typeof raw === 'number' || typeof raw === 'boolean') {
    throw new Refusal(`is a ${typeof raw}, not text: put it in quotes`)
  }
  if (typeof raw !== 'string') throw new Refusal('is not text')
  if (/\p{Cc}/u.test(raw)) throw new Refusal('contains control characters', { quiet: true })
  return raw
}

/** Any text of `min` to `max` characters. */
export function text(min: number, max: number, allowed = `text of ${min} to ${max} characters`): Kind<string> {
  return kind({
    allowed,
    json: { type: 'string', minLength: min, maxLength: max },
    read: (raw) => {
      const value = asText(raw)
      if (value.length < min) throw new Refusal(value === '' ? 'is empty' : `is shorter than ${min} characters`)
      if (value.length > max) throw new Refusal(`is longer than ${max} characters`)
      return value
    },
  })
}

/** What people read within other text: it must not change how that looks. */
export function shownText(min: number, max: number): Kind<string> {
  const base = text(min, max, `text of ${min} to ${max} visible characters`)
  return kind({
    ...base,
    read: (raw) => {
      const value = base.read(raw)
      if (!isVisible(value)) throw new Refusal('contains invisible characters', { quiet: true })
      if (value.trim() === '') throw new Refusal('is blank')
      return value
    },
  })
}

export const PATH = text(1, 1024, 'the path of a file or folder')

/** Text that matches a pattern; `allowed` describes the pattern in words. */
export function matching(pattern: RegExp, reason: string, allowed: string): Kind<string> {
  return kind({
    allowed,
    json: { type: 'string', pattern: pattern.source },
    read: (raw) => {
      const value = asText(raw).trim()
      if (!pattern.test(value)) throw new Refusal(reason)
      return value
    },
  })
}

/** One of a fixed set of words. */
export function choice<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    allowed: words.join(', '),
    json: { enum: words },
    format: [...words],
    read: (raw) => {
      const found = words.find((word) => word === raw)
      if (found === undefined) throw new Refusal('is not one of the choices')
      return found
    },
  }
}

export const BOOLEAN: Kind<boolean> = {
  allowed: 'true or false',
  json: { type: 'boolean' },
  format: Boolean,
  read: (raw) => {
    const word = typeof raw === 'string' ? raw.trim().toLowerCase() : raw
    if (word === true || word === 'true') return true
    if (word === false || word === 'false') return false
    throw new Refusal('is neither true nor false')
  },
}

function portFrom(min: number, allowed: string): Kind<number> {
  return {
    allowed,
    json: { type: 'integer', minimum: min, maximum: 65535 },
    format: 'port',
    read: (raw) => {
      const port = typeof raw === 'string' && /^\s*\d{1,5}\s*$/.test(raw) ? Number(raw) : raw
      if (typeof port !== 'number' || !Number.isInteger(port) || port < min || port > 65535) {
        throw new Refusal('is not a port')
      }
      return port
    },
  }
}

/** A port to listen on. */
export const PORT = portFrom(0, 'a port, 0 to 65535 (0: any free one)')
/** A port to connect to. */
export const REMOTE_PORT = portFrom(1, 'a port, 1 to 65535')

/** Milliseconds from `min` to `max`, both inclusive. */
export function duration(min: number, max: number): Kind<number> {
  return kind({
    allowed: `a duration of ${formatDuration(min)} to ${formatDuration(max)} (units ms, s, m, h, d; milliseconds without a unit)`,
    json: {
      anyOf: [
        { type: 'string', pattern: DURATION_PATTERN },
        { type: 'integer', minimum: min, maximum: max },
      ],
    },
    read: (raw) => {
      const ms = parseDuration(raw)
      if (ms < min) throw new Refusal('is too short')
      if (ms > max) throw new Refusal('is too long')
      return ms
    },
    show: formatDuration,
  })
}

export const HOST: Kind<string> = kind({
  allowed: 'a host name or an IP address',
  json: { type: 'string', minLength: 1, maxLength: 254 },
  read: (raw) => {
    const host = asText(raw).trim()
    if (!isHost(host)) throw new Refusal('is not a host')
    return host
  },
})

const BROKER_SCHEMA: JsonSchema = { type: 'string', pattern: '^(mqtts?|wss?)://[^@\\s,]+$' }

/** The address of a broker, or of several to try in turn; an empty list for none. */
export const BROKERS: Kind<readonly string[]> = kind({
  allowed: 'mqtt://host:port, mqtts://, ws:// or wss://, several as a list or separated by commas, or empty',
  json: {
    anyOf: [
      { type: 'string', pattern: '^$|^(mqtts?|wss?)://[^@\\s]+$' },
      { type: 'array', items: BROKER_SCHEMA, maxItems: 16 },
    ],
  },
  read: (raw) => {
    const list = typeof raw === 'string' ? (raw.trim() === '' ? [] : raw.split(',')) : raw
    if (!Array.isArray(list)) throw new Refusal('is not an address')
    if (list.length > 16) throw new Refusal('contains more than 16 addresses', { quiet: true })
    return list.map(parseBroker)
  },
})

const NETWORK = /^([0-9.]+|[0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/

function asNetwork(raw: unknown): string {
  const text = asText(raw).trim()
  const [, address = '', bits] = NETWORK.exec(text) ?? []
  const family = isIP(address)
  if (family === 0 || (bits !== undefined && Number(bits) > (family === 4 ? 32 : 128))) {
    throw new Refusal('is not an address or network')
  }
  return text
}

/** Which clients are trusted to speak for others: none, all, or those that connect from these addresses. */
export const PROXIES: Kind<boolean | readonly string[]> = kind({
  allowed: 'false, true, or addresses and networks such as 10.0.0.2 or 10.0.0.0/8, as a list or separated by commas',
  json: {
    anyOf: [{ type: 'boolean' }, { type: 'string' }, { type: 'array', items: { type: 'string' }, maxItems: 32 }],
  },
  read: (raw) => {
    const words = typeof raw === 'string' ? raw.split(',') : raw
    if (!Array.isArray(words) || /^\s*(true|false)?\s*$/i.test(words.join(','))) {
      return BOOLEAN.read(raw === '' ? false : Array.isArray(raw) && raw.length === 0 ? false : raw)
    }
    if (words.length > 32) throw new Refusal('contains more than 32 addresses', { quiet: true })
    return words.map(asNetwork)
  },
})

/** A list in a file, or texts separated by commas. @param each reads one of them, and throws `Refusal` */
export function several(what: string, allowed: string, each: (item: unknown) => string): Kind<readonly string[]> {
  return kind({
    allowed: `${allowed}, as a list or separated by commas`,
    json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, maxItems: 32 }] },
    read: (raw) => {
      const list = typeof raw === 'string' ? (raw.trim() === '' ? [] : raw.split(',')) : raw
      if (!Array.isArray(list)) throw new Refusal(`is not a list of ${what}`)
      if (list.length > 32) throw new Refusal(`contains more than 32 ${what}`, { quiet: true })
      return list.map(each)
    },
  })
}

/** Origins of pages, as browsers write them: scheme, host and port, nothing else. */
export const ORIGINS = several('addresses', 'addresses such as https://home.example:8443, without a path', (item) => {
  const url = parseHttpUrl(item)
  if (new URL(url).origin !== url) throw new Refusal('has more than scheme, host and port')
  return url
})

/** Names in lower case; `*.` means any subdomain, `*` any name. */
export const HOST_NAMES = several(
  'names',
  'names such as heat.example or *.home.example, without a port; or *',
  (item) => {
    const name = asText(item).trim().toLowerCase().replace(/\.$/, '')
    if (name !== '*' && !isHost(name.replace(/^\*\./, ''))) throw new Refusal('is not a host name')
    return name
  },
)

export const HTTP_URL: Kind<string> = kind({
  allowed: 'an address such as https://cloud.example',
  json: { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^@?#\\s]+$' },
  read: parseHttpUrl,
})

export const SERIAL: Kind<string> = kind({
  allowed: '4 to 64 letters, digits, _ or -, at least one digit, as shown by the device and the vendor’s app',
  json: { type: 'string', pattern: SERIAL_PATTERN },
  read: (raw) => {
    const serial = readSerial(asText(raw))
    if (serial === undefined) throw new Refusal('is not a serial number')
    return serial
  },
})

/** The secret for an authenticator app, in base32; spaces and lower case, as sites show it, are accepted. */
export const BASE32: Kind<string> = kind({
  allowed: '16 to 256 characters of base32 (A to Z, 2 to 7)',
  json: { type: 'string', pattern: '^[A-Za-z2-7 =-]{16,}$' },
  read: (raw) => {
    const secret = asText(raw).replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
    if (!/^[A-Z2-7]{16,256}$/.test(secret)) throw new Refusal('is not a base32 secret')
    return secret
  },
})

const NAMES_OF_OBJECTS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The path to a value in a JSON answer. */
export const JSON_PATH: Kind<string> = kind({
  allowed: 'names separated by dots, such as data.list or secret.totp',
  json: { type: 'string', pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$', maxLength: 128 },
  read: (raw) => {
    const path = asText(raw).trim()
    const good = path.length <= 128 && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(path)
    if (!good || path.split('.').some((name) => NAMES_OF_OBJECTS.has(name))) throw new Refusal('is not a dotted path')
    return path
  },
})

/** A topic to publish under: no wildcards, and no characters with a special meaning to a broker or a shell. */
export const TOPIC = matching(
  /^(?=.{1,128}$)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
  'is not a topic',
  'letters, digits, _ - . separated by /, without + and #, up to 128 characters',
)

/**
 * A list of sections in the configuration file or on the page, each identified by its setting `identity`. The loader
 * does the reading, since it knows the source of each value.
 */
export function list<S extends Section>(
  items: S,
  max: number,
  identity: string,
): Kind<readonly Values<S>[]> & { readonly items: S; readonly max: number; readonly identity: string } {
  return {
    items,
    max,
    identity,
    allowed: `a list of at most ${max}, in the configuration file or on the page`,
    json: { type: 'array', maxItems: max },
    format: (value: unknown) => {
      if (!Array.isArray(value)) throw new Refusal('is not a list')
      for (const item of value) fitSchema(items, item)
    },
    read: () => {
      throw new Refusal('is a list, which can be set only in the configuration file and on the page', { quiet: true })
    },
  }
}
