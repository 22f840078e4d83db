import t from 'tap'
import { Drops } from '../../src/mqtt/drops.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { RetainedCache } from '../../src/mqtt/retained.ts'
import type { AckedMessage } from '../../src/mqtt/sender.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryLogger } from './support.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A link that a test plugs in and out; what is acknowledged, and when, is its choice. */
class FakeLink {
  connected = false
  writable = true
  readonly sent: (readonly [topic: string, payload: string])[] = []
  readonly acked: AckedMessage[] = []
  readonly pings: (() => void)[] = []
  #blocked: (() => void)[] = []

  publishAcked(message: AckedMessage): void {
    const payload = typeof message.payload === 'string' ? message.payload : message.payload()
    if (payload === undefined) return
    this.sent.push([message.topic, payload])
    this.acked.push(message)
  }

  publish(topic: string, payload: string): void {
    this.sent.push([topic, payload])
  }

  ping(onPong: () => void): void {
    this.pings.push(onPong)
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
  const clock = new FakeClock()
  return { link, logger, drops, clock, outbox: new Outbox({ link, drops, clock }) }
}

t.test('outbox: in order, until a ping confirms', async (t) => {
  const { link, clock, outbox } = makeOutbox()
  outbox.send('a', '1')
  outbox.send('a', '2')
  t.same(link.take(), [])
  link.connected = true
  outbox.resend()
  t.same(link.take(), [
    ['a', '1'],
    ['a', '2'],
  ])
  outbox.send('a', '3')
  t.equal(link.pings.length, 0)
  await clock.advance(1000)
  t.equal(link.pings.length, 1, 'one for all')
  outbox.send('a', '4')
  link.pings.shift()?.()
  t.equal(outbox.size, 1, 'what was sent after the ping is not confirmed by it')
  link.take()
  link.connected = false
  await clock.advance(1000)
  t.equal(link.pings.length, 0)
  link.connected = true
  outbox.resend()
  t.same(link.take(), [['a', '4']])
  await clock.advance(1000)
  link.pings.shift()?.()
  t.equal(outbox.size, 0)
  outbox.resend()
  t.equal(clock.waiting, 0, 'nothing to confirm, no timer')
})

t.test('outbox: who waits for one is told at once', async (t) => {
  const { link, clock, outbox } = makeOutbox()
  let told = 0
  link.connected = true
  outbox.send('a', '1', undefined, () => {
    told++
  })
  t.equal(told, 0)
  link.pings.shift()?.()
  t.equal(told, 1)
  outbox.send('a', '2')
  outbox.stop()
  t.equal(clock.waiting, 0)
})

t.test('outbox: bounded, the oldest go, counted and logged once', async (t) => {
  const { link, logger, drops, outbox } = makeOutbox()
  for (let i = 0; i < 1005; i++) outbox.send('a', String(i))
  t.equal(outbox.size, 1000)
  t.equal(drops.of('too_many_waiting'), 5)
  t.equal(logger.lines.length, 1)
  link.connected = true
  outbox.resend()
  t.same(link.sent[0], ['a', '5'])
  t.equal(link.take().length, 1000)
  outbox.send('a', 'more')
  t.equal(drops.of('too_many_waiting'), 5, 'that one was sent')
  t.equal(outbox.size, 1000)
})
