import type { Socket } from 'node:net'
import t from 'tap'
import type { Clock } from '../../src/core/clock.ts'
import { unusedPort } from '../support/unused-port.ts'
import { CONNACK_5, makeLink, rawServer } from './client-rig.ts'
import { HastyClock, QuickClock, TestBroker, until } from './support.ts'

t.test('waits grow from 1 s to 20 s, with up to half of that on top', async (t) => {
  const url = `mqtt://127.0.0.1:${await unusedPort()}`
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
  broker.port = await unusedPort()
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
  const dead = `mqtt://127.0.0.1:${await unusedPort()}`
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
