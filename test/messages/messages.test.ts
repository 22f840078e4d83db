/** Which messages go out, when, and what becomes of them without the internet. */
import t from 'tap'
import type { Message } from '../../src/messages/types.ts'
import { began, down, ended, FakeChannel, HOUR, MINUTE, rig } from './rig.ts'

t.test('what begins is told, and so is its end', async (t) => {
  const { channel, happen, messages, log, failures } = rig(t)
  await happen(began())
  t.match(channel.sent, [
    {
      title: 'thermo2mqtt',
      text: 'Bathroom: not_warming began.',
      resolved: false,
      event: 'finding_began',
      device: 'A',
    },
  ])
  await happen(ended())
  t.match(channel.sent[1], { text: 'Bathroom: not_warming is over.', resolved: true })
  await happen({ type: 'lock_changed', serial: 'A', message: 'The lock changed.' })
  await happen({
    type: 'account_state',
    account: 'home',
    message: 'A code is needed.',
    details: { state: 'code_needed' },
  })
  await happen({ type: 'account_state', account: 'home', message: 'It signs in.', details: { state: 'signing_in' } })
  await happen({ type: 'account_state', account: 'home', message: 'It is ready.', details: { state: 'ready' } })
  await happen({ type: 'store_state', message: 'The disk is full.', details: { problem: 'full' } })
  await happen({ type: 'store_state', message: 'The store works again.', details: { problem: null } })
  await happen({ type: 'command_failed', serial: 'A', message: 'No message.' })
  await happen({ type: 'device_renamed', serial: 'A', message: 'No message.' })
  t.strictSame(channel.texts.slice(2), [
    ...['The lock changed.', 'A code is needed.', 'It is ready.', 'The disk is full.', 'The store works again.'],
  ])
  t.strictSame(messages.status, { waiting: 0, failing: [] })
  t.strictSame([...log.lines, ...failures], [])
})

t.test('the end of what nobody was told of is not told', async (t) => {
  const { channel, happen } = rig(t)
  await happen(ended())
  await happen({ type: 'account_state', account: 'home', message: 'It is ready.', details: { state: 'ready' } })
  t.strictSame(channel.texts, [])
})

t.test('only what was chosen: groups, and single findings and faults', async (t) => {
  const { channel, happen } = rig(t, { settings: { about: ['too_warm', 'overheated', 'locks'], resolved: false } })
  await happen(began('not_warming'))
  await happen(began('too_warm'))
  await happen(ended('too_warm'))
  await happen({ type: 'fault_began', serial: 'A', message: 'Overheated.', details: { fault: 'overheated' } })
  await happen({ type: 'fault_began', serial: 'A', message: 'Clock.', details: { fault: 'clock_wrong' } })
  await happen({ type: 'lock_changed', serial: 'A', message: 'Lock.' })
  t.strictSame(channel.texts, ['Bathroom: too_warm began.', 'Overheated.', 'Lock.'])
})

t.test('a device that is away for a moment is no message', async (t) => {
  const { channel, clock, happen, messages } = rig(t)
  const offline = { type: 'device_offline', serial: 'A', message: 'It does not answer.' } as const
  const online = { type: 'device_online', serial: 'A', message: 'It answers.' } as const
  await happen(offline)
  await clock.advance(MINUTE)
  await happen(online)
  await clock.advance(HOUR)
  t.strictSame(channel.texts, [])
  await happen(offline)
  await clock.advance(4 * MINUTE)
  await happen(online)
  t.strictSame(channel.texts, ['It does not answer.', 'It answers.'])
  t.equal(messages.status.waiting, 0)
})

t.test('in quiet hours messages wait, also over midnight', async (t) => {
  const { channel, clock, happen } = rig(t, { settings: { quiet_from: '22:00', quiet_to: '07:00' } })
  const until = async (hour: number) => {
    while (new Date(clock.now()).getHours() !== hour) await clock.advance(10 * MINUTE)
  }
  await until(21)
  await happen(began('too_warm'))
  t.equal(channel.sent.length, 1)
  await until(23)
  await happen(began('not_warming'))
  await until(6)
  t.equal(channel.sent.length, 1)
  await until(7)
  await clock.advance(2 * MINUTE)
  t.equal(channel.sent.length, 2)
  t.match(channel.texts[1], /^Bathroom: not_warming began\. \(\d{4}-\d\d-\d\d 23:\d\d\)$/, 'it says when that was')
})

