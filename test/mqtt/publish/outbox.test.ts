/** What is told once and must arrive: in order, kept until the broker has it, and bounded. */
import t from 'tap'
import { Drops } from '../../../src/mqtt/drops.ts'
import { Outbox } from '../../../src/mqtt/publish/outbox.ts'
import { MemoryLogger } from '../support.ts'
import { FakeLink } from './fake-link.ts'

function makeOutbox() {
  const link = new FakeLink()
  const logger = new MemoryLogger()
  const drops = new Drops(logger)
  return { link, logger, drops, outbox: new Outbox({ link, drops, expiry: 600 }) }
}

t.test('in order, each until the broker has it, and on the next connection what it may not have', async (t) => {
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

t.test('who waits for one is told when the broker has it', async (t) => {
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

t.test('what is too large for the broker is said in short', async (t) => {
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

t.test('bounded, the oldest go, counted and logged once', async (t) => {
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
