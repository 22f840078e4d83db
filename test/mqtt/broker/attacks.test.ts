/** What a client of the embedded broker tries against the bridge and the other clients. */
import type { AedesPublishPacket } from 'aedes'
import t from 'tap'
import { LIMITS } from '../../../src/mqtt/broker/limits.ts'
import { RetainedMessages } from '../../../src/mqtt/broker/store/retained-messages.ts'
import { makeBridge, TestClient, until } from '../support.ts'
import { startBroker } from './rig.ts'

const FIVE = { protocolVersion: 5 } as const

const message = (topic: string): AedesPublishPacket => ({
  ...{ cmd: 'publish', topic, payload: Buffer.from('x'), qos: 0, retain: true, dup: false },
  ...{ brokerId: '', brokerCounter: 0 },
})

t.test('nobody gets in under the client id of the bridge itself', async (t) => {
  const { mqtt } = makeBridge({ client_id: 'the-bridge' }, {})
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  await until('connected', () => mqtt.connected)
  const url = `mqtt://127.0.0.1:${mqtt.brokerPort}`
  const taken = (version: 4 | 5) =>
    TestClient.open(url, { clientId: 'the-bridge', clean: false, protocolVersion: version }).then(
      (client) => client.end().then(() => 'let in'),
      (error: Error) => error.message,
    )
  t.match(await taken(4), /identifier rejected/i)
  t.match(await taken(5), /identifier/i)
  t.equal(mqtt.connected, true)
  t.equal(mqtt.counters().broker?.refused.get('own_client_id'), 2)
})

t.test('filters are compared with retained messages in linear time, and in slices', async (t) => {
  let looks = 0
  // A millisecond passes with each look at the clock, and there is one for each topic.
  const retained = new RetainedMessages(LIMITS, { monotonic: () => looks++ })
  for (let i = 0; i < 2_000; i++) retained.put(message(`kept/${i}`))
  let turns = 0
  let over = false
  const turn = () => {
    turns++
    if (!over) setImmediate(turn)
  }
  turn()
  const filters = Array.from({ length: 8_000 }, (_, i) => (i % 2 === 0 ? `+/none${i}` : `kept/none${i}`))
  const found: string[] = []
  for await (const { topic } of retained.matching([...filters, 'kept/7', '+/8'])) found.push(topic)
  over = true
  t.same(found, ['kept/7', 'kept/8'])
  t.ok(looks > 1_000 && looks < 10_000, `${looks} looks`)
  t.ok(turns > 100, `${turns} turns of others`)
})

t.test(
  'a message that two filters of one SUBSCRIBE take in is sent once, one that changes meanwhile as it is then',
  async (t) => {
    const { broker } = await startBroker(t)
    const client = await TestClient.open(broker.url)
    t.teardown(() => client.end())
    for (const topic of ['a/b', 'a', 'a/b/c', '$own/b']) await client.publish(topic, topic, { retain: true })
    await client.client.subscribeAsync(['a/b', 'a/#', '+/b', 'a/+/c'])
    await until('three', () => client.messages.length >= 3)
    await client.publish('a/end', '')
    await client.next('a/end')
    t.same(client.messages.map(({ topic }) => topic).sort(), ['a', 'a/b', 'a/b/c', 'a/end'])
  },
)

t.test('sessions do not pile up subscriptions', async (t) => {
  const { broker, drops } = await startBroker(t, {}, { subscriptions: 10, subscriptionsPerClient: 4 })
  for (const clientId of ['a', 'b', 'c', 'd']) {
    const client = await TestClient.open(broker.url, { clientId, clean: false })
    await client.client.subscribeAsync(['1', '2', '3', '4'].map((end) => `${clientId}/${end}`))
    await client.end()
    await until('gone', () => broker.counts().clients === 0)
  }
  t.equal(broker.counts().sessions, 2, 'the two that were away longest are dropped')
  t.equal(drops.of('sessions_full'), 2)
  t.equal(drops.of('too_many_subscriptions'), 0)
  const back = await TestClient.open(broker.url, { clientId: 'd', clean: false })
  t.equal(broker.counts().subscriptions, 4)
  await back.end()
})

t.test('deep filters count for more than flat ones', async (t) => {
  const { broker, drops } = await startBroker(t, {}, { subscriptionBytes: 30_000 })
  const client = await TestClient.open(broker.url)
  t.teardown(() => client.end())
  for (let i = 0; i < 6; i++) {
    await client.client.subscribeAsync(`${i}/${Array(31).fill('a').join('/')}`).catch(() => undefined)
  }
  t.equal(broker.counts().subscriptions, 3)
  t.equal(drops.of('too_many_subscriptions'), 3)
})

t.test('what is not released of QoS 2 counts as a session', async (t) => {
  const { broker } = await startBroker(t, {}, { sessions: 2 })
  for (const clientId of ['a', 'b', 'c']) {
    const client = await TestClient.open(broker.url, { clientId, clean: false })
    await client.publish('x', 'x', { qos: 2 })
    await client.end()
    await until('gone', () => broker.counts().clients === 0)
  }
  t.equal(broker.counts().sessions, 2)
})

t.test('many small properties take as much as they take in memory', async (t) => {
  const { broker, drops } = await startBroker(t, {}, { retainedBytes: 50_000 })
  const client = await TestClient.open(broker.url, FIVE)
  t.teardown(() => client.end())
  const userProperties = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [String(i), '']))
  await client.publish('wide', 'x', { retain: true, properties: { userProperties } })
  await until('refused', () => drops.of('retained_full') === 1)
  t.equal(broker.counts().retained, 0)
})
