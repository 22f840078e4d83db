/** What clients of the embedded broker may make it hold. Bytes are counted where they are held, since the heap says little. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import t from 'tap'
import { LIMITS } from '../../../src/mqtt/broker/limits.ts'
import type { Teardown } from '../../support/simulator.ts'
import { makeBridge, TestClient, until } from '../support.ts'
import { connect5, dial, startBroker } from './rig.ts'

const MIB = 1024 * 1024
const FIVE = { protocolVersion: 5 } as const

/** A client that subscribes to `topic`, of one character, and then reads no more. */
async function stuck(t: Teardown, port: number, topic: string, id = 'stuck'): Promise<void> {
  const { socket } = await dial(t, port)
  const ready = once(socket, 'data')
  socket.write(connect5(id))
  await ready
  const subscribed = once(socket, 'data')
  socket.write(Buffer.from([0x82, 7, 0, 1, 0, 0, 1, topic.charCodeAt(0), 0]))
  await subscribed
  socket.pause()
}

t.test('600 retained messages of 1 MB', async (t) => {
  const { broker, drops, logger } = await startBroker(t)
  const client = await TestClient.open(broker.url)
  t.teardown(() => client.end())
  const payload = Buffer.alloc(1_000_000, 1)
  let most = 0
  for (let i = 0; i < 600; i++) {
    await client.publish(`flood/${i}`, payload, { retain: true })
    most = Math.max(most, broker.counts().retainedBytes)
  }
  await until('all taken or refused', () => broker.counts().retained + drops.of('retained_full') === 600)
  t.ok(most > LIMITS.retainedBytes - 2 * MIB && most <= LIMITS.retainedBytes, `${most}`)
  t.equal(logger.having('no room for more retained messages').length, 1)
})

t.test('many small retained messages, and such with all their bytes in the properties', async (t) => {
  const { broker, drops } = await startBroker(t, {}, { retained: 10, retainedBytes: 100_000 })
  const client = await TestClient.open(broker.url, FIVE)
  t.teardown(() => client.end())
  for (let i = 0; i < 12; i++) await client.publish(`small/${i}`, 'x', { retain: true })
  await client.publish('small/3', 'y', { retain: true })
  await until('counted', () => drops.of('retained_full') === 2)
  t.equal(broker.counts().retained, 10)
  for (let i = 0; i < 10; i++) await client.publish(`small/${i}`, '', { retain: true })
  await until('cleared', () => broker.counts().retained === 0)
  t.equal(broker.counts().retainedBytes, 0)
  const properties = { userProperties: { more: 'x'.repeat(40_000) } }
  for (let i = 0; i < 4; i++) await client.publish(`wide/${i}`, 'x', { retain: true, properties })
  await until('refused', () => drops.of('retained_full') === 4)
  t.ok(broker.counts().retainedBytes <= 100_000)
})

t.test('what finds no room is handed on, and what it should have replaced is not kept either', async (t) => {
  const { broker } = await startBroker(t, {}, { retainedBytes: 5_000 })
  const client = await TestClient.open(broker.url)
  t.teardown(() => client.end())
  await client.publish('a', 'old', { retain: true })
  await client.subscribe('+')
  t.equal(await client.next('a'), 'old')
  await client.publish('a', 'x'.repeat(6_000), { retain: true })
  t.equal((await client.next('a', 2)).length, 6_000)
  t.equal(broker.counts().retained, 0)
})

t.test('the bridge finds room for what it retains, however full it is', async (t) => {
  const { mqtt } = makeBridge({}, {})
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  await until('connected', () => mqtt.connected)
  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => client.end())
  for (let i = 0; i < 40; i++) await client.publish(`flood/${i}`, Buffer.alloc(1_000_000, 1), { retain: true })
  await until('full', () => (mqtt.counters().broker?.refused.get('retained_full') ?? 0) > 0)
  for (let i = 0; i < 100; i++) mqtt.retain(`mine/${i}`, 'x'.repeat(10_000))
  await client.subscribe('mine/#')
  await until('all of them', () => client.messages.filter(({ topic }) => topic.startsWith('mine/')).length >= 100)
  const late = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => late.end())
  await late.subscribe('mine/#')
  await until('kept', () => late.messages.length === 100)
})

