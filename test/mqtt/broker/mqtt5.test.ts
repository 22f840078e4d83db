/** What the embedded broker speaks of MQTT 5, by mqtt.js. */
import { mock } from 'node:test'
import type { IClientOptions } from 'mqtt'
import t from 'tap'
import type { Teardown } from '../../support/simulator.ts'
import { TestClient, until } from '../support.ts'
import { connect5, dial, startBroker } from './rig.ts'

const FIVE = { protocolVersion: 5 } as const

async function open(t: Teardown, url: string, options: IClientOptions = {}): Promise<TestClient> {
  const client = await TestClient.open(url, { ...FIVE, ...options })
  t.teardown(() => client.end())
  return client
}

const properties = (client: TestClient, topic: string) =>
  client.messages.find((message) => message.topic === topic)?.packet.properties

t.test('properties pass, also over a retained message, and a client of 3.1.1 gets the message without', async (t) => {
  const { broker } = await startBroker(t)
  const [sender, live] = [await open(t, broker.url), await open(t, broker.url)]
  const old = await open(t, broker.url, { protocolVersion: 4 })
  await live.subscribe('a/+')
  await old.subscribe('a/+')
  const given = {
    responseTopic: 'answers/1',
    correlationData: Buffer.from('c1'),
    contentType: 'application/json',
    userProperties: { site: 'home', room: ['bath', 'hall'] },
    payloadFormatIndicator: true,
  }
  await sender.publish('a/1', '{}', { retain: true, properties: given })
  await live.next('a/1')
  t.match(properties(live, 'a/1'), given)
  t.equal(await old.next('a/1'), '{}')
  const late = await open(t, broker.url)
  await late.subscribe('a/+')
  await late.next('a/1')
  t.match(properties(late, 'a/1'), given)
  await old.publish('a/2', 'from 3.1.1')
  t.equal(await live.next('a/2'), 'from 3.1.1')
})

t.test('a topic alias stands for its topic', async (t) => {
  const { broker } = await startBroker(t)
  const [sender, reader] = [await open(t, broker.url), await open(t, broker.url)]
  await reader.subscribe('#')
  await sender.publish('long/topic', '1', { properties: { topicAlias: 3 } })
  await sender.publish('', '2', { properties: { topicAlias: 3 } })
  t.equal(await reader.next('long/topic', 2), '2')
  t.equal(properties(reader, 'long/topic')?.topicAlias, undefined)
})

t.test('no local, retain handling, retain as published', async (t) => {
  const { broker } = await startBroker(t)
  const client = await open(t, broker.url)
  await client.publish('kept', '1', { retain: true })
  await client.client.subscribeAsync('kept', { qos: 1, rh: 2 })
  await client.client.subscribeAsync('mine', { qos: 1, nl: true })
  const other = await open(t, broker.url)
  await other.client.subscribeAsync('+', { qos: 1, rh: 1, rap: true })
  await other.next('kept')
  await other.client.subscribeAsync('+', { qos: 1, rh: 1, rap: true })
  await client.publish('mine', 'not for me')
  await client.publish('kept', '2', { retain: true })
  await client.next('kept')
  await other.next('kept', 2)
  t.same(
    client.messages.map(({ topic, text }) => `${topic} ${text}`),
    ['kept 2'],
  )
  t.same(
    other.messages.map(({ text, packet }) => [text, packet.retain]),
    [
      ['1', true],
      ['not for me', false],
      ['2', true],
    ],
    'the second subscription brings nothing again',
  )
})

t.test('reason codes', async (t) => {
  const { broker } = await startBroker(t, { username: 'home', password: 'right' })
  await t.rejects(TestClient.open(broker.url, { ...FIVE, username: 'home', password: 'wrong' }), { code: 0x86 })
  const known = { username: 'home', password: 'right' }
  const first = await open(t, broker.url, { ...known, clientId: 'one' })
  const reason = new Promise((resolve) => first.client.once('disconnect', (packet) => resolve(packet.reasonCode)))
  const client = await open(t, broker.url, { ...known, clientId: 'one' })
  t.equal(await reason, 0x8e, 'session taken over')
  const shared = await client.client.subscribeAsync('$share/group/a', { qos: 1 }).catch((error: Error) => error)
  t.match(String(shared), /Shared Subscriptions not supported/)
  await client.client.unsubscribeAsync('never/subscribed')
  const goodbye = new Promise((resolve) => client.client.once('disconnect', (packet) => resolve(packet.reasonCode)))
  await broker.stop()
  t.equal(await goodbye, 0x8b, 'server shutting down')
})

t.test('a will waits for its delay, and stays away when its client is back in time', async (t) => {
  const { broker } = await startBroker(t)
  const watcher = await open(t, broker.url)
  await watcher.subscribe('gone/+')
  const will = (name: string, willDelayInterval: number): IClientOptions => ({
    clientId: name,
    clean: false,
    properties: { sessionExpiryInterval: 60 },
    will: {
      topic: `gone/${name}`,
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
      properties: { willDelayInterval, userProperties: { why: 'cut' } },
    },
  })
  const cutOff = async (options: IClientOptions) => {
    const client = await open(t, broker.url, options)
    client.client.stream.destroy()
    await until('gone', () => !client.client.connected)
  }
  await cutOff(will('back', 2))
  await cutOff(will('away', 2))
  t.same(watcher.messages, [], 'not at once')
  await open(t, broker.url, will('back', 2))
  await watcher.next('gone/away')
  t.match(properties(watcher, 'gone/away'), { userProperties: { why: 'cut' } })
  // Cut off later, and without delay: what was due before it has come by then.
  await cutOff(will('last', 0))
  await watcher.next('gone/last')
  t.same(watcher.on('gone/back'), [])
})

