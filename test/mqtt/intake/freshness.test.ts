import t, { type Test } from 'tap'
import { SystemClock } from '../../../src/core/clock.ts'
import { Freshness } from '../../../src/mqtt/intake/freshness.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedBroker } from '../client/scripted-broker.ts'
import { device, makeBridge, until } from '../support.ts'

const TEN_MINUTES = 600_000

const packet = (dup = false) => ({ cmd: 'publish', topic: '', payload: '', qos: 1, dup, retain: false }) as const

function rig(kept: { time: number | undefined } = { time: undefined }) {
  const clock = new FakeClock()
  const pongs: (() => void)[] = []
  const notes: number[] = []
  const freshness = new Freshness({
    clock,
    expiry: TEN_MINUTES,
    lastConnected: {
      get: () => kept.time,
      set: (time) => {
        kept.time = time
        notes.push(time)
      },
    },
    ping: (onPong) => pongs.push(onPong),
  })
  const open = (url = 'a', resumed = true, expires = false) => freshness.opened({ url, resumed, expires })
  const pong = () => {
    for (const onPong of pongs.splice(0)) onPong()
  }
  const refused = (id?: string) => {
    const command = packet()
    freshness.arrived(command)
    try {
      freshness.check(command, id)
      return undefined
    } catch (error) {
      return String(Reflect.get(Object(error), 'code'))
    }
  }
  return { clock, freshness, open, pong, refused, notes }
}

t.test(
  'what waited for longer than the expiry is refused, as long as it comes in, and what is new is not',
  async (t) => {
    const { clock, freshness, open, pong, refused } = rig()
    open()
    pong()
    await clock.advance(3_000)
    t.equal(refused('x'), undefined)
    freshness.closed()
    await clock.advance(TEN_MINUTES + 1_000)
    open()
    t.equal(refused('x'), 'NOT_APPLIED')
    t.equal(refused(), 'NOT_APPLIED', 'a request to the bridge too')
    pong()
    for (let count = 0; count < 10; count++) {
      await clock.advance(1_900)
      t.equal(refused('x'), 'NOT_APPLIED', 'a broker hands out what waited bit by bit')
    }
    await clock.advance(2_100)
    t.equal(refused('x'), undefined)
    t.equal(refused('x'), undefined)
  },
)

t.test('what waited for less, or where nothing can have waited, is taken', async (t) => {
  const { clock, freshness, open, refused } = rig()
  open()
  freshness.closed()
  await clock.advance(TEN_MINUTES - 1_000)
  open()
  t.equal(refused('x'), undefined)
  freshness.closed()
  await clock.advance(TEN_MINUTES * 10)
  open('a', false)
  t.equal(refused('x'), undefined, 'a new session holds nothing')
})

t.test(
  'over a restart it goes by what was noted, once a minute, where the broker drops nothing by itself',
  async (t) => {
    const kept = { time: undefined }
    const first = rig(kept)
    first.open('a', false)
    await first.clock.advance(120_000)
    t.equal(first.notes.length, 3)
    first.freshness.closed()
    t.equal(first.clock.waiting, 0)
    const second = rig(kept)
    await second.clock.advance(120_000 + TEN_MINUTES + 1_000)
    second.open()
    t.equal(second.refused('x'), 'NOT_APPLIED')
    const third = rig({ time: undefined })
    third.open('a', true, true)
    await third.clock.advance(120_000)
    t.same(third.notes, [])
    t.equal(third.refused('x'), undefined)
  },
)

t.test('what waited at one broker is refused when a newer command came by another', async (t) => {
  const { clock, freshness, open, refused } = rig()
  open('a')
  t.equal(refused('both'), undefined)
  t.equal(refused('old'), undefined)
  freshness.closed()
  await clock.advance(1_000)
  open('b', false)
  t.equal(refused('both'), undefined)
  freshness.closed()
  await clock.advance(1_000)
  open('a')
  t.equal(refused('both'), 'NOT_APPLIED')
  t.equal(refused('old'), undefined)
  t.equal(refused('both'), 'NOT_APPLIED', 'also the next of them')
})

t.test('a repeat is one that can be told apart, from an earlier connection, and comes as such', async (t) => {
  const { clock, freshness, open, pong } = rig()
  const repeat = (payload: string, dup = false) => {
    const command = packet(dup)
    freshness.arrived(command)
    return freshness.isRepeat('t', Buffer.from(payload), command)
  }
  open()
  const known = '{"a":1,"transaction":1}'
  t.equal(repeat(known), false)
  t.equal(repeat(known), false, 'on one connection a sender may say the same twice')
  t.equal(repeat('{"a":1}'), false)
  freshness.closed()
  open()
  t.equal(repeat(known), true)
  t.equal(repeat('{"a":1}'), false)
  freshness.closed()
  open()
  pong()
  await clock.advance(5_000)
  t.equal(repeat(known), false, 'later it is said anew')
  freshness.closed()
  open()
  pong()
  await clock.advance(5_000)
  t.equal(repeat(known, true), true, 'unless it is marked')
})

t.test(
  'on the wire: 3.1.1, away for longer than the expiry, each of the waiting commands gets its error',
  async (t: Test) => {
    const broker = await new ScriptedBroker({ version: 4, sessionPresent: true }).start(t)
    const lastConnected = { get: () => Date.now() - 1_500, set: () => undefined }
    const settings = { url: [broker.url], command_expiry: 1_000 }
    const { mqtt, devices } = makeBridge(settings, { lastConnected, clock: new SystemClock() })
    devices.add()
    t.teardown(() => mqtt.stop())
    await mqtt.start()
    await broker.next('subscribe')
    const command = { cmd: 'publish', topic: device('set'), qos: 1, dup: false, retain: false } as const
    broker.send({ ...command, payload: '{"target_temperature":21,"transaction":1}', messageId: 1 })
    broker.send({ ...command, payload: '{"target_temperature":22,"transaction":2}', messageId: 2 })
    await until('both', () => broker.results().length === 2)
    t.match(
      broker.results().map(({ payload }) => JSON.parse(payload.toString())),
      [1, 2].map((transaction) => ({
        ...{ ok: false, error: { code: 'NOT_APPLIED', message: /mqtt\.command_expiry/ }, transaction },
      })),
    )
    t.same(devices.calls, [])
  },
)
