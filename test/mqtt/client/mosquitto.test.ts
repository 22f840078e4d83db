import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { BASE, Mosquitto, makeBridge, NO_MOSQUITTO, TestClient, until } from '../support.ts'

const device = (rest: string) => `${BASE}/${EXAMPLE_SERIAL}/${rest}`
const STATE = `${BASE}/bridge/state`
const FIVE = { protocolVersion: 5 } as const

t.test('MQTT 5: response topic, correlation and retained commands', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const client = await TestClient.open(broker.url, FIVE)
  await client.publish(device('set/mode'), 'off', { retain: true })
  await client.subscribe(`${BASE}/#`)
  await client.subscribe('me/#')
  const { mqtt, devices } = makeBridge({ url: [broker.url] })
  devices.add()
  await mqtt.start()
  t.match(await client.json(device('result')), { ok: false, error: { code: 'BAD_REQUEST', message: /retained/ } })
  t.equal(mqtt.status().protocol, '5')
  await client.publish(device('set/mode'), 'cool', { retain: true })
  t.match(await client.json(device('result'), 2), { ok: false, error: { message: /retained/ } }, 'also when just sent')
  t.same(devices.calls, [])

  await client.publish(device('set'), '{"mode":"heat","transaction":5}', {
    properties: { responseTopic: 'me/1', correlationData: Buffer.from('c1') },
  })
  t.match(await client.json('me/1'), { ok: true, command: { mode: 'heat' }, transaction: 5 })
  const answer = client.messages.find(({ topic }) => topic === 'me/1')
  t.equal(String(answer?.packet.properties?.correlationData), 'c1')
  t.match(await client.json(device('result'), 3), { ok: true })
  await mqtt.stop()
  // The broker may acknowledge it before it forwards it.
  await until('the bridge says goodbye', () => client.on(STATE).at(-1) === 'offline')
  await client.end()
})

t.test('MQTT 5: commands wait in the session while the bridge is away', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const first = makeBridge({ url: [broker.url], client_id: 'lasting' })
  first.devices.add()
  await first.mqtt.start()
  const client = await TestClient.open(broker.url, FIVE)
  await client.subscribe(`${BASE}/#`)
  await client.next(STATE)
  await first.mqtt.stop()
  await client.publish(device('set/target_temperature'), '19')
  const second = makeBridge({ url: [broker.url], client_id: 'lasting' })
  second.devices.add()
  await second.mqtt.start()
  t.match(await client.json(device('result')), { ok: true, command: { target_temperature: 19 } })
  await until('all said', () => second.logger.having('arrive now').length === 1)
  await second.mqtt.stop()
  await client.end()
})

t.test(
  'with set_tcp_nodelay, as in our mosquitto.conf, a command right after a result is fast',
  NO_MOSQUITTO,
  async (t) => {
    const config = 'allow_anonymous true\nset_tcp_nodelay true'
    const broker = await new Mosquitto(t.testdir(), await unusedPort(), config).start()
    t.teardown(() => broker.stop())
    const { mqtt, devices } = makeBridge({ url: [broker.url] })
    devices.add()
    await mqtt.start()
    const client = await TestClient.open(broker.url, FIVE)
    // Nothing to acknowledge here, since that would wait for Nagle's algorithm of this client.
    await client.client.subscribeAsync(device('result'), { qos: 0 })
    await until('connected', () => mqtt.connected)
    const times: number[] = []
    for (let count = 1; count <= 21; count++) {
      const watch = new FastClock(1)
      client.client.publish(device('set/target_temperature'), String(count))
      await until('given to the device', () => devices.calls.length === count)
      times.push(watch.monotonic())
      await client.next(device('result'), count)
    }
    times.sort((a, b) => a - b)
    t.ok((times[10] ?? 0) < 25, `the median of 21 is ${times[10]} ms`)
    await client.end()
    await mqtt.stop()
  },
)

t.test('the broker restarts without memory: all is restored', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const { mqtt, devices, logger } = makeBridge({ url: [broker.url] })
  devices.add()
  await mqtt.start()
  await until('connected', () => mqtt.connected)
  await broker.stop()
  await until('noticed', () => !mqtt.connected)
  devices.update(EXAMPLE_SERIAL, { state: { target_temperature: 16 } })
  await broker.start()
  const client = await TestClient.open(broker.url, FIVE)
  await client.subscribe(`${BASE}/#`)
  t.match(await client.json(device('state')), { target_temperature: 16 })
  t.equal(await client.next(STATE), 'online')
  await client.publish(device('set/target_temperature'), '20')
  t.match(await client.json(device('result')), { ok: true })
  t.equal(logger.having('connection to the MQTT broker is lost').length, 1)
  await client.end()
  await mqtt.stop()
})

