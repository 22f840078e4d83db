/** A short test connection to a broker: whether it accepts the bridge and lets it work. */
import { randomBytes } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { isObject, parseJson } from '../core/json.ts'
import { refusesVersion5 } from './client/failures.ts'
import type { ProtocolVersion, Target } from './client/target.ts'
import { Topics } from './topics.ts'

/** Milliseconds to connect, and then to subscribe and get a message back. */
const CONNECT = 5_000
const ECHO = 3_000
const MOST_PROBLEMS = 8
const LONGEST_PROBLEM = 1_000

export interface Visit {
  readonly connected: boolean
  readonly protocol: ProtocolVersion
  readonly error: Error | undefined
  /** Subscriptions that the broker refused. */
  readonly refused: readonly string[]
  /** A message published came back. */
  readonly echoed: boolean
  /** The bridge's retained state there: `online` or `offline`. */
  readonly bridge: string | undefined
  /** A published command came back; undefined if the broker does not accept one from the bridge. */
  readonly commanded: boolean | undefined
  /** Whether messages next to the discovery documents are accepted; undefined if not tested. */
  readonly announced: boolean | undefined
  /** The largest packet that the broker accepts, in bytes, as announced (MQTT 5). */
  readonly largest: number | undefined
  /** It closed the connection on a message as large as discovery documents can be. */
  readonly hungUp: boolean
  /** Problems that the bridge there reports about itself. */
  readonly problems: readonly string[]
}

type Seen = Omit<Visit, 'connected' | 'protocol' | 'error' | 'largest'>

const NOTHING: Seen = {
  ...{
    refused: [],
    echoed: false,
    bridge: undefined,
    commanded: undefined,
    announced: undefined,
    hungUp: false,
    problems: [],
  },
}

/** As large as discovery documents are, in bytes. */
export const LARGE = 64 * 1024

interface Credentials {
  readonly username: string | null
  readonly password: string | null
}

/**
 * Connects with a separate client id, since the bridge's would disconnect the bridge, and with 3.1.1 if 5 is not
 * supported. Never rejects; takes at most ten seconds.
 * @param base the first part of the bridge's topics
 * @param also further filters that the bridge subscribes to
 * @param discovery topic of a discovery document, if those are published
 */
export async function visitBroker(
  target: Target,
  credentials: Credentials,
  base: string,
  also: readonly string[] = [],
  discovery?: string,
): Promise<Visit> {
  const asked = { credentials, base, also, discovery }
  const first = await visit(target, 5, asked)
  return first.connected || refusesVersion5(first.error) === 'no' ? first : visit(target, 4, asked)
}

interface Asked {
  readonly credentials: Credentials
  readonly base: string
  readonly also: readonly string[]
  readonly discovery: string | undefined
}

async function visit(target: Target, protocol: ProtocolVersion, asked: Asked): Promise<Visit> {
  const { username, password } = asked.credentials
  let largest: number | undefined
  const client = target.open({
    clientId: `thermo2mqtt-visit-${randomBytes(4).toString('hex')}`,
    ...(username ? { username } : {}),
    ...(username && password ? { password } : {}),
    protocolId: 'MQTT',
    protocolVersion: protocol,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT,
    log: () => undefined,
  })
  client.once('connect', (connack) => {
    largest = connack.properties?.maximumPacketSize
  })
  const error = await connected(client)
  const seen = error === 'connected' ? await look(client, asked) : NOTHING
  const hungUp = error === 'connected' && (largest ?? LARGE) >= LARGE && (await hangsUp(client, asked.base))
  client.end(true)
  const came = error === 'connected'
  return { connected: came, protocol, error: came ? undefined : error, ...seen, largest, hungUp }
}

/** The error; undefined if the other side just closed. */
function connected(client: MqttClient): Promise<'connected' | Error | undefined> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve('connected'))
    client.on('error', (error) => resolve(error))
    client.once('close', () => resolve(undefined))
  })
}

async function look(client: MqttClient, { base, also, discovery }: Asked): Promise<Seen> {
  const { bridgeState, bridgeInfo } = new Topics(base)
  const nonce = randomBytes(4).toString('hex')
  // Nobody listens there, and nothing is retained there.
  const echo = `${base}/bridge/check/${nonce}`
  // Not retained, for a device that does not exist, so Home Assistant ignores it.
  const beside = discovery?.replace(/\/config$/, `_check_${nonce}/config`)
  const wanted = [bridgeState, bridgeInfo, echo, `${base}/+/set`, ...also]
  let bridge: string | undefined
  let problems: readonly string[] = []
  const over = overOf(client)
  const refused = new Promise<readonly string[]>((resolve) => {
    over.then(() => resolve(wanted))
    client.subscribe(wanted, { qos: 0 }, (error, _asked, answer) => {
      const no = wanted.filter((_topic, index) => Number(answer?.granted[index]) >= 128)
      resolve(error && no.length === 0 ? wanted : no)
    })
  })
  client.on('message', (topic, payload) => {
    if (topic === bridgeState) bridge = payload.toString('utf8', 0, 16)
    else if (topic === bridgeInfo) problems = problemsIn(payload)
  })
  const no = await refused
  if (no.includes(echo)) return { ...NOTHING, refused: no, bridge, problems }
  const echoed = comesBack(client, echo, over)
  // No device has that id.
  const commanded = comesBack(client, `${base}/check/set`, over)
  if (beside !== undefined) client.subscribe(beside, { qos: 0 }, () => undefined)
  const announced = beside === undefined ? undefined : comesBack(client, beside, over, '')
  return {
    ...NOTHING,
    refused: no,
    echoed: (await echoed) === true,
    commanded: await commanded,
    announced: announced && (await announced) === true,
    bridge,
    problems,
  }
}

/** A broker that is silent or closes the connection gives no more answers. */
function overOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, ECHO)
    client.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
  })
}

/** Whether a message on `topic` comes back; undefined if the broker refuses it (MQTT 5). */
function comesBack(
  client: MqttClient,
  topic: string,
  over: Promise<void>,
  payload = 'check',
): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    over.then(() => resolve(false))
    client.on('message', (heard) => {
      if (heard === topic) resolve(true)
    })
    client.publish(topic, payload, { qos: 1, retain: false }, (error) => {
      if (error) resolve(undefined)
    })
  })
}

/** Whether the broker closes the connection on a large message. */
function hangsUp(client: MqttClient, base: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!client.connected) return resolve(false)
    client.once('close', () => resolve(true))
    overOf(client).then(() => resolve(!client.connected))
    client.publish(`${base}/bridge/check/size`, 'x'.repeat(LARGE), { qos: 1 }, () => resolve(!client.connected))
  })
}

/** Anybody with write access may have written it. */
function problemsIn(payload: Buffer): readonly string[] {
  const info = parseJson(payload.toString())
  const problems = isObject(info) && Array.isArray(info.problems) ? info.problems.slice(0, MOST_PROBLEMS) : []
  return problems.flatMap((problem) =>
    isObject(problem) && typeof problem.message === 'string'
      ? problem.message.slice(0, LONGEST_PROBLEM).replace(/\p{Cc}/gu, '?')
      : [],
  )
}
