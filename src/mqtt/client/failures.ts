/** What the errors of a connection mean. */

/** CONNACK codes: 1 to 5 of MQTT 3.1.1 (section 3.2.2.3), 128 and up of MQTT 5 (section 3.2.2.2). */
const UNSUPPORTED_VERSION: ReadonlySet<unknown> = new Set([1, 132])
const BAD_CREDENTIALS: ReadonlySet<unknown> = new Set([4, 5, 134, 135])
const BAD_CLIENT_ID: ReadonlySet<unknown> = new Set([2, 133])

/** A broker that discards a CONNECT it does not understand closes the connection in one of these ways. */
const HUNG_UP: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

function codeOf(error: Error | undefined): string | number | undefined {
  if (error === undefined || !('code' in error)) return undefined
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : undefined
}

/**
 * Whether a connection failed to open because the broker does not support MQTT 5: certainly, maybe (it closed without a
 * reason), or not.
 */
export function refusesVersion5(error: Error | undefined): 'certain' | 'maybe' | 'no' {
  if (error === undefined || HUNG_UP.has(codeOf(error))) return 'maybe'
  return UNSUPPORTED_VERSION.has(codeOf(error)) ? 'certain' : 'no'
}

/** Packet too large (MQTT 5 section 3.14.2.1). */
const TOO_LARGE = 149

/** Whether an open connection may have ended because a packet was too large: most brokers just close it. */
export function mayBeForSize(error: Error | undefined): boolean {
  const code = codeOf(error)
  return error === undefined || HUNG_UP.has(code) || code === TOO_LARGE
}

export function explain(error: Error | undefined): string {
  if (error === undefined) return 'it closed the connection'
  const code = codeOf(error)
  return error.message || String(code ?? error.name)
}

/** What to check, as the second half of a sentence. */
export function settingToCheck(error: Error | undefined): string {
  const code = codeOf(error)
  if (BAD_CREDENTIALS.has(code)) return 'it rejects the user name or password; check mqtt.username and mqtt.password'
  if (BAD_CLIENT_ID.has(code)) return 'it refuses the client id; check mqtt.client_id'
  if (isDistrust(code)) {
    return 'the two do not trust each other; check mqtt.ca, mqtt.cert and mqtt.key, and the host name in mqtt.url'
  }
  return 'check mqtt.url and whether the broker is running there'
}

/** Why a connection to a broker failed, for programs. */
export const BROKER_PROBLEMS = ['auth', 'tls', 'refused', 'not_found', 'timeout', 'closed', 'other'] as const
export type BrokerProblem = (typeof BROKER_PROBLEMS)[number]

const BY_CODE: Readonly<Record<string, BrokerProblem>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'not_found',
  EAI_AGAIN: 'not_found',
  EHOSTUNREACH: 'timeout',
  ENETUNREACH: 'timeout',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
}

export function brokerProblem(error: Error | undefined): BrokerProblem {
  const code = codeOf(error)
  if (BAD_CREDENTIALS.has(code)) return 'auth'
  if (isDistrust(code)) return 'tls'
  if (error === undefined) return 'closed'
  // mqtt.js' error if there was no answer within its time limit.
  if (error.message === 'connack timeout') return 'timeout'
  return BY_CODE[String(code)] ?? 'other'
}

const isDistrust = (code: unknown): boolean => typeof code === 'string' && /CERT|SSL|TLS|ISSUER|SIGNED/.test(code)