t.test('what is not over is told again', async (t) => {
  const { channel, clock, happen } = rig(t, { settings: { repeat: 6 * HOUR } })
  await happen(began())
  await clock.advance(13 * HOUR)
  await happen(ended())
  await clock.advance(24 * HOUR)
  t.strictSame(channel.texts, [
    'Bathroom: not_warming began.',
    'Still: Bathroom: not_warming began.',
    'Still: Bathroom: not_warming began.',
    'Bathroom: not_warming is over.',
  ])
})

t.test('while nothing is told again, nothing is written to the store', async (t) => {
  const memory = new Map<string, string>()
  const { clock, happen } = rig(t, { memory, settings: { repeat: 6 * HOUR } })
  await happen(began())
  const written: string[] = []
  memory.set = (_name, value) => {
    written.push(value)
    return memory
  }
  await clock.advance(5 * HOUR)
  t.strictSame(written, [])
  await clock.advance(HOUR)
  t.ok(written.length > 0, 'what was told again is kept')
})

t.test('a service that is down for a day gets everything in order, and others nothing twice', async (t) => {
  const [telegram, ntfy] = [new FakeChannel('telegram'), new FakeChannel('ntfy')]
  const { clock, happen, log, messages } = rig(t, { channels: [telegram, ntfy] })
  telegram.problem = down()
  await happen(began())
  for (let hour = 0; hour < 24; hour++) {
    await clock.advance(HOUR)
    if (hour % 8 === 0) await happen(began(`kind_${hour}`))
  }
  t.match(messages.status, { waiting: 4, failing: ['telegram'] })
  t.ok(telegram.tried > 24 && telegram.tried < 70, `${telegram.tried} tries`)
  t.match(log.problems(), [{ msg: /can't be sent over telegram\. It can't be reached \(ENOTFOUND\)\. It is kept/ }])
  t.equal(log.problems().length, 1, 'said once')
  telegram.problem = undefined
  await clock.advance(HOUR)
  const kinds = (texts: readonly string[]) => texts.map((text) => /: (\w+) began/.exec(text)?.[1])
  t.strictSame(kinds(telegram.texts), ['not_warming', 'kind_0', 'kind_8', 'kind_16'])
  t.strictSame(kinds(ntfy.texts), ['not_warming', 'kind_0', 'kind_8', 'kind_16'])
  t.strictSame(messages.status, { waiting: 0, failing: [] })
  t.match(log.lines.at(-1), { msg: 'Messages go out over telegram again.' })
})

