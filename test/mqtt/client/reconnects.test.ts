import type { Socket } from 'node:net'
import t from 'tap'
import type { Clock } from '../../../src/core/clock.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { HastyClock, TestBroker, until } from '../support.ts'
import { CONNACK_5, makeLink, rawServer } from './rig.ts'

t.test('waits begin by chance, up to 10 s, and grow by up to 20 s', async (t) => {
  const url = `mqtt://127.0.0.1:${await unusedPort()}`
  for (const random of [0, 0.5, 0.999]) {
    const clock = new HastyClock()
    const { link, logger } = makeLink([url], { clock, random: () => random })
    link.start()
    await until('eight tries', () => clock.waits.length >= 8)
    await link.stop()
    t.same(
      clock.waits.slice(0, 7).map((wait) => Math.round(wait - random * 10_000)),
      [0, 2000, 4000, 8000, 16000, 20000, 20000],
    )
    t.equal(logger.lines.length, 1, 'said once')
    t.match(logger.lines[0], { level: 'warn', message: /can’t be reached: check mqtt\.url/, fields: { broker: url } })
  }
})

t.test('works when the broker appears long after the start', async (t) => {
  const broker = new TestBroker()
  broker.port = await unusedPort()
  const { link, logger } = makeLink([broker.url])
  link.start()
  await until('a failure', () => logger.having('can’t be reached').length === 1)
  await broker.start()
  t.teardown(() => broker.stop())
  await until('connected', () => link.connected)
  await link.stop()
})

t.test('several addresses: the next one is taken at once when one fails', async (t) => {
  const first = await new TestBroker().start()
  const second = await new TestBroker().start()
  t.teardown(() => second.stop())
  const dead = `mqtt://127.0.0.1:${await unusedPort()}`
  const { link, logger } = makeLink([dead, first.url, second.url])
  link.start()
  await until('first', () => link.status().connected)
  t.equal(link.status().url, first.url)
  await first.stop()
  await until('second', () => link.status().connected && link.status().url === second.url)
  t.equal(logger.having('connection to the MQTT broker is lost').length, 1)
  await first.start()
  t.teardown(() => first.stop())
  await second.stop()
  await until('first again', () => link.status().connected && link.status().url === first.url)
  await second.start()
  await link.stop()
})

t.test('after a good connection all addresses are tried at once, the lost one last', async (t) => {
  const first = await new TestBroker().start()
  const second = await new TestBroker().start()
  const clock = new FakeClock()
  let now = 0
  clock.monotonic = () => now
  const { link, logger } = makeLink([first.url, second.url], { clock })
  link.start()
  await until('connected', () => link.connected)
  now += 60_000
  await first.stop()
  await until('the other at once', () => link.connected && link.status().url === second.url)
  now += 60_000
  await second.stop()
  await until('said', () => logger.having('can’t be reached').length === 2)
  await until('a wait', () => clock.waiting === 1)
  await first.start()
  t.teardown(() => first.stop())
  await clock.advance(10_000)
  await until('connected again', () => link.connected)
  t.equal(link.status().url, first.url)
  await first.stop()
  await until('noticed', () => !link.connected)
  await link.stop()
})

t.test('a lone address is tried at once after a good connection, and after a wait when that was short', async (t) => {
  const broker = await new TestBroker().start()
  const clock = new FakeClock()
  let now = 0
  clock.monotonic = () => now
  const { link, logger } = makeLink([broker.url], { clock, random: () => 0.5 })
  link.start()
  const cut = () => {
    for (const { conn } of Object.values<{ conn: Socket }>(Reflect.get(broker.aedes ?? {}, 'clients'))) conn.destroy()
  }
  const connects = (count: number) =>
    until(`connect ${count}`, () => link.connected && logger.having('Connected').length === count)
  await connects(1)
  now += 30_000
  cut()
  await connects(2)
  cut()
  await until('noticed', () => logger.having('connection to the MQTT broker is lost').length === 2)
  await clock.advance(4_900)
  t.equal(link.connected, false)
  await clock.advance(200)
  await connects(3)
  await link.stop()
  await broker.stop()
})

t.test(
  'a dead broker is noticed within 15 s, also one that asks for few pings, and the next is tried at once',
  async (t) => {
    const alive = await new TestBroker().start()
    t.teardown(() => alive.stop())
    // Server Keep Alive of 600 s.
    for (const connack of [CONNACK_5, Buffer.from([0x20, 6, 0, 0, 3, 0x13, 2, 0x58])]) {
      const { url } = await rawServer(t, (socket) => socket.once('data', () => socket.write(connack)))
      const clock = new FakeClock()
      const { link, logger } = makeLink([url, alive.url], { clock })
      link.start()
      await until('connected', () => link.connected)
      await clock.advance(14_900)
      t.equal(logger.having('connection to the MQTT broker is lost').length, 0)
      await clock.advance(200)
      await until('noticed', () => logger.having('connection to the MQTT broker is lost').length === 1)
      await until('the next', () => link.connected && link.status().url === alive.url)
      await link.stop()
    }
  },
)

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
    ['closed by reason', (socket) => socket.end(Buffer.concat([CONNACK_5, Buffer.from([0xe0, 2, 142, 0])]))],
    ['never ending length', (socket) => socket.write(Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff]))],
  ]
  for (const [name, misbehave] of cases) {
    let count = 0
    const { url } = await rawServer(t, (socket) => {
      count++
      socket.once('data', () => misbehave(socket))
      socket.on('data', () => undefined)
    })
    const { link, logger } = makeLink([url], { clock: new HastyClock(), connectTimeout: 30 })
    link.start()
    await until(`${name}: a second try`, () => count >= 2)
    t.ok(
      logger.lines.some((line) => line.level === 'warn'),
      name,
    )
    if (name === 'closed by reason') {
      const lost = () => logger.having('connection to the MQTT broker is lost')[0]
      await until('a loss after an answer that was in time', () => lost() !== undefined)
      t.match(lost()?.fields, { cause: /same client id/ })
    }
    await link.stop()
  }
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
  const watch = new FastClock(1)
  await link.stop()
  t.ok(watch.monotonic() < 500)
})
