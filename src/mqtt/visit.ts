/** A short visit to a broker: whether it lets the bridge in, and lets it do its work. */
import { randomBytes } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { refusesVersion5 } from './failures.ts'
import type { ProtocolVersion, Target } from './target.ts'
import { Topics } from './topics.ts'

/** Milliseconds to connect, and then to subscribe and get a message back. */
const CONNECT = 5_000
const ECHO = 3_000

export interface Visit {
  readonly connected: boolean
  readonly protocol: ProtocolVersion
  readonly error: Error | undefined
  /** Subscriptions that the broker refused. */
  readonly refused: readonly string[]
  /** A message published came back. */
  readonly echoed: boolean
  /** What the bridge keeps retained there: `online`, `offline`. */
  readonly bridge: string | undefined
}

interface Credentials {
  readonly username: string | null
  readonly password: string | null
}

/**
 * Connects under a name of its own, as the bridge's would throw the bridge out, and with 3.1.1 where 5 is not understood.
 * Never rejects; takes ten seconds at most.
 * @param base the first part of the bridge's topics
 * @param also further filters that the bridge subscribes to
 */
export async function visitBroker(
  target: Target,
  credentials: Credentials,
  base: string,
  also: readonly string[] = [],
): Promise<Visit> {
  const first = await visit(target, 5, credentials, base, also)
  return first.connected || refusesVersion5(first.error) === 'no' ? first : visit(target, 4, credentials, base, also)
}

async function visit(
  target: Target,
  protocol: ProtocolVersion,
  credentials: Credentials,
  base: string,
  also: readonly string[],
): Promise<Visit> {
  const { username, password } = credentials
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
  const error = await connected(client)
  const seen =
    error === 'connected' ? await look(client, base, also) : { refused: [], echoed: false, bridge: undefined }
  client.end(true)
  return { connected: error === 'connected', protocol, error: error === 'connected' ? undefined : error, ...seen }
}

/** What went wrong, undefined when the other side only closed. */
function connected(client: MqttClient): Promise<'connected' | Error | undefined> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve('connected'))
    client.on('error', (error) => resolve(error))
    client.once('close', () => resolve(undefined))
  })
}

async function look(
  client: MqttClient,
  base: string,
  also: readonly string[],
): Promise<Pick<Visit, 'refused' | 'echoed' | 'bridge'>> {
  const { bridgeState } = new Topics(base)
  // Nobody listens there, and nothing stays there.
  const echo = `${base}/bridge/check/${randomBytes(4).toString('hex')}`
  const wanted = [bridgeState, echo, `${base}/+/set`, ...also]
  let bridge: string | undefined
  // A broker that says nothing, or hangs up, answers no subscription either.
  const over = new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, ECHO)
    client.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
  })
  const refused = new Promise<readonly string[]>((resolve) => {
    over.then(() => resolve(wanted))
    client.subscribe(wanted, { qos: 0 }, (error, _asked, answer) => {
      const no = wanted.filter((_topic, index) => Number(answer?.granted[index]) >= 128)
      resolve(error && no.length === 0 ? wanted : no)
    })
  })
  const echoed = new Promise<boolean>((resolve) => {
    over.then(() => resolve(false))
    client.on('message', (topic, payload) => {
      if (topic === bridgeState) bridge = payload.toString('utf8', 0, 16)
      if (topic === echo) resolve(true)
    })
  })
  const no = await refused
  if (no.includes(echo)) return { refused: no, echoed: false, bridge }
  client.publish(echo, 'check', { qos: 1, retain: false }, () => undefined)
  return { refused: no, echoed: await echoed, bridge }
}
