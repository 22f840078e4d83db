import { randomBytes } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import type { Settings } from '../../config/index.ts'
import { explain, refusesVersion5, settingToCheck } from '../../mqtt/failures.ts'
import { brokerTargets, type ProtocolVersion, type Target } from '../../mqtt/target.ts'
import { Topics } from '../../mqtt/topics.ts'
import { whyNotListen } from '../ports.ts'
import { type Check, type Finding, fail, ok, warn } from './check.ts'

/** Milliseconds to connect, and then to get a message back. */
const CONNECT = 5_000
const ECHO = 3_000

interface Visit {
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

export const broker: Check = {
  name: 'MQTT broker',
  run: async ({ tools: { settings } }) => {
    if (settings.mqtt.url.length === 0) return [await checkEmbedded(settings)]
    const options = { ...settings.mqtt, client_id: '' }
    const found: Finding[] = []
    for (const target of brokerTargets(options)) found.push(...(await checkTarget(target, settings)))
    // Of several only one has to be there.
    const reachable = found.some(({ level }) => level === 'ok')
    return reachable
      ? found.map((finding) => (finding.level === 'fail' ? { ...finding, level: 'warn' } : finding))
      : found
  },
}

async function checkTarget(target: Target, settings: Settings): Promise<Finding[]> {
  const { base_topic: base } = settings.mqtt
  const visit = await call(target, settings.mqtt, base)
  if (!visit.connected) return [fail(`${target.url}: ${explain(visit.error)}`, `${settingToCheck(visit.error)}.`)]
  const protocol = visit.protocol === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
  const findings = [ok(`${target.url}: connected with ${protocol}; ${bridgeIs(visit.bridge)}`)]
  if (visit.refused.length > 0) {
    findings.push(
      warn(
        `it refuses to subscribe to ${visit.refused.join(', ')}`,
        `allow the user of the bridge ${base}/# in its access list.`,
      ),
    )
  } else if (!visit.echoed) {
    findings.push(
      warn(
        `what is published under ${base}/ does not come back`,
        `allow the user of the bridge to publish to ${base}/# in its access list.`,
      ),
    )
  }
  return findings
}

const bridgeIs = (state: string | undefined): string =>
  state === undefined
    ? 'no bridge has been there yet'
    : `the bridge there is ${state === 'online' ? 'online' : 'offline'}`

async function checkEmbedded({ mqtt: { embedded, base_topic: base } }: Settings): Promise<Finding> {
  const { host, port } = embedded
  const where = `${host}:${port}`
  const why = port === 0 ? undefined : await whyNotListen(host, port)
  if (why === undefined) return ok(`embedded: ${where} is free, so the bridge does not run now`)
  if (why !== 'EADDRINUSE')
    return fail(
      `embedded: the bridge can't listen on ${where} (${why})`,
      'correct mqtt.embedded.host or mqtt.embedded.port.',
    )
  const dialled = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const url = `mqtt://${dialled.includes(':') ? `[${dialled}]` : dialled}:${port}`
  const [target] = brokerTargets({ url: [url], client_id: '', base_topic: base, embedded })
  const visit = target && (await call(target, embedded, base))
  if (visit?.bridge === 'online') return ok(`embedded: the running bridge serves ${where}`)
  return fail(
    `embedded: another program has ${where}`,
    visit?.connected
      ? `it is a broker: use it with mqtt.url=${url}, or give the embedded one another mqtt.embedded.port.`
      : 'give the embedded broker another mqtt.embedded.port, or stop that program.',
  )
}

/** Connects under a name of its own, as the bridge's would throw the bridge out, and with 3.1.1 where 5 is not understood. */
async function call(target: Target, credentials: Credentials, base: string): Promise<Visit> {
  const first = await visit(target, 5, credentials, base)
  return first.connected || refusesVersion5(first.error) === 'no' ? first : visit(target, 4, credentials, base)
}

async function visit(
  target: Target,
  protocol: ProtocolVersion,
  credentials: Credentials,
  base: string,
): Promise<Visit> {
  const { username, password } = credentials
  const client = target.open({
    clientId: `thermo2mqtt-doctor-${randomBytes(4).toString('hex')}`,
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
  const seen = error === 'connected' ? await look(client, base) : { refused: [], echoed: false, bridge: undefined }
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

async function look(client: MqttClient, base: string): Promise<Pick<Visit, 'refused' | 'echoed' | 'bridge'>> {
  const { bridgeState } = new Topics(base)
  // Nobody listens there, and nothing stays there.
  const echo = `${base}/bridge/check/${randomBytes(4).toString('hex')}`
  let bridge: string | undefined
  const refused = new Promise<readonly string[]>((resolve) => {
    const wanted = [bridgeState, echo, `${base}/+/set`]
    client.subscribe(wanted, { qos: 0 }, (error, granted) => {
      const no = (granted ?? []).filter(({ qos }) => qos >= 128).map(({ topic }) => topic)
      resolve(error && no.length === 0 ? wanted : no)
    })
  })
  const echoed = new Promise<boolean>((resolve) => {
    const limit = setTimeout(() => resolve(false), ECHO)
    client.on('message', (topic, payload) => {
      if (topic === bridgeState) bridge = payload.toString('utf8', 0, 16)
      if (topic !== echo) return
      clearTimeout(limit)
      resolve(true)
    })
    client.once('close', () => resolve(false))
  })
  const no = await refused
  if (no.includes(echo)) return { refused: no, echoed: false, bridge }
  client.publish(echo, 'check', { qos: 1, retain: false }, () => undefined)
  return { refused: no, echoed: await echoed, bridge }
}
