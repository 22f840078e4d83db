import type { Socket } from 'node:net'
import t from 'tap'
import { HastyClock, TestBroker, TestClient, until } from '../support.ts'
import { CONNACK_4, CONNACK_5, makeLink, rawServer, STATE, versionIn } from './rig.ts'

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
  t.ok(connect.includes(Buffer.from([0x11, 0, 0, 2, 0x58])), 'session expiry of 600 s')
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
