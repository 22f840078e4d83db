import { connect as connectTcp, createServer } from 'node:net'
import { MqttClient } from 'mqtt'
import t from 'tap'
import { closed } from '../../support/closed.ts'
import { listen, makeBridge, TestClient, until } from '../support.ts'
import { makeBroker } from './rig.ts'

t.test('anybody may connect on a loopback address', async (t) => {
  const { broker, logger } = makeBroker({ host: 'localhost' })
  const port = await broker.start()
  t.teardown(() => broker.stop())
  t.ok(port > 0)
  t.equal(broker.url, `mqtt://localhost:${port}`)
  const client = await TestClient.open(`mqtt://localhost:${port}`)
  await client.publish('a', 'kept', { retain: true })
  await client.subscribe('a')
  t.equal(await client.next('a'), 'kept')
  await client.end()
  t.equal(logger.having('is listening').length, 1)
})

t.test('on any other address a password is needed', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'example.org', '128.0.0.1']) {
    t.throws(() => makeBroker({ host }), { code: 'BAD_REQUEST', message: /mqtt\.embedded\.username/ }, host)
    t.doesNotThrow(() => makeBroker({ host, username: 'home', password: 'a long one' }), host)
  }
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) t.doesNotThrow(() => makeBroker({ host }), host)
})

t.test('user name and password go together', async (t) => {
  t.throws(() => makeBroker({ username: 'home' }), { code: 'BAD_REQUEST' })
  t.throws(() => makeBroker({ password: 'secret' }), { code: 'BAD_REQUEST' })
})

t.test('only who knows name and password gets in', async (t) => {
  const { broker } = makeBroker({ username: 'home', password: 'sécret' })
  await broker.start()
  t.teardown(() => broker.stop())
  const { url } = broker
  for (const credentials of [
    {},
    { username: 'home' },
    { username: 'home', password: '' },
    { username: 'home', password: 'secret' },
    { username: 'Home', password: 'sécret' },
    { username: '', password: 'sécret' },
    { username: 'home', password: 'sécret!' },
  ]) {
    await t.rejects(TestClient.open(url, credentials), { code: 4 }, JSON.stringify(credentials))
  }
  const client = await TestClient.open(url, { username: 'home', password: 'sécret' })
  await client.end()
})

t.test('the bridge itself needs no password', async (t) => {
  const embedded = { host: '127.0.0.1', port: 0, username: 'home', password: 'very secret' }
  const { mqtt, logger, secrets } = makeBridge({ embedded })
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  await until('connected', () => mqtt.connected)
  t.match(mqtt.status(), { connected: true, protocol: '5', url: `mqtt://127.0.0.1:${mqtt.brokerPort}` })
  t.notMatch(JSON.stringify(logger.lines), /very secret/)
  t.equal(secrets.scrub('very secret'), '********')
})

t.test('a port in use is told with setting and remedy', async (t) => {
  const other = createServer()
  const port = await listen(other)
  t.teardown(() => other.close())
  const { broker } = makeBroker({ port })
  await t.rejects(broker.start(), {
    code: 'BAD_REQUEST',
    message: /T2M_MQTT_URL=mqtt:\/\/127\.0\.0\.1:\d+.*mqtt\.embedded\.port.*free port/,
  })
  await broker.stop()
  const { mqtt } = makeBridge({ embedded: { host: '127.0.0.1', port } })
  await t.rejects(mqtt.start(), { code: 'BAD_REQUEST' })
  await mqtt.stop()
})

t.test('an address that is not ours is told as well', async (t) => {
  const { broker } = makeBroker({ host: '192.0.2.1', username: 'home', password: 'a long one' })
  await t.rejects(broker.start(), { code: 'BAD_REQUEST', message: /mqtt\.embedded\.host/ })
  await broker.stop()
})

