import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Clock } from '../../src/core/clock.ts'
import { type LinkOptions, MqttLink } from '../../src/mqtt/client.ts'
import { brokerTargets, embeddedTarget } from '../../src/mqtt/target.ts'
import { freePort, HastyClock, listen, MemoryLogger, QuickClock, TestBroker, TestClient, until } from './support.ts'

const STATE = 'base/bridge/state'

function makeLink(urls: readonly string[], options: Partial<LinkOptions> = {}) {
  const logger = new MemoryLogger()
  const messages: { topic: string; text: string; retain: boolean }[] = []
  const seen = { opened: 0, ready: 0 }
  const settings = { url: urls, client_id: 'link', base_topic: 'base', embedded: { host: '127.0.0.1', port: 0 } }
  const link = new MqttLink({
    targets: brokerTargets(settings),
    credentials: { clientId: 'link' },
    stateTopic: STATE,
    clock: new QuickClock(),
    random: () => 0,
    logger,
    onOpen: () => {
      seen.opened++
    },
    onReady: () => {
      seen.ready++
    },
    onMessage: (topic, payload, packet) => messages.push({ topic, text: payload.toString(), retain: packet.retain }),
    ...options,
  })
  return { link, logger, messages, seen }
}

/** A server of bytes: `serve` does with each connection what it likes. */
async function rawServer(
  t: Test,
  serve: (socket: Socket, count: number) => void,
): Promise<{ server: Server; url: string }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    serve(socket, sockets.length)
  })
  const port = await listen(server)
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, url: `mqtt://127.0.0.1:${port}` }
}

/** The protocol version in the CONNECT that begins `bytes`. */
const versionIn = (bytes: Buffer): number | undefined => bytes[8]

const CONNACK_4 = Buffer.from([0x20, 2, 0, 0])
const CONNACK_5 = Buffer.from([0x20, 3, 0, 0, 0])

t.test('falls back to 3.1.1 when the broker refuses 5, and says online', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const watcher = await TestClient.open(broker.url)
  await watcher.subscribe(STATE)
  const { link, logger, seen } = makeLink([broker.url])
  t.equal(link.connected, false)
  t.match(link.status(), { connected: false, protocol: null, url: broker.url })
  link.start()
  t.equal(await watcher.next(STATE), 'online')
  t.match(link.status(), { connected: true, protocol: '3.1.1' })
  await until('ready', () => seen.ready === 1)
  t.equal(logger.having('Connected').length, 1)
  t.equal(logger.lines.filter((line) => line.level === 'warn').length, 0)
  await link.stop()
  t.equal(await watcher.next(STATE, 2), 'offline')
  t.equal(watcher.messages.at(-1)?.packet.retain, false)
  await watcher.end()
})

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
  t.equal(logger.having('gone').length, 1)
  const late = await TestClient.open(broker.url)
  await late.subscribe(STATE)
  t.equal(await late.next(STATE), 'online', 'retained')
  await link.stop()
  await late.end()
  await watcher.end()
})

t.test('speaks MQTT 5 with a lasting session when the broker does', async (t) => {
  let connect = Buffer.alloc(0)
  const { url } = await rawServer(t, (socket) => {
    socket.once('data', (bytes) => {
      connect = Buffer.from(bytes)
      socket.write(CONNACK_5)
    })
  })
  const { link } = makeLink([url])
  link.start()
  await until('connected', () => link.connected)
  t.equal(link.status().protocol, '5')
  t.equal(versionIn(connect), 5)
  t.equal((connect[9] ?? 0) & 0x02, 0, 'no clean start')
  t.ok(connect.includes(Buffer.from([0x11, 0, 1, 0x51, 0x80])), 'session expiry of a day')
  t.ok(connect.includes('offline'))
  await link.stop()
})

