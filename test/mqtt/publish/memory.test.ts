import t from 'tap'
import type { AckedMessage } from '../../../src/mqtt/client/sender.ts'
import { Drops } from '../../../src/mqtt/drops.ts'
import { Outbox } from '../../../src/mqtt/publish/outbox.ts'
import { RetainedCache } from '../../../src/mqtt/publish/retained.ts'
import { MemoryLogger } from '../support.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A link that a test plugs in and out; what is acknowledged, and when, is its choice. */
class FakeLink {
  connected = false
  writable = true
  readonly sent: (readonly [topic: string, payload: string])[] = []
  readonly acked: AckedMessage[] = []
  largestPacket = Number.POSITIVE_INFINITY
  #blocked: (() => void)[] = []

  get ready(): boolean {
    return this.connected
  }

  publishAcked(message: AckedMessage): void {
    const payload = typeof message.payload === 'string' ? message.payload : message.payload()
    if (payload === undefined) return
    this.sent.push([message.topic, payload])
    this.acked.push(message)
  }

  whenWritable(go: () => void): void {
    if (this.writable) go()
    else this.#blocked.push(go)
  }

  drain(): void {
    this.writable = true
    for (const go of this.#blocked.splice(0)) go()
  }

  ack(): void {
    this.acked.shift()?.onAck()
  }

  take(): (readonly [string, string])[] {
    return this.sent.splice(0)
  }
}

/** One whose broker takes nothing for now. */
class SlowLink extends FakeLink {
  readonly waiting: AckedMessage[] = []

  override publishAcked(message: AckedMessage): void {
    this.waiting.push(message)
  }

  release(): void {
    for (const message of this.waiting.splice(0)) super.publishAcked(message)
  }
}

function connected(link: FakeLink, cache: RetainedCache): FakeLink {
  link.connected = true
  cache.restore()
  return link
}

t.test('retained: only changes go out', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  cache.retain('a', '1')
  cache.retain('a', '1')
  cache.retain('a', '2')
  cache.retain('b', '1')
  t.same(link.take(), [
    ['a', '1'],
    ['a', '2'],
    ['b', '1'],
  ])
  cache.repeat('a')
  cache.repeat('unknown')
  t.same(link.take(), [['a', '2']])
})

t.test('retained: after a reconnect everything, the newest, once', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  cache.retain('a', '1')
  cache.retain('b', '1')
  cache.repeat('b')
  t.same(link.take(), [])
  connected(link, cache)
  t.same(link.take(), [
    ['a', '1'],
    ['b', '1'],
  ])
  link.connected = false
  cache.retain('a', '2')
  cache.retain('a', '3')
  connected(link, cache)
  t.same(link.take(), [
    ['a', '3'],
    ['b', '1'],
  ])
})

t.test('retained: what is made anew for each connection is not kept', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  let made = 0
  cache.retain('a', () => `made ${++made}`)
  cache.retain('b', () => undefined)
  connected(link, cache)
  t.same(link.take(), [['a', 'made 1']], 'nothing is sent where there is nothing to say')
  cache.repeat('a')
  connected(link, cache)
  t.same(link.take(), [
    ['a', 'made 2'],
    ['a', 'made 3'],
  ])
})

t.test('retained: what is made at sending is not sent twice unchanged, unless it is asked for', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  for (const text of ['1', '1', '2']) cache.retain('a', () => text)
  t.same(link.take(), [
    ['a', '1'],
    ['a', '2'],
  ])
  cache.repeat('a')
  t.same(link.take(), [['a', '2']])
  connected(link, cache)
  t.same(link.take(), [['a', '2']], 'once more on each connection')
})

t.test('retained: what is made at sending is sent again after it was cleared', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  cache.retain('a', () => '1')
  cache.clear('a')
  cache.retain('a', () => '1')
  t.same(link.take(), [
    ['a', '1'],
    ['a', ''],
    ['a', '1'],
  ])
})

t.test('retained: what is made at sending goes out on each connection, also before its turn', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  for (let i = 0; i < 60; i++) cache.retain(`t${i}`, () => '1')
  connected(link, cache)
  await turn()
  t.equal(link.take().length, 60)
  connected(link, cache)
  cache.retain('t59', () => '1')
  await turn()
  t.equal(link.take().length, 60)
})

t.test('retained: many are published in portions, and at the pace of the broker', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  for (let i = 0; i < 120; i++) cache.retain(`t${i}`, '1')
  t.equal(cache.size, 120)
  link.writable = false
  connected(link, cache)
  t.equal(link.take().length, 50)
  await turn()
  t.equal(link.take().length, 0, 'waits for the socket')
  cache.retain('t100', '2')
  cache.retain('t0', '2')
  t.equal(link.take().length, 2, 'changes do not wait')
  link.drain()
  await turn()
  t.equal(link.take().length, 50)
  await turn()
  t.equal(link.take().length, 19, 'without the one that was sent meanwhile')
  await turn()
  t.equal(link.take().length, 0)
})