t.test('a packet too large ends the connection, counted and logged once', async (t) => {
  const { broker, drops, logger } = makeBroker()
  await broker.start()
  t.teardown(() => broker.stop())
  const bystander = await TestClient.open(broker.url)
  await bystander.subscribe('a')
  for (let i = 0; i < 2; i++) {
    const client = await TestClient.open(broker.url)
    client.client.publish('a', Buffer.alloc(1024 * 1024 + 1))
    await until('disconnected', () => !client.client.connected)
    await client.end()
  }
  t.equal(drops.of('packet_too_large'), 2)
  t.equal(logger.having('too large').length, 1)
  await bystander.publish('a', 'x'.repeat(1024 * 1024 - 100))
  t.equal((await bystander.next('a')).length, 1024 * 1024 - 100)
  t.equal(bystander.on('a').length, 1)
  await bystander.end()
})

t.test('a first packet too large, or no MQTT at all', async (t) => {
  const { broker, drops } = makeBroker()
  const port = await broker.start()
  t.teardown(() => broker.stop())
  for (const bytes of [
    Buffer.from([0x10, 0x80, 0x80, 0x10]),
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x30, 3, 0, 1, 97]),
  ]) {
    const socket = connectTcp(port, '127.0.0.1')
    const gone = closed(socket)
    socket.write(bytes)
    socket.resume()
    await gone
  }
  t.equal(drops.of('packet_too_large'), 2)
  const client = await TestClient.open(broker.url)
  await client.end()
})

t.test('connections are limited', async (t) => {
  const { broker, drops } = makeBroker({}, { clients: 2 })
  await broker.start()
  t.teardown(() => broker.stop())
  const clients = [await TestClient.open(broker.url), await TestClient.open(broker.url)]
  await t.rejects(TestClient.open(broker.url))
  t.equal(drops.of('too_many_connections'), 1)
  t.equal(drops.total, 1)
  for (const client of clients) await client.end()
})

t.test('stopping ends all connections and frees the port', async (t) => {
  const { broker } = makeBroker()
  const port = await broker.start()
  const client = await TestClient.open(broker.url)
  await broker.stop()
  await until('disconnected', () => !client.client.connected)
  const again = createServer()
  t.equal(await listen(again, port), port)
  again.close()
})

t.test('a message overtaken by a later one is not lost, and overlapping subscriptions get it once', async (t) => {
  const { broker } = makeBroker()
  await broker.start()
  t.teardown(() => broker.stop())
  const client = await TestClient.open(broker.url)
  await client.subscribe('#')
  await client.subscribe('a/+')
  for (let i = 0; i < 300; i++) {
    client.client.publish(`a/${i}`, 'retained', { retain: true })
    client.client.publish(`b/${i}`, 'acknowledged', { qos: 1 })
    client.client.publish(`c/${i}`, 'plain')
  }
  await until('all', () => client.messages.length >= 900)
  await client.publish('end', '')
  await client.next('end')
  t.equal(client.messages.length, 901)
  t.equal(new Set(client.messages.map(({ topic }) => topic)).size, 901)
  await client.end()
})

t.test('what is said with QoS 2 does not overtake what the same client retained just before with QoS 1', async (t) => {
  const { broker } = makeBroker()
  await broker.start()
  t.teardown(() => broker.stop())
  const reader = await TestClient.open(broker.url)
  await reader.client.subscribeAsync('#', { qos: 0 })
  const ways = [() => broker.dial(), () => connectTcp({ port: broker.port, host: '127.0.0.1', noDelay: true })]
  for (const dial of ways) {
    const writer = new MqttClient(dial, { protocolVersion: 5, reconnectPeriod: 0 })
    t.teardown(() => writer.endAsync(true))
    await new Promise<void>((resolve) => writer.once('connect', () => resolve()))
    const said = Array.from({ length: 20 }, (_, round) => [`state${round}`, `result${round}`])
    const heard: string[] = []
    reader.client.on('message', (topic) => heard.push(topic))
    for (const [state = '', result = ''] of said) {
      // As under load: both arrive in one piece.
      writer.stream.cork()
      writer.publish(state, 'x', { qos: 1, retain: true })
      writer.publish(result, 'x', { qos: 2 })
      setImmediate(() => writer.stream.uncork())
      await until(result, () => heard.includes(result) && heard.includes(state))
    }
    t.strictSame(heard, said.flat())
    reader.client.removeAllListeners('message')
  }
})
