/** The broker that another app, such as Mosquitto, offers to apps through the Supervisor: `GET /services/mqtt`. */
import { isObject, parseJson } from '../../core/json.ts'

export interface OfferedBroker {
  readonly url: string
  /** Empty where the broker asks for none. */
  readonly username: string
  readonly password: string
}

/** Milliseconds for an answer. */
const TIMEOUT = 5_000
/** Characters of an answer. */
const LARGEST = 64 * 1024
const HOST = /^[A-Za-z0-9_.:-]{1,253}$/

/** @returns null when none is offered; undefined when the Supervisor does not say, as while it starts */
export async function offeredBroker(supervisor: string, token: string): Promise<OfferedBroker | null | undefined> {
  try {
    const response = await fetch(`${supervisor}/services/mqtt`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    })
    const text = await response.text()
    return read(text.length > LARGEST ? undefined : parseJson(text))
  } catch {
    // Why it can't be reached changes nothing: it is asked again.
    return undefined
  }
}

function read(answer: unknown): OfferedBroker | null | undefined {
  if (!isObject(answer)) return undefined
  // What it says when no app provides the service (supervisor/api/services.py).
  if (answer.result !== 'ok') return /not enabled/i.test(String(answer.message)) ? null : undefined
  const { host, port, ssl, username = '', password = '' } = isObject(answer.data) ? answer.data : {}
  if (typeof host !== 'string' || !HOST.test(host) || !Number.isInteger(port)) return undefined
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  const there = host.includes(':') ? `[${host}]` : host
  return { url: `${ssl === true ? 'mqtts' : 'mqtt'}://${there}:${port}`, username, password }
}
