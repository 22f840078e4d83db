/** What the broker is to hold: told to it once, on each connection anew, and never older than the newest. */
import t from 'tap'
import { RetainedCache } from '../../../src/mqtt/publish/retained.ts'
import { FakeLink, SlowLink } from './fake-link.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function connected(link: FakeLink, cache: RetainedCache): FakeLink {
  link.connected = true
  cache.restore()
  return link
}

t.test('only changes go out', async (t) => {
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

t.test('after a reconnect everything, the newest, once', async (t) => {
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

t.test('what is made anew for each connection is not kept', async (t) => {
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

t.test('what is made at sending is not sent twice unchanged, unless it is asked for', async (t) => {
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

t.test('what is made at sending is sent again after it was cleared', async (t) => {
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

t.test('what is made at sending goes out on each connection, also before its turn', async (t) => {
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

t.test('many are published in portions, and at the pace of the broker', async (t) => {
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

t.test('a connection lost half-way begins anew', async (t) => {
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

t.test('clearing is remembered until the broker has it', async (t) => {
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

t.test('what is retained anew survives the clearing on its way', async (t) => {
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

t.test('while a broker is slow, only the newest waits', async (t) => {
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