t.test('a subscriber that never reads is cut off, and holds up nobody for long', async (t) => {
  const { broker, drops, logger } = await startBroker(t, {}, { backlogBytes: 2 * MIB, patience: 200 })
  await stuck(t, broker.port, '#')
  const reader = await TestClient.open(broker.url)
  t.teardown(() => reader.end())
  await reader.subscribe('flood')
  const payload = Buffer.alloc(500_000, 1)
  let most = 0
  for (let i = 0; i < 60; i++) await reader.publish('flood', payload, { qos: 0 })
  await until('the other one has it all', () => {
    const { backlogBytes, underWayBytes, arrivingBytes } = broker.counts()
    most = Math.max(most, backlogBytes + underWayBytes + arrivingBytes)
    return reader.on('flood').length === 60
  })
  await until('cut off', () => broker.counts().clients === 1)
  t.ok(most > 0 && most < 8 * MIB, `${most}`)
  t.equal(broker.counts().backlogBytes, 0)
  t.equal(drops.of('slow_reader'), 1)
  t.equal(logger.having('does not read').length, 1)
})

t.test('one that never reads does not hold up the others while little waits for it', async (t) => {
  // Nobody has patience for an hour: whoever had to wait for it would wait until the test is over.
  const { broker } = await startBroker(t, {}, { patience: 3_600_000 })
  await stuck(t, broker.port, '#')
  const reader = await TestClient.open(broker.url)
  t.teardown(() => reader.end())
  await reader.subscribe('flood')
  for (let i = 0; broker.counts().backlogBytes < MIB; i++) {
    await reader.publish('flood', Buffer.alloc(100_000, i), { qos: 0 })
    await reader.next('flood', i + 1)
  }
  await reader.publish('flood', 'last')
  await until('the last', () => reader.on('flood').at(-1) === 'last')
})

t.test('who publishes for a slow reader is read from no faster than that', async (t) => {
  const { broker } = await startBroker(t, {}, { backlogBytes: MIB, patience: 3_600_000 })
  await stuck(t, broker.port, 'f')
  const [sender, other] = [await TestClient.open(broker.url), await TestClient.open(broker.url)]
  t.teardown(() => Promise.all([sender.end(), other.end()]))
  for (let i = 0; i < 80; i++) sender.client.publish('f', Buffer.alloc(500_000))
  await until('it is a megabyte ahead', () => broker.counts().underWayBytes > MIB)
  for (let i = 0; i < 100; i++) await other.publish('other', 'goes on')
  const { backlogBytes, underWayBytes, arrivingBytes } = broker.counts()
  t.ok(backlogBytes + underWayBytes + arrivingBytes < 6 * MIB, `${[backlogBytes, underWayBytes, arrivingBytes]}`)
})

t.test('all slow readers together', async (t) => {
  const limits = { backlogBytes: 64 * MIB, backlogsBytes: 4 * MIB, patience: 3_600_000 }
  const { broker, drops } = await startBroker(t, {}, limits)
  for (const id of ['s1', 's2', 's3']) await stuck(t, broker.port, '#', id)
  const sender = await TestClient.open(broker.url)
  t.teardown(() => sender.end())
  let most = 0
  while (drops.of('slow_reader') === 0) {
    await sender.publish('flood', Buffer.alloc(200_000))
    most = Math.max(most, broker.counts().backlogBytes)
  }
  t.ok(most < 6 * MIB, `${most}`)
})

t.test('what waits for absent clients, and how many of them there can be', async (t) => {
  const limits = { sessions: 2, queuedPerSession: 5, queuedBytes: 20_000 }
  const { broker, drops, logger } = await startBroker(t, {}, limits)
  for (const clientId of ['a', 'b', 'c']) {
    const client = await TestClient.open(broker.url, { clientId, clean: false })
    await client.subscribe('news')
    await client.end()
    await until('gone', () => broker.counts().clients === 0)
  }
  t.equal(broker.counts().sessions, 2)
  t.equal(drops.of('sessions_full'), 1)
  const sender = await TestClient.open(broker.url)
  t.teardown(() => sender.end())
  for (let i = 0; i < 8; i++) await sender.publish('news', String(i))
  await until('dropped', () => drops.of('queue_full') === 6)
  t.equal(logger.having('absent client').length, 2)
  const back = await TestClient.open(broker.url, { clientId: 'c', clean: false })
  await until('all', () => back.on('news').length === 5)
  t.same(back.on('news'), ['0', '1', '2', '3', '4'], 'the oldest, in order')
  await until('acknowledged', () => broker.counts().queuedBytes < 5_000)
  await back.publish('news', 'live')
  await back.next('news', 6)
  await back.end()
  for (let i = 0; i < 5; i++) await sender.publish('news', 'x'.repeat(10_000))
  await until('full', () => drops.of('queue_full') > 6)
  t.ok(broker.counts().queuedBytes <= 20_000)
})

