/** Brokers that take no large packets: those that say so, and those that hang up. */
import { connect as connectTcp, type Socket } from 'node:net'
import { generate } from 'mqtt-packet'
import t, { type Test } from 'tap'
import { HomeAssistant } from '../../../src/homeassistant/index.ts'
import { PacketLimit, publishBytes } from '../../../src/mqtt/client/packet-limit.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { device, Mosquitto, makeBridge, NO_MOSQUITTO, QuickClock, TestBroker, TestClient, until } from '../support.ts'
import { rawServer } from './rig.ts'

/** Starts a bridge with one device and Home Assistant discovery at `url`. */
async function house(t: Test, url: string) {
  const { mqtt, devices, bridge, logger } = makeBridge({ url: [url] })
  devices.add(exampleView('oz', { serial: EXAMPLE_SERIAL }))
  const homeAssistant = new HomeAssistant({
    enabled: true,
    prefix: 'homeassistant',
    locale: 'en',
    statusTopic: 'homeassistant/status',
    mqtt,
    topics: mqtt.topics,
    devices,
    bridge,
    clock: new QuickClock(),
    random: () => 0,
    logger,
  })
  homeAssistant.start()
  await mqtt.start()
  t.teardown(async () => {
    homeAssistant.stop()
    await mqtt.stop()
  })
  return { mqtt, devices, logger }
}

/** The documents that are retained, by topic. */
function documentsOf(client: TestClient): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { topic, text } of client.messages) if (topic.startsWith('homeassistant/device/')) found.set(topic, text)
  return new Map([...found].filter(([, text]) => text !== ''))
}

/** Passes everything on to a broker, but hangs up on a packet of more than `largest` bytes, as rumqttd does. */
async function hangsUpAbove(t: Test, port: number, largest: number) {
  const seen = { hungUp: 0 }
  const { url } = await rawServer(t, (socket) => {
    const broker = connectTcp(port, '127.0.0.1')
    broker.on('error', () => socket.destroy())
    broker.on('close', () => socket.destroy())
    socket.on('close', () => broker.destroy())
    broker.pipe(socket)
    cutAbove(socket, broker, largest, () => {
      seen.hungUp++
      socket.destroy()
    })
  })
  return { url, seen }
}

function cutAbove(from: Socket, to: Socket, largest: number, cut: () => void): void {
  let waiting = Buffer.alloc(0)
  from.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes])
    for (let size = packetSize(waiting); size !== undefined; size = packetSize(waiting)) {
      if (size > largest) {
        cut()
        return
      }
      if (waiting.length < size) return
      to.write(waiting.subarray(0, size))
      waiting = waiting.subarray(size)
    }
  })
}

/** Of the packet that `bytes` begin with; undefined when that cannot be told yet. */
function packetSize(bytes: Buffer): number | undefined {
  let length = 0
  for (let index = 1; index < Math.min(bytes.length, 5); index++) {
    const byte = bytes[index] ?? 0
    length += (byte & 127) * 128 ** (index - 1)
    if (byte < 128) return 1 + index + length
  }
  return undefined
}

t.test('Mosquitto with max_packet_size: everything is split to fit, on one connection', NO_MOSQUITTO, async (t) => {
  const config = 'allow_anonymous true\nmax_packet_size 20000'
  const broker = await new Mosquitto(t.testdir(), await unusedPort(), config).start()
  t.teardown(() => broker.stop())
  const client = await TestClient.open(broker.url)
  await client.subscribe('#')
  const { mqtt, logger } = await house(t, broker.url)
  await until('all parts', () => documentsOf(client).size >= 5)
  for (let count = 1; count <= 10; count++) {
    await client.publish(device('set/target_temperature'), String(10 + count))
    t.match(await client.json(device('result'), count), { ok: true })
  }
  for (const [topic, text] of documentsOf(client)) t.ok(Buffer.byteLength(text) < 20_000, topic)
  t.equal(logger.having('Connected').length, 1)
  t.same(logger.having('left out'), [])
  t.equal(mqtt.connected, true)
  await client.end()
})

