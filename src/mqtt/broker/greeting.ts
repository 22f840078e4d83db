/** Detects a client's protocol from its first bytes, to give advice about unsupported ones. */

export type Unspoken = 'unspoken_tls' | 'unspoken_http' | 'unspoken_version'

/** First bytes of a TLS handshake: type, and the upper half of the version. */
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR = 3

const CONNECT = 0x10

/** Supported versions of MQTT: 3.1, 3.1.1 and 5. The upper bit marks another broker (Mosquitto). */
const SPOKEN: ReadonlySet<number> = new Set([3, 4, 5])
const VERSION_BITS = 0x7f

/** CONNACK of MQTT 5: unsupported protocol version. Clients of any version close on it. */
export const UNSUPPORTED_VERSION = Buffer.from([0x20, 3, 0, 0x84, 0])

/** Undefined for a supported or unknown protocol; the latter fails later. */
export function unspokenIn(bytes: Buffer): Unspoken | undefined {
  if (bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR) return 'unspoken_tls'
  if (/^(GET|HEAD|POST|PUT|OPTIONS|PRI) /.test(bytes.toString('latin1', 0, 8))) return 'unspoken_http'
  const version = versionIn(bytes)
  return version === undefined || SPOKEN.has(version & VERSION_BITS) ? undefined : 'unspoken_version'
}

/** The version in a CONNECT; undefined for anything else. */
function versionIn(bytes: Buffer): number | undefined {
  if (bytes[0] !== CONNECT) return undefined
  // The length has up to four bytes, the last one without its upper bit.
  const end = bytes.subarray(1, 5).findIndex((byte) => byte < 0x80)
  if (end < 0) return undefined
  const name = end + 2
  const at = name + 2 + (bytes[name] ?? 0) * 256 + (bytes[name + 1] ?? 0)
  return /^MQ/.test(bytes.toString('latin1', name + 2, at)) ? bytes[at] : undefined
}

/** What to do about it, as a sentence. */
export function remedyFor(unspoken: Unspoken): string {
  switch (unspoken) {
    case 'unspoken_tls':
      return 'A client tried to use TLS with the embedded MQTT broker, which does not support it: let the client use mqtt:// without TLS, or run a broker with TLS and set mqtt.url to it.'
    case 'unspoken_http':
      return 'A client tried to use HTTP or WebSocket with the embedded MQTT broker, which does not support it: let the client use mqtt:// (TCP), or run a broker with WebSockets and set mqtt.url to it.'
    case 'unspoken_version':
      return 'A client tried to use a version of MQTT that the embedded broker does not support: set the client to MQTT 5 or 3.1.1, or set mqtt.url to a broker that supports that version.'
  }
}