t.test('a bridge that is killed is shown offline by its will', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const client = await TestClient.open(broker.url, FIVE)
  await client.subscribe(STATE)
  const child = fork(join(import.meta.dirname, '../killed-bridge.ts'), [broker.url], { execArgv: [] })
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await client.next(STATE), 'online')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(await client.next(STATE, 2), 'offline')
  const late = await TestClient.open(broker.url, FIVE)
  await late.subscribe(STATE)
  t.equal(await late.next(STATE), 'offline', 'retained')
  await client.end()
  await late.end()
})

t.test('user name and password', NO_MOSQUITTO, async (t) => {
  const folder = t.testdir()
  const passwords = join(folder, 'passwords')
  const tool = ['/usr/bin/mosquitto_passwd', '/usr/local/bin/mosquitto_passwd'].find(existsSync)
  if (!tool) return t.comment('mosquitto_passwd is not installed')
  execFileSync(tool, ['-b', '-c', passwords, 'bridge', 'right password'])
  const broker = await new Mosquitto(folder, await unusedPort(), `password_file ${passwords}`).start()
  t.teardown(() => broker.stop())
  const good = makeBridge({ url: [broker.url], username: 'bridge', password: 'right password' })
  await good.mqtt.start()
  await until('connected', () => good.mqtt.connected)
  await good.mqtt.stop()
  const bad = makeBridge({ url: [broker.url], username: 'bridge', password: 'wrong password' })
  await bad.mqtt.start()
  await until('told', () => bad.logger.having('mqtt.password').length === 1)
  t.notMatch(JSON.stringify(bad.logger.lines), /wrong password/)
  await bad.mqtt.stop()
})

t.test('TLS with a CA of one’s own and a client certificate', NO_MOSQUITTO, async (t) => {
  const folder = t.testdir()
  if (!makeCertificates(folder)) return t.comment('openssl is not installed')
  const path = (name: string) => join(folder, name)
  const config = [
    `cafile ${path('ca.pem')}`,
    `certfile ${path('server.pem')}`,
    `keyfile ${path('server.key')}`,
    'require_certificate true',
    'use_identity_as_username true',
  ].join('\n')
  const broker = await new Mosquitto(folder, await unusedPort(), config).start()
  t.teardown(() => broker.stop())
  const url = [`mqtts://127.0.0.1:${broker.port}`]
  const certificate = { cert: path('client.pem'), key: path('client.key') }

  const good = makeBridge({ url, ca: path('ca.pem'), ...certificate })
  await good.mqtt.start()
  await until('connected', () => good.mqtt.connected)
  t.match(good.mqtt.status(), { url: url[0], protocol: '5' })
  await good.mqtt.stop()

  const byName = makeBridge({ url: [`mqtts://localhost:${broker.port}`], ca: path('ca.pem'), ...certificate })
  await byName.mqtt.start()
  await until('connected by name', () => byName.mqtt.connected)
  await byName.mqtt.stop()

  for (const [name, settings] of [
    ['no CA', certificate],
    ['no client certificate', { ca: path('ca.pem') }],
  ] as const) {
    const { mqtt, logger } = makeBridge({ url, ...settings })
    await mqtt.start()
    await until(name, () => logger.having('mqtt.ca, mqtt.cert and mqtt.key').length === 1)
    t.equal(mqtt.connected, false, name)
    await mqtt.stop()
  }

  writeFileSync(path('empty'), 'nothing')
  const refused = [
    [{ ca: path('missing') }, /mqtt\.ca can’t be read/],
    [{ ca: path('empty') }, /mqtt\.ca.*not a PEM/],
    [{ ca: path('ca.pem'), cert: path('client.pem') }, /go together/],
    [{ cert: path('client.pem'), key: path('missing') }, /mqtt\.key can’t be read/],
    [{ cert: path('client.pem'), key: path('server.key') }, /do not fit together/],
  ] as const
  for (const [settings, message] of refused) {
    t.throws(() => makeBridge({ url, ...settings }), { code: 'BAD_REQUEST', message })
  }
})

/** A CA, a server certificate for this machine and a client certificate; false without openssl. */
function makeCertificates(folder: string): boolean {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  try {
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test CA')
  } catch {
    return false
  }
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
    openssl('x509', '-req', '-in', `${name}.csr`, ...sign, '-out', `${name}.pem`)
  }
  return true
}
