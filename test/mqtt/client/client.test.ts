import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { embeddedTarget } from '../../../src/mqtt/client/target.ts'
import { listen, TestBroker, TestClient, until } from '../support.ts'
import { CONNACK_5, makeLink, rawServer, STATE } from './rig.ts'

t.test('the will is published when the bridge is cut off', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const watcher = await TestClient.open(broker.url)
  await watcher.subscribe(STATE)
  const { link, logger } = makeLink([broker.url])
  link.start()
  await watcher.next(STATE)
  for (const client of Object.values(
    Reflect.get(broker.aedes ?? {}, 'clients') as Record<string, { id: string; conn: Socket }>,
  )) {
    if (client.id === 'link') client.conn.destroy()
  }
  t.equal(await watcher.next(STATE, 2), 'offline')
  t.equal(await watcher.next(STATE, 3), 'online', 'and it comes back by itself')
  t.equal(logger.having('connection to the MQTT broker is lost').length, 1)
  const late = await TestClient.open(broker.url)
  await late.subscribe(STATE)
  t.equal(await late.next(STATE), 'online', 'retained')
  await link.stop()
  await late.end()
  await watcher.end()
})

t.test('a subscription that is refused is told', async (t) => {
  const broker = await new TestBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === 'no/+' ? null : subscription),
  }).start()
  t.teardown(() => broker.stop())
  const { link, refused, seen } = makeLink([broker.url])
  link.addFilter('no/+', { qos: 1 })
  link.addFilter('yes/+', { qos: 1 })
  link.start()
  await until('ready', () => seen.ready === 1)
  t.same(refused, [['no/+']])
  link.addFilter('no/+', { qos: 0 })
  await until('told again', () => refused.length === 2)
  await link.stop()
})

t.test('filters can come and go while connected', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const { link, seen, messages } = makeLink([broker.url])
  link.start()
  await until('ready', () => seen.ready === 1)
  const client = await TestClient.open(broker.url)
  await client.publish('a/1', 'kept', { retain: true })
  link.addFilter('a/+', { qos: 1 })
  await until('the retained one', () => messages.length === 1)
  t.same(messages[0], { topic: 'a/1', text: 'kept', retain: true })
  await client.publish('a/2', 'now')
  await until('the new one', () => messages.length === 2)
  t.same(messages[1], { topic: 'a/2', text: 'now', retain: false })
  link.removeFilter('a/+')
  link.removeFilter('never/there')
  link.addFilter('b', { qos: 1 })
  await client.subscribe('b')
  await client.publish('a/3', 'unheard')
  await client.publish('b', 'end')
  await until('the last', () => messages.some(({ topic }) => topic === 'b'))
  t.notOk(messages.some(({ topic }) => topic === 'a/3'))
  t.equal(link.received, messages.length)
  await client.end()
  await link.stop()
})

t.test('no more is unacknowledged than the broker allows', async (t) => {
  let received = ''
  const { url } = await rawServer(t, (socket) => {
    socket.once('data', () => {
      // Receive maximum 3.
      socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x21, 0, 3]))
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
      })
    })
  })
  const { link } = makeLink([url])
  link.start()
  await until('connected', () => link.connected)
  for (let i = 0; i < 10; i++) {
    link.publishAcked({ topic: `answers/${i}`, payload: 'x', retain: false, onAck: () => undefined })
  }
  // Nothing has to wait for an acknowledgement of this, so it comes after all that may be sent before one.
  link.publish('the end', 'x')
  await until('the end', () => received.includes('the end'))
  t.strictSame(received.match(/answers\/\d/g), ['answers/0', 'answers/1'], 'online is the third')
  await link.stop()
})

t.test('a ping tells when the broker has read what was sent before, not the ping of somebody else', async (t) => {
  const sockets: Socket[] = []
  const { url } = await rawServer(t, (socket) => {
    sockets.push(socket)
    socket.once('data', () => {
      socket.write(CONNACK_5)
      socket.on('data', () => undefined)
    })
  })
  const { link } = makeLink([url])
  link.start()
  await until('connected', () => link.connected)
  const told: number[] = []
  link.ping(() => told.push(1))
  link.ping(() => told.push(2))
  const PONG = Buffer.from([0xd0, 0])
  sockets[0]?.write(PONG)
  await until('the first', () => told.length === 1)
  sockets[0]?.write(PONG)
  await until('the second', () => told.length === 2)
  t.same(told, [1, 2])
  await link.stop()
})

t.test('the embedded broker is reached without a socket', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const { duplexPair } = await import('node:stream')
  const target = embeddedTarget(
    () => 'mqtt://here',
    () => {
      const [ours, theirs] = duplexPair()
      broker.aedes?.handle(theirs)
      return ours
    },
  )
  const { link } = makeLink(['mqtt://unused'], { targets: [target] })
  link.start()
  await until('connected', () => link.connected)
  t.match(link.status(), { url: 'mqtt://here', protocol: '3.1.1' })
  await link.stop()
})

t.test('a link without targets is a mistake', async (t) => {
  t.throws(() => makeLink([]).link.status(), RangeError)
})

t.test('over WebSocket', async (t) => {
  // Enough to see that the address is understood: the handshake arrives.
  const server = createServer()
  const port = await listen(server)
  t.teardown(() => server.close())
  const asked = once(server, 'connection').then(async ([socket]: Socket[]) => {
    const [bytes] = await once(socket as Socket, 'data')
    socket?.destroy()
    return String(bytes)
  })
  const { link } = makeLink([`ws://127.0.0.1:${port}/mqtt`])
  link.start()
  const request = await asked
  t.match(request, /^GET \/mqtt HTTP\/1\.1/)
  t.match(request, /Sec-WebSocket-Protocol: mqtt/)
  await link.stop()
})
