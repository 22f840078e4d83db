/** What a client speaks, by its first bytes: to tell those that can't be understood what to do. */

export type Unspoken = 'unspoken_tls' | 'unspoken_http' | 'unspoken_version'

/** First bytes of a TLS handshake: type, and the upper half of the version. */
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR = 3

const CONNECT = 0x10

/** Versions of MQTT that are spoken: 3.1, 3.1.1 and 5. The upper bit says that a broker is calling (Mosquitto). */
const SPOKEN: ReadonlySet<number> = new Set([3, 4, 5])
const VERSION_BITS = 0x7f

/** CONNACK of MQTT 5: unsupported protocol version. Clients of any version end with it. */
export const UNSUPPORTED_VERSION = Buffer.from([0x20, 3, 0, 0x84, 0])

/** Undefined for what is spoken, or is nothing known: then it is found out later. */
export function unspokenIn(bytes: Buffer): Unspoken | undefined {
  if (bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR) return 'unspoken_tls'
  if (/^(GET|HEAD|POST|PUT|OPTIONS|PRI) /.test(bytes.toString('latin1', 0, 8))) return 'unspoken_http'
  const version = versionIn(bytes)
  return version === undefined || SPOKEN.has(version & VERSION_BITS) ? undefined : 'unspoken_version'
}

/** The version that a CONNECT names; undefined for all else. */
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
      return 'A client asked the embedded MQTT broker for TLS, which it does not speak: let the client use mqtt:// without TLS, or run a broker that has TLS and set mqtt.url to it.'
    case 'unspoken_http':
      return 'A client called the embedded MQTT broker by HTTP or WebSocket, which it does not speak: let the client use mqtt:// (TCP), or run a broker that has WebSockets and set mqtt.url to it.'
    case 'unspoken_version':
      return 'A client asked the embedded MQTT broker for a version of MQTT that it does not speak: set the client to MQTT 5 or 3.1.1, or set mqtt.url to a broker that speaks that version.'
  }
}
