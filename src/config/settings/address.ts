import { isIP } from 'node:net'
import { Refusal } from '../errors.ts'

/** Names of containers may contain `_`, which DNS does not allow but resolvers accept. */
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?$/

/** Whether `text` is an IPv4 or IPv6 address (without brackets) or a host name. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true
  // 300.1.1.1 is a mistyped address and not a name, since no top-level domain is a number.
  return HOST_NAME.test(text) && !/(^|\.)\d+\.?$/.test(text)
}

const BROKER = /^(mqtts?|wss?):\/\/(\[[0-9a-fA-F:.]+\]|[^[\]:/?#@\s]+)(?::([^/?#@]*))?(\/[^?#\s]*)?$/

/**
 * A broker's address, `mqtt://host:1883` and the like; a path only with `ws` and `wss`. Returned as written, trimmed.
 * Throws `Refusal`, without the value if the address seems to contain a password.
 */
export function parseBroker(raw: unknown): string {
  if (typeof raw !== 'string') throw new Refusal('is not an address')
  const text = raw.trim()
  if (text.includes('@')) {
    throw new Refusal('must not contain a user name or password: put them in mqtt.username and mqtt.password', {
      quiet: true,
    })
  }
  const [, scheme = '', host = '', port, path = '/'] = BROKER.exec(text) ?? []
  if (scheme === '') throw new Refusal('is not the address of a broker')
  if (!isHost(host.replace(/^\[|\]$/g, ''))) throw new Refusal('has no valid host')
  if (port !== undefined && !isPortText(port)) throw new Refusal('has no valid port')
  if (path !== '/' && !scheme.startsWith('ws')) throw new Refusal('has a path, which only ws:// and wss:// can have')
  return text
}

function isPortText(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535
}

/** The base address of a cloud: `https` or `http`, without user, query or fragment. A final slash is removed. */
export function parseHttpUrl(raw: unknown): string {
  const text = typeof raw === 'string' ? raw.trim() : ''
  if (text.includes('@')) {
    throw new Refusal('must not contain a user name or password: put them in username and password', { quiet: true })
  }
  if (/[?#]/.test(text)) throw new Refusal('must not contain a query or fragment', { quiet: true })
  if (!/^https?:\/\/[^/\s]+(\/\S*)?$/i.test(text) || !URL.canParse(text)) throw new Refusal('is not an http(s) address')
  const url = new URL(text)
  if (!isHost(url.hostname.replace(/^\[|\]$/g, ''))) throw new Refusal('has no valid host')
  if (url.port === '0') throw new Refusal('has no valid port')
  return url.href.replace(/\/+$/, '')
}