t.test('a broker that hangs up on MQTT 5 is tried with 3.1.1', async (t) => {
  for (const hangUp of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const versions: (number | undefined)[] = []
    const { url } = await rawServer(t, (socket) => {
      socket.once('data', (bytes) => {
        versions.push(versionIn(bytes))
        if (versionIn(bytes) === 5) hangUp(socket)
        else socket.write(CONNACK_4)
      })
    })
    const { link } = makeLink([url])
    link.start()
    await until('connected', () => link.connected)
    t.equal(link.status().protocol, '3.1.1')
    t.same(versions, [5, 4])
    await link.stop()
  }
})

t.test('a broker that hangs up on everything is asked for 5 again later', async (t) => {
  const versions: (number | undefined)[] = []
  const { url } = await rawServer(t, (socket, count) => {
    socket.once('data', (bytes) => {
      versions.push(versionIn(bytes))
      if (count > 2) socket.write(CONNACK_5)
      else socket.end()
    })
  })
  const { link } = makeLink([url], { clock: new HastyClock() })
  link.start()
  await until('connected', () => link.connected)
  t.same(versions, [5, 4, 5])
  t.equal(link.status().protocol, '5')
  await link.stop()
})

t.test('waits grow from 1 s to 20 s, with up to half of that on top', async (t) => {
  const url = `mqtt://127.0.0.1:${await freePort()}`
  for (const [random, factor] of [
    [0, 1],
    [0.999, 1.4995],
  ] as const) {
    const clock = new HastyClock()
    const { link, logger } = makeLink([url], { clock, random: () => random })
    link.start()
    await until('eight tries', () => clock.waits.length >= 8)
    await link.stop()
    t.same(
      clock.waits
        .slice(0, 7)
        .map((wait) => wait / factor)
        .map(Math.round),
      [1000, 2000, 4000, 8000, 16000, 20000, 20000],
    )
    t.equal(logger.lines.length, 1, 'said once')
    t.match(logger.lines[0], { level: 'warn', message: /cannot be reached: check mqtt\.url/, fields: { broker: url } })
  }
})

t.test('works when the broker appears long after the start', async (t) => {
  const broker = new TestBroker()
  broker.port = await freePort()
  const { link, logger } = makeLink([broker.url])
  link.start()
  await until('a failure', () => logger.having('cannot be reached').length === 1)
  await broker.start()
  t.teardown(() => broker.stop())
  await until('connected', () => link.connected)
  await link.stop()
})

t.test('several addresses: the next one is taken at once when one fails', async (t) => {
  const first = await new TestBroker().start()
  const second = await new TestBroker().start()
  t.teardown(() => second.stop())
  const dead = `mqtt://127.0.0.1:${await freePort()}`
  const { link, logger } = makeLink([dead, first.url, second.url])
  link.start()
  await until('first', () => link.status().connected)
  t.equal(link.status().url, first.url)
  await first.stop()
  await until('second', () => link.status().connected && link.status().url === second.url)
  t.equal(logger.having('gone').length, 1)
  await first.start()
  t.teardown(() => first.stop())
  await second.stop()
  await until('first again', () => link.status().connected && link.status().url === first.url)
  await second.start()
  await link.stop()
})

t.test('a good connection is taken up again where it was', async (t) => {
  const first = await new TestBroker().start()
  const second = await new TestBroker().start()
  t.teardown(() => second.stop())
  let now = 0
  const clock = new QuickClock()
  clock.monotonic = () => now
  const { link, logger } = makeLink([first.url, second.url], { clock })
  link.start()
  await until('connected', () => link.connected)
  now = 60_000
  await first.stop()
  await first.start()
  t.teardown(() => first.stop())
  await until('connected again', () => logger.having('Connected').length === 2)
  t.equal(link.status().url, first.url)
  await link.stop()
})

