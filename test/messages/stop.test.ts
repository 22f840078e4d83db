/** What becomes of a message that is on its way when the bridge stops. */
import t from 'tap'
import type { Message } from '../../src/messages/types.ts'
import { began, down, FakeChannel, HOUR, rig } from './rig.ts'

/** A channel whose service answers when it is told to. */
function slowChannel() {
  const channel = new FakeChannel()
  const answer = Promise.withResolvers<void>()
  const send = (message: Message) => answer.promise.then(() => channel.send(message))
  return { channel: { name: channel.name, send }, sent: channel.sent, answer }
}

t.test('a message that is on its way when the bridge stops is not sent again by the next run', async (t) => {
  const { channel, sent, answer } = slowChannel()
  const { clock, happen, memory, messages } = rig(t, { channels: [channel] })
  await happen(began())
  const stopped = messages.stop()
  answer.resolve()
  await stopped
  t.equal(sent.length, 1)
  t.equal(clock.waiting, 0)
  const next = rig(t, { clock, memory })
  await clock.advance(HOUR)
  t.strictSame(next.channel.texts, [])
})

t.test('a service that does not answer holds up no stop, and says nothing afterwards', async (t) => {
  const { channel, answer } = slowChannel()
  const { clock, happen, log, memory, messages } = rig(t, { channels: [channel] })
  await happen(began())
  let over = false
  const stopped = messages.stop().then(() => {
    over = true
  })
  await clock.advance(1_900)
  t.notOk(over)
  await clock.advance(100)
  await stopped
  const kept = memory.get('messages')
  answer.reject(down())
  await clock.advance(HOUR)
  t.strictSame([log.lines, memory.get('messages'), clock.waiting], [[], kept, 0])
  const next = rig(t, { clock, memory })
  await clock.advance(0)
  t.equal(next.channel.sent.length, 1)
})