t.test('a session lasts as long as asked for, with what waits in it', async (t) => {
  const { broker } = await startBroker(t)
  const visit = async (clientId: string, sessionExpiryInterval: number) => {
    const client = await TestClient.open(broker.url, {
      ...FIVE,
      clientId,
      clean: false,
      properties: { sessionExpiryInterval },
    })
    await client.subscribe('news/#')
    await client.end()
  }
  await visit('long', 100)
  await visit('short', 1)
  await visit('none', 0)
  await until('the short one is over', () => broker.counts().sessions === 1)
  const sender = await open(t, broker.url)
  await sender.publish('news/1', 'waited')
  await sender.publish('news/2', 'exactly once', { qos: 2 })
  t.ok(broker.counts().queuedBytes > 0)
  const back = await open(t, broker.url, { clientId: 'long', clean: false, properties: { sessionExpiryInterval: 100 } })
  t.equal(await back.next('news/1'), 'waited')
  t.equal(await back.next('news/2'), 'exactly once')
  await until('acknowledged', () => broker.counts().queuedBytes === 0)
  t.match(
    back.messages.map(({ packet }) => packet.dup),
    [false, false],
    'sent for the first time',
  )
  const anew = await open(t, broker.url, { clientId: 'long', clean: true })
  t.equal(broker.counts().sessions, 0, 'a clean start ends it')
  await anew.publish('end', '')
})

t.test('what was sent and not acknowledged is sent again as a repetition', async (t) => {
  const { broker } = await startBroker(t)
  const session = { clientId: 'mute', clean: false, properties: { sessionExpiryInterval: 100 } }
  const first = await open(t, broker.url, session)
  await first.subscribe('news')
  // Whoever takes a message and is cut off before acknowledging it.
  first.client.handleMessage = () => void first.client.stream.destroy()
  const sender = await open(t, broker.url)
  await sender.publish('news', '1')
  await until('cut off', () => !first.client.connected)
  const back = await open(t, broker.url, session)
  await back.next('news')
  t.equal(back.messages[0]?.packet.dup, true)
})

t.test('the expiry of a message counts down, and then it is gone', async (t) => {
  const { broker } = await startBroker(t)
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => mock.timers.reset())
  const session = { clientId: 'later', clean: false, properties: { sessionExpiryInterval: 1000 } }
  const first = await open(t, broker.url, session)
  await first.subscribe('waits/+')
  await first.end()
  const sender = await open(t, broker.url)
  for (const [name, messageExpiryInterval] of [
    ['long', 100],
    ['short', 20],
  ] as const) {
    await sender.publish(`kept/${name}`, '1', { retain: true, properties: { messageExpiryInterval } })
    await sender.publish(`waits/${name}`, '1', { properties: { messageExpiryInterval } })
  }
  mock.timers.tick(30_000)
  const back = await open(t, broker.url, session)
  await back.next('waits/long')
  t.equal(properties(back, 'waits/long')?.messageExpiryInterval, 70)
  await back.subscribe('kept/+')
  await back.next('kept/long')
  t.equal(properties(back, 'kept/long')?.messageExpiryInterval, 70)
  await sender.publish('waits/end', '')
  await back.next('waits/end')
  t.same([...back.on('waits/short'), ...back.on('kept/short')], [])
  t.equal(broker.counts().retained, 1)
})

t.test('nobody is sent a packet larger than they take', async (t) => {
  const { broker, drops, logger } = await startBroker(t)
  const small = await open(t, broker.url, { properties: { maximumPacketSize: 200 } })
  const sender = await open(t, broker.url)
  await sender.publish('a/kept', 'x'.repeat(300), { retain: true })
  await small.subscribe('a/+')
  await sender.publish('a/1', 'x'.repeat(300))
  await sender.publish('a/2', 'x', { properties: { userProperties: { more: 'x'.repeat(200) } } })
  await sender.publish('a/3', 'fits')
  await small.next('a/3')
  t.same(
    small.messages.map(({ topic }) => topic),
    ['a/3'],
  )
  t.equal(drops.of('larger_than_client_takes'), 3)
  t.equal(logger.having('maximum packet size').length, 1)
})

t.test('a packet too large is refused with its reason, and the limit is told', async (t) => {
  const { broker } = await startBroker(t)
  const { socket, got } = await dial(t, broker.port)
  socket.write(connect5('raw'))
  await until('let in', () => got.length > 0)
  const connack = Buffer.concat(got)
  t.ok(connack.includes(Buffer.from([0x27, 0, 0x10, 0, 5])), 'maximum packet size')
  t.ok(connack.includes(Buffer.from([0x2a, 0])), 'no shared subscriptions')
  // A PUBLISH of 2 MiB begins.
  socket.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x01, 0, 1, 97]))
  await until('disconnected', () => socket.closed)
  t.same([...Buffer.concat(got).subarray(connack.length)].slice(0, 3), [0xe0, 2, 0x95])
})