t.test('refusals name the setting', async (t) => {
  const cases = [
    [Buffer.from([0x20, 3, 0, 0x86, 0]), /mqtt\.username and mqtt\.password/],
    [Buffer.from([0x20, 3, 0, 0x87, 0]), /mqtt\.username and mqtt\.password/],
    [Buffer.from([0x20, 3, 0, 0x85, 0]), /mqtt\.client_id/],
    [Buffer.from([0x20, 3, 0, 0x88, 0]), /mqtt\.url/],
  ] as const
  for (const [connack, message] of cases) {
    const { url } = await rawServer(t, (socket) => socket.once('data', () => socket.write(connack)))
    const { link, logger } = makeLink([url])
    link.start()
    await until('a failure', () => logger.lines.length > 0)
    t.match(logger.lines[0], { level: 'warn', message })
    await link.stop()
  }
})

t.test('silence, nonsense and contradictions are survived', async (t) => {
  const cases: [string, (socket: Socket) => void][] = [
    ['silence', () => undefined],
    ['nonsense', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['bad flags', (socket) => socket.write(Buffer.from([0x20, 3, 0xff, 0, 0]))],
    ['two answers', (socket) => socket.write(Buffer.concat([CONNACK_5, CONNACK_5]))],
    ['closed by reason', (socket) => socket.write(Buffer.concat([CONNACK_5, Buffer.from([0xe0, 2, 142, 0])]))],
    ['never ending length', (socket) => socket.write(Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff]))],
  ]
  for (const [name, misbehave] of cases) {
    let count = 0
    const { url } = await rawServer(t, (socket) => {
      count++
      socket.once('data', () => misbehave(socket))
      socket.on('data', () => undefined)
      if (name === 'closed by reason') setTimeout(() => socket.end(), 20)
    })
    const { link, logger } = makeLink([url], { clock: new HastyClock(), connectTimeout: 30 })
    link.start()
    await until(`${name}: a second try`, () => count >= 2)
    t.ok(
      logger.lines.some((line) => line.level === 'warn'),
      name,
    )
    if (name === 'closed by reason') {
      t.match(logger.having('gone')[0]?.fields, { cause: /same client id/ })
    }
    await link.stop()
  }
})

t.test('a subscription that is refused is told', async (t) => {
  const broker = await new TestBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === 'no/+' ? null : subscription),
  }).start()
  t.teardown(() => broker.stop())
  const { link, logger, seen } = makeLink([broker.url])
  link.addFilter('no/+', { qos: 1 })
  link.addFilter('yes/+', { qos: 1 })
  link.start()
  await until('ready', () => seen.ready === 1)
  t.match(logger.having('refuses these subscriptions')[0], { level: 'error', fields: { filters: ['no/+'] } })
  link.addFilter('no/+', { qos: 0 })
  await until('told again', () => logger.having('refuses these subscriptions').length === 2)
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

t.test('stopping while trying, and stopping twice', async (t) => {
  const { url } = await rawServer(t, () => undefined)
  const { link } = makeLink([url])
  await link.stop()
  link.start()
  await link.stop()
  await link.stop()
  t.equal(link.connected, false)
})

t.test('a stop does not wait for a broker that does not answer', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.once('data', () => socket.write(CONNACK_5))
  })
  const { link } = makeLink([url], { clock: new HastyClock() as Clock })
  link.start()
  await until('connected', () => link.connected)
  const begin = performance.now()
  await link.stop()
  t.ok(performance.now() - begin < 500)
})

t.test('no more is unacknowledged than the broker allows', async (t) => {
  let received = 0
  const { url } = await rawServer(t, (socket) => {
    socket.once('data', () => {
      // Receive maximum 3.
      socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x21, 0, 3]))
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1').split('answers/').length - 1
      })
    })
  })
  const { link } = makeLink([url])
  link.start()
  await until('connected', () => link.connected)
  for (let i = 0; i < 10; i++) {
    link.publishAcked({ topic: `answers/${i}`, payload: 'x', retain: false, onAck: () => undefined })
  }
  link.publish('end', 'x')
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(received, 2, 'online is the third')
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