t.test('subscriptions, and the length of their filters and of topics', async (t) => {
  const limits = { subscriptions: 8, subscriptionsPerClient: 5, topicLength: 50 }
  const { broker, drops } = await startBroker(t, {}, limits)
  const granted = async (client: TestClient, filter: string) =>
    (await client.client.subscribeAsync(filter).catch(() => [{ qos: 128 }]))[0]?.qos
  const first = await TestClient.open(broker.url, { clientId: 'first', clean: false })
  t.same(
    await Promise.all(['1', '2', '3', '4', '5', '6'].map((filter) => granted(first, filter))),
    [0, 0, 0, 0, 0, 128],
  )
  t.equal(await granted(first, '5'), 0, 'what there is already')
  await first.client.unsubscribeAsync('5')
  t.equal(await granted(first, '6'), 0)
  const second = await TestClient.open(broker.url)
  t.same(await Promise.all(['1', '2', '3', '4'].map((filter) => granted(second, filter))), [0, 0, 0, 128])
  await second.end()
  await until('given back', () => broker.counts().subscriptions === 5)
  t.equal(await granted(first, 'x'.repeat(51)), 128)
  const five = await TestClient.open(broker.url, FIVE)
  t.teardown(() => five.end())
  await t.rejects(five.publish('x'.repeat(51), ''))
  await five.publish('fine', '')
  t.equal(drops.of('too_many_subscriptions'), 2)
  t.equal(drops.of('topic_too_long'), 2)
  await first.end()
  await until('none left', () => broker.counts().subscriptions === 0)
  const again = await TestClient.open(broker.url, { clientId: 'first', clean: false })
  await until('its session, without what was refused', () => broker.counts().subscriptions === 5)
  await again.end()
})

t.test('nothing waits for a subscription that was refused', async (t) => {
  const { broker } = await startBroker(t, {}, { subscriptionsPerClient: 1 })
  const client = await TestClient.open(broker.url, { clientId: 'absent', clean: false })
  await client.client.subscribeAsync(['a', 'b'], { qos: 1 }).catch(() => undefined)
  await client.end()
  await until('gone', () => broker.counts().clients === 0)
  const sender = await TestClient.open(broker.url)
  t.teardown(() => sender.end())
  await sender.publish('b', '1')
  await sender.publish('b', '2')
  t.equal(broker.counts().queuedBytes, 0)
  await sender.publish('a', '1')
  await until('waits', () => broker.counts().queuedBytes > 0)
})

t.test('packets that never end', async (t) => {
  const { broker, drops } = await startBroker(t, {}, { arrivingBytes: 2 * MIB })
  const begin = Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0x3f, 0, 1, 97]), Buffer.alloc(900_000)])
  for (let i = 0; i < 5; i++) {
    const { socket } = await dial(t, broker.port)
    const ready = once(socket, 'data')
    socket.write(connect5(`c${i}`))
    await ready
    socket.write(begin)
  }
  await until('some cut off', () => drops.of('too_much_arriving') >= 3)
  t.ok(broker.counts().arrivingBytes <= 2 * MIB)
})

t.test('one address does not take all connections', async (t) => {
  const { broker, drops, logger } = await startBroker(t, {}, { clientsPerAddress: 20 })
  const sockets = await Promise.all(Array.from({ length: 40 }, () => dial(t, broker.port, '127.0.0.9')))
  await until('refused', () => drops.of('too_many_connections') === 20)
  const client = await TestClient.open(broker.url)
  await client.end()
  t.equal(logger.having('limit of connections').length, 1)
  for (const { socket } of sockets) socket.destroy()
  await until('gone', () => broker.counts().clients === 0)
  const again = connectTcp({ port: broker.port, host: '127.0.0.1', localAddress: '127.0.0.9' })
  again.write(connect5('again'))
  await once(again, 'data')
  again.destroy()
})
