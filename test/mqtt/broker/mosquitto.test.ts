/** The embedded broker and clients of another make: mosquitto_pub and mosquitto_sub. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import type { Teardown } from '../../support/simulator.ts'
import { makeBridge, TestClient, until } from '../support.ts'
import { startBroker } from './rig.ts'

const missing = spawnSync('mosquitto_sub', ['--help']).error !== undefined
const SKIP = missing ? { skip: 'mosquitto_sub is not installed: apt-get install mosquitto-clients' } : {}

const run = promisify(execFile)

const publish = (port: number, ...options: string[]) =>
  run('mosquitto_pub', ['-V', '5', '-p', String(port), ...options])

/** One run of `mosquitto_sub` that ends with its `count`th message; resolves with its lines once it has them. */
async function subscribe(port: number, count: number, ...options: string[]): Promise<string[]> {
  const { stdout } = await run('mosquitto_sub', ['-p', String(port), '-C', String(count), '-W', '30', ...options])
  return stdout.trim().split('\n')
}

/** A `mosquitto_sub` that goes on; its lines so far. */
function listen(t: Teardown, port: number, ...options: string[]): { readonly lines: () => string[] } {
  const child = spawn('mosquitto_sub', ['-p', String(port), ...options])
  t.teardown(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  return { lines: () => text.split('\n').filter((line) => line !== '') }
}

t.test('retained messages with properties, by 5 and by 3.1.1', SKIP, async (t) => {
  const { broker } = await startBroker(t)
  const properties = ['response-topic answers/1', 'correlation-data c1', 'user-property site home', 'content-type x/y']
  const options = properties.flatMap((property) => ['-D', 'publish', ...property.split(' ')])
  await publish(broker.port, '-t', 'a/1', '-m', 'kept', '-r', '-q', '1', ...options)
  const format = ['-F', '%t|%p|%r|%q|%R|%D|%P|%C', '-t', 'a/+', '-q', '1']
  t.same(await subscribe(broker.port, 1, '-V', '5', ...format), ['a/1|kept|1|1|answers/1|c1|site:home|x/y'])
  t.match(await subscribe(broker.port, 1, '-V', 'mqttv311', ...format), [/^a\/1\|kept\|1\|1\|/])
})

t.test('what waits in a session, with its expiry counted down', SKIP, async (t) => {
  const { broker } = await startBroker(t)
  const session = ['-V', '5', '-c', '-i', 'absent', '-x', '3600', '-q', '1', '-t', 'news/#']
  await run('mosquitto_sub', ['-p', String(broker.port), ...session, '-E'])
  t.equal(broker.counts().sessions, 1)
  await publish(
    broker.port,
    '-t',
    'news/1',
    '-m',
    'waited',
    '-q',
    '1',
    '-D',
    'publish',
    'message-expiry-interval',
    '600',
  )
  await publish(broker.port, '-t', 'news/2', '-m', 'twice', '-q', '2')
  const [first, second] = await subscribe(broker.port, 2, ...session, '-F', '%t|%p|%E')
  t.match(first, /^news\/1\|waited\|(600|5\d\d)$/)
  t.match(second, /^news\/2\|twice/)
})

t.test('a will is published when its client is killed', SKIP, async (t) => {
  const { broker } = await startBroker(t)
  const watcher = await TestClient.open(broker.url, { protocolVersion: 5 })
  t.teardown(() => watcher.end())
  await watcher.subscribe('gone')
  const will = ['--will-topic', 'gone', '--will-payload', 'offline', '--will-qos', '1']
  const child = spawn('mosquitto_sub', ['-V', '5', '-p', String(broker.port), '-t', 'x', ...will])
  await until('connected', () => broker.counts().subscriptions === 2)
  child.kill('SIGKILL')
  t.equal(await watcher.next('gone'), 'offline')
})

t.test('limits and refusals are understood', SKIP, async (t) => {
  const { broker } = await startBroker(t, { username: 'home', password: 'a right one' })
  const known = ['-u', 'home', '-P', 'a right one']
  const wrong = ['-u', 'home', '-P', 'wrong']
  const refused: unknown = await publish(broker.port, '-t', 'a', '-m', '1', ...wrong).catch((error: unknown) => error)
  t.match(refused, { code: 0x86, stderr: /Bad User Name or Password/ })
  const large = listen(
    t,
    broker.port,
    '-V',
    '5',
    ...known,
    '-t',
    'a/+',
    '-F',
    '%t',
    '-D',
    'connect',
    'maximum-packet-size',
    '100',
  )
  await until('subscribed', () => broker.counts().subscriptions === 1)
  await publish(broker.port, ...known, '-t', 'a/large', '-m', 'x'.repeat(200), '-q', '1')
  await publish(broker.port, ...known, '-t', 'a/small', '-m', 'x', '-q', '1')
  await until('the small one', () => large.lines().length > 0)
  t.same(large.lines(), ['a/small'])
})

t.test('commands the bridge, and is answered', SKIP, async (t) => {
  const { mqtt, devices } = makeBridge()
  const { serial } = devices.add()
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  await until('connected', () => mqtt.connected)
  const port = mqtt.brokerPort ?? 0
  const answers = listen(t, port, '-V', '5', '-t', 'me/1', '-F', '%D %p')
  await until('subscribed', () => mqtt.counters().broker?.subscriptions === 1)
  const asked = ['-D', 'publish', 'response-topic', 'me/1', '-D', 'publish', 'correlation-data', 'c1']
  await publish(port, '-t', `thermo2mqtt/${serial}/set`, '-m', '{"mode":"heat"}', '-q', '1', ...asked)
  await until('answered', () => answers.lines().length > 0)
  t.match(answers.lines()[0], /^c1 \{.*"ok":true/)
  t.equal(mqtt.status().protocol, '5')
})