t.test('a message that a service never takes keeps none of the others back', async (t) => {
  const { channel, clock, happen, log, messages } = rig(t)
  channel.hates = /too_warm/
  await happen(began('too_warm'))
  t.match(log.problems(), [{ msg: /can't be sent over ntfy\. It is too long\. It is kept for a week/ }])
  await happen(began('not_warming'))
  await clock.advance(2 * MINUTE)
  t.strictSame(channel.texts, ['Bathroom: not_warming began.'])
  t.match(messages.status, { waiting: 0, failing: [] })
  t.match(log.problems()[1], { text: /too_warm/, msg: /^One message was refused over ntfy.*It is too long\.$/ })
  channel.hates = /(?!)/
  await happen(ended('too_warm'))
  t.equal(channel.sent.length, 2)
})

t.test(
  'a service that refuses everything is not asked for each message, and gets all of them in the end',
  async (t) => {
    const { channel, clock, happen, messages } = rig(t)
    channel.hates = /./
    for (let index = 0; index < 20; index++) await happen(began(`kind_${index}`))
    t.equal(channel.tried, 1)
    await clock.advance(2 * MINUTE)
    t.equal(channel.tried, 3, 'one more, to see whose fault it is')
    channel.hates = /(?!)/
    await clock.advance(HOUR)
    t.equal(channel.sent.length, 20)
    t.equal(messages.status.waiting, 0)
  },
)

t.test('of several recipients, one who takes nothing keeps no mail from the others', async (t) => {
  const [a, b] = [new FakeChannel('email', 'a@example.com'), new FakeChannel('email', 'b@example.com')]
  const { clock, happen, log, memory, messages } = rig(t, { channels: [a, b] })
  b.problem = down()
  await happen(began())
  await happen(ended())
  t.equal(a.sent.length, 2)
  t.match(messages.status, { waiting: 2, failing: ['email'] })
  t.match(log.problems(), [{ msg: /can't be sent over email to b@example\.com\./ }])
  messages.stop()
  const after = rig(t, { channels: [a, new FakeChannel('email', 'c@example.com')], memory, clock })
  await clock.advance(MINUTE)
  t.equal(after.messages.status.waiting, 0, 'nothing waits for who gets no messages any more')
})

t.test('a service that takes its time holds up no other', async (t) => {
  const [slow, quick] = [new FakeChannel('email', 'a@example.com'), new FakeChannel('ntfy')]
  const gate = Promise.withResolvers<void>()
  const { send } = slow
  const waiting = { ...slow, name: slow.name, send: (message: Message) => gate.promise.then(() => send(message)) }
  const { clock, happen, messages } = rig(t, { channels: [waiting, quick] })
  await happen(began())
  await happen(began('too_warm'))
  await clock.advance(10 * MINUTE)
  await happen(ended())
  t.equal(quick.sent.length, 3)
  t.equal(slow.sent.length, 0)
  gate.resolve()
  await clock.advance(MINUTE)
  t.equal(slow.sent.length, 3, 'each once')
  t.strictSame(messages.status, { waiting: 0, failing: [] })
  await clock.advance(MINUTE)
  t.equal(clock.waiting, 0)
})

t.test('what begins and ends in one moment are two messages', async (t) => {
  const { channel, clock, happen } = rig(t)
  channel.problem = down()
  await happen(began())
  await happen(ended())
  channel.problem = undefined
  await clock.advance(HOUR)
  t.match(channel.texts, [/began/, /is over/])
})

t.test('a service is not asked before the time that it named', async (t) => {
  const { channel, clock, happen } = rig(t)
  channel.problem = down(45 * MINUTE)
  await happen(began())
  await clock.advance(44 * MINUTE)
  t.equal(channel.tried, 1)
  await clock.advance(3 * MINUTE)
  t.equal(channel.tried, 2)
})

t.test('what waits and what is not over is there after a restart', async (t) => {
  const before = rig(t)
  before.channel.problem = down()
  await before.happen(began())
  before.messages.stop()
  await before.clock.advance(HOUR)
  const { memory, clock } = before
  const after = rig(t, { memory, clock })
  await clock.advance(0)
  t.match(after.channel.texts, [/^Bathroom: not_warming began\. \(/])
  await after.happen(ended())
  t.equal(after.channel.sent.length, 2)
  t.strictSame(rig(t, { memory, clock }).messages.status.waiting, 0)
})

t.test('a store with nonsense in it, or that can’t be written, keeps no message back', async (t) => {
  const nonsense = ['', 'x', '[]', '{"waiting":1,"open":[1,null,{"key":1}]}', '{"waiting":[{"message":{}},null,"a"]}']
  const kept: string[] = []
  for (const text of nonsense) {
    const { channel, happen } = rig(t, { memory: new Map([['messages', text]]) })
    await happen(began())
    if (channel.sent.length !== 1) kept.push(text)
  }
  t.strictSame(kept, [])
  const memory = new Map<string, string>()
  memory.set = () => {
    throw new Error('full')
  }
  const { channel, happen, failures } = rig(t, { memory })
  await happen(began())
  t.equal(channel.sent.length, 1)
  t.strictSame(failures, [])
})

t.test('no more than some hundred messages wait, and none for longer than a week', async (t) => {
  const { channel, clock, happen, messages, log } = rig(t)
  channel.problem = down()
  for (let index = 0; index < 250; index++) await happen(began(`kind_${index}`))
  t.equal(messages.status.waiting, 200)
  await clock.advance(8 * 24 * HOUR)
  t.equal(messages.status.waiting, 0)
  t.match(log.problems().at(-1), { messages: 200 })
})

t.test('a test message goes out on every way at once, and says what failed', async (t) => {
  const [telegram, ntfy] = [new FakeChannel('telegram'), new FakeChannel('ntfy')]
  const { messages } = rig(t, { channels: [telegram, ntfy], settings: { quiet_from: '00:00', quiet_to: '23:59' } })
  telegram.problem = down()
  t.strictSame(await messages.test(), [
    { channel: 'telegram', to: null, problem: "It can't be reached (ENOTFOUND)." },
    { channel: 'ntfy', to: null, problem: null },
  ])
  t.match(ntfy.sent, [{ event: 'test', text: /test message/ }])
  await t.rejects(rig(t, { channels: [] }).messages.test(), { code: 'BAD_REQUEST' })
})

t.test('an idle bridge has no timer for messages', async (t) => {
  const { clock, happen, channel } = rig(t)
  await clock.advance(0)
  t.equal(clock.waiting, 0)
  await happen(began())
  t.equal(channel.sent.length, 1)
  t.equal(clock.waiting, 0)
})