t.test('a broker that only hangs up is found out the second time, and sent nothing as large again', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const { url, seen } = await hangsUpAbove(t, broker.port, 20_480)
  const client = await TestClient.open(broker.url)
  await client.subscribe('#')
  const { logger } = await house(t, url)
  await until('the last part', () => documentsOf(client).size >= 5)
  await client.publish(device('set/target_temperature'), '21')
  t.match(await client.json(device('result')), { ok: true })
  t.equal(seen.hungUp, 2)
  t.equal(logger.having('closes the connection on large messages').length, 1)
  t.equal(logger.having('connection to the MQTT broker is lost').length, 2)
  for (const [topic, text] of documentsOf(client)) t.ok(Buffer.byteLength(text) < 20_480, topic)
  await client.end()
})

t.test('what cannot be split is left out, said once for all devices, and the rest goes on', NO_MOSQUITTO, async (t) => {
  const config = 'allow_anonymous true\nmax_packet_size 1500'
  const broker = await new Mosquitto(t.testdir(), await unusedPort(), config).start()
  t.teardown(() => broker.stop())
  const client = await TestClient.open(broker.url)
  await client.subscribe('#')
  const { mqtt, devices, logger } = makeBridge({ url: [broker.url] })
  devices.add()
  devices.add(exampleView('oz', { serial: 'OTHER1' }))
  await mqtt.start()
  t.equal(await client.next(device('availability')), 'online')
  await client.publish(device('set/target_temperature'), '21')
  await until('given to the device', () => devices.calls.length === 1)
  const said = logger.having('is left out')
  t.same(
    said.map(({ level, fields }) => [level, fields.topics]),
    [['error', 'thermo2mqtt/+/state']],
  )
  t.equal(logger.having('connection to the MQTT broker is lost').length, 0)
  await mqtt.stop()
  await client.end()
})

t.test('a broker that goes away while large messages are on their way is not thought to refuse them', async (t) => {
  const limit = new PacketLimit()
  t.equal(limit.hungUp([100, 50_000]), false)
  t.equal(limit.alone(50_000), true)
  limit.acknowledged(50_000)
  t.equal(limit.alone(50_000), false, 'it takes them')
  t.equal(limit.hungUp([100, 50_000]), false)
  t.equal(limit.hungUp([3_000]), false, 'nobody minds so little')
  t.equal(limit.bytes, Number.POSITIVE_INFINITY)
})

t.test('a limit that was guessed too high is lowered, never below what was taken', async (t) => {
  const limit = new PacketLimit()
  limit.acknowledged(9_000)
  for (const [bytes, learned] of [
    [60_000, Number.POSITIVE_INFINITY],
    [60_000, 16_384],
    [16_000, 9_000],
    [9_500, 9_000],
  ] as const) {
    limit.hungUp([bytes])
    t.equal(limit.bytes, learned)
  }
  limit.opened(5_000)
  t.equal(limit.bytes, 5_000, 'what a broker says holds')
  limit.opened(undefined)
  t.equal(limit.bytes, 9_000)
})

t.test('the size of a message is counted to the byte', async (t) => {
  for (const version of [4, 5] as const) {
    for (const length of [0, 100, 127, 128, 16_300, 16_384, 70_000]) {
      for (const correlation of [undefined, Buffer.from('abc')]) {
        const message = { topic: 'a/ü', payload: 'x'.repeat(length), correlation }
        const packet = generate(
          {
            ...{ cmd: 'publish', topic: message.topic, payload: message.payload, qos: 1, dup: false, retain: true },
            messageId: 1,
            ...(correlation && version === 5 ? { properties: { correlationData: correlation } } : {}),
          } as const,
          { protocolVersion: version },
        )
        const counted = publishBytes(version === 5 ? message : { ...message, correlation: undefined }, version)
        if (counted !== packet.length) t.fail(`${version} ${length}: ${counted}, not ${packet.length}`)
      }
    }
  }
  t.pass('all')
})
