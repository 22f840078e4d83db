import { once } from 'node:events'
import type { PublishPacket } from 'aedes'
import t from 'tap'
import { packetSize } from '../../../src/mqtt/broker/store/packet-size.ts'
import { TestClient, until } from '../support.ts'
import { connect5, dial, startBroker } from './rig.ts'

t.test('a message is as long as it then is on the wire', async (t) => {
  const { broker } = await startBroker(t)
  const { socket, got } = await dial(t, broker.port)
  const ready = once(socket, 'data')
  socket.write(connect5('raw'))
  await ready
  const subscribed = once(socket, 'data')
  socket.write(Buffer.from([0x82, 9, 0, 1, 2, 0x0b, 7, 0, 1, 0x23, 1]))
  await subscribed
  const sender = await TestClient.open(broker.url, { protocolVersion: 5 })
  t.teardown(() => sender.end())
  const more = {
    responseTopic: 'päth/1',
    correlationData: Buffer.from([0, 1, 2]),
    contentType: 'x/y',
    userProperties: { name: ['één', 'two'], ключ: 'x'.repeat(200) },
    payloadFormatIndicator: true,
    messageExpiryInterval: 600,
  }
  const cases: readonly [topic: string, payload: number, properties: PublishPacket['properties']][] = [
    ['a', 0, {}],
    ['a', 100, {}],
    ['ü/b', 17_000, more],
    ['a', 200, { userProperties: { some: 'more' } }],
  ]
  for (const [topic, length, properties = {}] of cases) {
    const payload = Buffer.alloc(length)
    const seen = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false } as const
    const size = packetSize({ ...seen, properties: { ...properties, subscriptionIdentifier: 7 } })
    got.length = 0
    await sender.publish(topic, payload, { properties })
    await until('all of it', () => Buffer.concat(got).length >= size)
    t.equal(Buffer.concat(got).length, size, `${topic} ${length}`)
  }
})
