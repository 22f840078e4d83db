/** Asks the running bridge for something, over its broker. */
import { randomBytes } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { baseTopic, type Settings } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError, isErrorCode } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { dialled } from '../../core/network/addresses.ts'
import { explain } from '../../mqtt/client/failures.ts'
import { brokerTargets } from '../../mqtt/client/target.ts'
import { Topics } from '../../mqtt/topics.ts'
import type { Tools } from './tools.ts'

/** Milliseconds to connect, to find out whether there is a bridge, and to wait for its answer. */
const CONNECT = 5_000
const STATE = 2_000
const ANSWER = 10_000

/** Sends one request and resolves with the data of the answer. @throws BridgeError the error that the bridge answers */
export type Ask = (action: string, body: JsonObject, wait?: number) => Promise<JsonObject>

/** @throws BridgeError the error that the bridge answers; `INTERNAL` if there is no broker or no running bridge */
export async function askBridge(tools: Tools, action: string, body: JsonObject): Promise<void> {
  await withBridge(tools, [action], (ask) => ask(action, body))
}

/**
 * Sends several requests over one connection.
 * @param actions all actions that will be requested
 * @throws BridgeError like `askBridge`
 */
export async function withBridge<Result>(
  { settings, clock }: Tools,
  actions: readonly string[],
  use: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const topics = new Topics(baseTopic(settings))
  const client = await connected(settings)
  try {
    const heard = listen(client)
    // A broker may send retained messages along with its answer to the subscription, so listen before waiting for that.
    const said = heard((topic) => topic === topics.bridgeState)
    await client.subscribeAsync([topics.bridgeState, ...actions.map((action) => topics.response(action))], { qos: 1 })
    const state = await within(clock, STATE, said)
    // The broker would keep the request for a bridge that is away, and this command would not learn its outcome.
    if (state !== 'online') throw notRunning('is not running')
    return await use(async (action, body, wait = ANSWER) => {
      const transaction = randomBytes(8).toString('hex')
      const isAnswer = (topic: string, text: string) =>
        topic === topics.response(action) && objectIn(text).transaction === transaction
      const answered = heard(isAnswer)
      await client.publishAsync(topics.request(action), JSON.stringify({ ...body, transaction }), { qos: 1 })
      const answer = await within(clock, wait, answered)
      if (answer === undefined) throw notRunning('does not answer')
      const { ok, error, data } = objectIn(answer)
      if (ok !== true) throw refusal(error)
      return isObject(data) ? data : {}
    })
  } finally {
    client.end(true)
  }
}

/** Undefined if it takes longer than `ms`. */
async function within<T>(clock: Clock, ms: number, wanted: Promise<T>): Promise<T | undefined> {
  let late = () => {}
  const limit = new Promise<undefined>((resolve) => {
    late = () => resolve(undefined)
  })
  const timer = clock.timer(ms, () => late())
  try {
    return await Promise.race([wanted, limit])
  } finally {
    timer.cancel()
  }
}

type Heard = (fits: (topic: string, text: string) => boolean) => Promise<string>

function listen(client: MqttClient): Heard {
  return (fits) =>
    new Promise((resolve) => {
      const hear = (topic: string, payload: Buffer) => {
        const text = payload.toString()
        if (!fits(topic, text)) return
        client.off('message', hear)
        resolve(text)
      }
      client.on('message', hear)
    })
}

/** @throws BridgeError `INTERNAL` if no broker can be reached */
async function connected({ mqtt }: Settings): Promise<MqttClient> {
  const { embedded } = mqtt
  const own = mqtt.url.length === 0
  const urls = own ? [`mqtt://${dialled(embedded.host)}:${embedded.port}`] : mqtt.url
  const { username, password } = own ? embedded : mqtt
  const problems: string[] = []
  for (const target of brokerTargets({ ...mqtt, url: urls, client_id: '' })) {
    const client = target.open({
      clientId: `thermo2mqtt-cli-${randomBytes(4).toString('hex')}`,
      ...(username ? { username } : {}),
      ...(username && password ? { password } : {}),
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: CONNECT,
      log: () => undefined,
    })
    const error = await new Promise<Error | undefined | 'connected'>((resolve) => {
      client.once('connect', () => resolve('connected'))
      client.on('error', resolve)
      client.once('close', () => resolve(undefined))
    })
    if (error === 'connected') return client
    client.end(true)
    problems.push(`${target.url}: ${explain(error)}`)
  }
  throw new BridgeError(
    'INTERNAL',
    `The bridge can't be asked: no broker can be reached (${problems.join('; ')}). Nothing was changed. Start the bridge, then try again.`,
  )
}

function notRunning(what: string): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The bridge ${what}, but only a running bridge can do this. Start it, then try again.`,
  )
}

function objectIn(text: string): JsonObject {
  const parsed = parseJson(text)
  return isObject(parsed) ? parsed : {}
}

function refusal(error: unknown): BridgeError {
  const { code, message } = isObject(error) ? error : {}
  return new BridgeError(
    isErrorCode(code) ? code : 'INTERNAL',
    typeof message === 'string' ? message : 'The bridge refuses without giving a reason.',
  )
}