t.test('retained: a connection lost half-way begins anew', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  for (let i = 0; i < 60; i++) cache.retain(`t${i}`, '1')
  connected(link, cache)
  link.connected = false
  await turn()
  t.equal(link.take().length, 50)
  connected(link, cache)
  connected(link, cache)
  await turn()
  await turn()
  t.equal(link.take().length, 50 + 50 + 10)
})

t.test('retained: clearing is remembered until the broker has it', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  cache.retain('a', '1')
  cache.clear('a')
  t.same(link.take(), [
    ['a', '1'],
    ['a', ''],
  ])
  link.connected = false
  link.acked.length = 0
  connected(link, cache)
  t.same(link.take(), [['a', '']])
  link.ack()
  t.equal(cache.size, 0)
  cache.clear('never retained by this run')
  t.same(link.take(), [['never retained by this run', '']])
})

t.test('retained: what is retained anew survives the clearing on its way', async (t) => {
  const link = new FakeLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  cache.clear('a')
  cache.retain('a', '2')
  t.same(
    link.take(),
    [
      ['a', ''],
      ['a', '2'],
    ],
    'one after the other',
  )
  link.ack()
  link.ack()
  t.equal(cache.size, 1)
  cache.clear('a')
  cache.clear('a')
  link.ack()
  t.equal(cache.size, 1, 'the second clearing is still on its way')
  link.ack()
  t.equal(cache.size, 0)
})

t.test('retained: while a broker is slow, only the newest waits', async (t) => {
  const link = new SlowLink()
  const cache = new RetainedCache(link)
  connected(link, cache)
  for (const payload of ['1', '2', '3']) cache.retain('a', payload)
  cache.retain('b', '1')
  cache.clear('b')
  link.release()
  t.same(link.take(), [
    ['a', '3'],
    ['b', ''],
  ])
})

function makeOutbox() {
  const link = new FakeLink()
  const logger = new MemoryLogger()
  const drops = new Drops(logger)
  return { link, logger, drops, outbox: new Outbox({ link, drops, expiry: 600 }) }
}

t.test('outbox: in order, each until the broker has it, and on the next connection what it may not have', async (t) => {
  const { link, outbox } = makeOutbox()
  const send = (payload: string) => outbox.send({ topic: 'a', payload })
  send('1')
  send('2')
  t.same(link.take(), [])
  link.connected = true
  outbox.resend()
  t.same(link.take(), [
    ['a', '1'],
    ['a', '2'],
  ])
  send('3')
  t.equal(outbox.size, 3)
  link.ack()
  t.equal(outbox.size, 2)
  link.take()
  const [second] = link.acked.splice(0)
  outbox.resend()
  t.same(link.take(), [], 'not twice on one connection')
  outbox.lost()
  outbox.resend()
  t.same(link.take(), [
    ['a', '2'],
    ['a', '3'],
  ])
  t.equal(link.acked[0]?.delivery, second?.delivery, 'it goes on where it was')
  link.ack()
  link.ack()
  t.equal(outbox.size, 0)
  outbox.resend()
  t.same(link.take(), [])
})

t.test('outbox: who waits for one is told when the broker has it', async (t) => {
  const { link, outbox } = makeOutbox()
  let told = 0
  link.connected = true
  outbox.send({
    topic: 'a',
    payload: '1',
    onSent: () => {
      told++
    },
  })
  t.equal(told, 0)
  link.ack()
  t.equal(told, 1)
})

t.test('outbox: what is too large for the broker is said in short', async (t) => {
  const { link, outbox } = makeOutbox()
  link.connected = true
  link.largestPacket = 100
  outbox.send({ topic: 'a', payload: 'x'.repeat(200), short: () => 'short' })
  outbox.send({ topic: 'a', payload: 'small', short: () => 'short' })
  t.same(link.take(), [
    ['a', 'short'],
    ['a', 'small'],
  ])
})

t.test('outbox: bounded, the oldest go, counted and logged once', async (t) => {
  const { link, logger, drops, outbox } = makeOutbox()
  for (let i = 0; i < 1005; i++) outbox.send({ topic: 'a', payload: String(i) })
  t.equal(outbox.size, 1000)
  t.equal(drops.of('too_many_waiting'), 5)
  t.equal(logger.lines.length, 1)
  link.connected = true
  outbox.resend()
  t.same(link.sent[0], ['a', '5'])
  t.equal(link.take().length, 1000)
  outbox.send({ topic: 'a', payload: 'more' })
  t.equal(drops.of('too_many_waiting'), 5, 'that one was sent')
  t.equal(outbox.size, 1000)
})
