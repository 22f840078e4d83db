import t from 'tap'
import { Presence } from '../../../src/mqtt/presence/presence.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryLogger } from '../support.ts'

const topics = new Topics('thermo2mqtt')

/** One that speaks since it began, ten seconds ago; what it says is kept. */
async function rig(started: string) {
  const clock = new FakeClock()
  const said: string[] = []
  const logger = new MemoryLogger()
  let began = 0
  let role = 'asking'
  const presence = new Presence({
    topics,
    self: { instance: 'me', started, host: 'here' },
    first: false,
    clock,
    logger,
    publish: (_topic, payload) => said.push(payload),
    onActive: () => {
      role = 'active'
      began++
    },
    onWaiting: () => {
      role = 'waiting'
    },
    sayOnline: () => undefined,
    onChange: () => undefined,
  })
  t.teardown(() => presence.stop())
  presence.opened()
  const hear = (message: object, retained = false) =>
    presence.heard(topics.bridgeInstance, Buffer.from(JSON.stringify(message)), retained)
  await clock.advance(2_000)
  await clock.advance(10_000)
  return { clock, presence, said, hear, logger, role: () => role, began: () => began }
}

const OTHER = { instance: 'other', host: 'there', role: 'active' }

t.test('of two that speak the one goes on that has spoken for longer, whatever the clocks say', async (t) => {
  const later = await rig('2026-01-31T06:00:00.000Z')
  t.equal(later.role(), 'active')
  later.hear({ ...OTHER, started: '2001-01-01T00:00:00.000Z', active: 1_000 })
  t.equal(later.role(), 'active', 'its clock is wrong, and it has only just come')
  later.hear({ ...OTHER, started: '2044-01-01T00:00:00.000Z', active: 60_000 })
  t.equal(later.role(), 'waiting')
})

t.test('of two that came at the same time both see the same one first', async (t) => {
  const [early, late] = ['2026-01-31T06:00:00.000Z', '2026-01-31T06:00:01.000Z']
  const first = await rig(early)
  first.hear({ ...OTHER, started: late, active: 11_000 })
  t.equal(first.role(), 'active')
  const second = await rig(late)
  second.hear({ ...OTHER, started: early, active: 9_000 })
  t.equal(second.role(), 'waiting')
})

t.test('answers are few, and what is nonsense, too long or retained is nobody', async (t) => {
  const { presence, said, hear, role } = await rig('2026-01-31T06:00:00.000Z')
  const before = said.length
  for (let count = 0; count < 100; count++) hear({ ...OTHER, role: 'asking', started: '2026', instance: `${count}` })
  t.equal(said.length, before + 1)
  const { problem } = presence
  t.equal(problem?.code, 'another_bridge')
  const other = await rig('2026-01-31T06:00:00.000Z')
  for (const message of [7, {}, { ...OTHER, started: 1 }, { ...OTHER, started: '', role: 'king' }]) other.hear(message)
  other.hear({ ...OTHER, started: '', host: 'x'.repeat(2_000), active: 60_000 })
  other.hear({ ...OTHER, started: '', active: 60_000 }, true)
  t.equal(other.presence.problem, undefined)
  t.same([role(), other.role()], ['active', 'active'])
})

t.test('who waits takes over when the one that speaks is silent', async (t) => {
  const { clock, hear, role, presence } = await rig('2026-01-31T06:00:00.000Z')
  hear({ ...OTHER, started: '2001', active: 60_000 })
  await clock.advance(10_000)
  hear({ ...OTHER, started: '2001', active: 70_000 })
  await clock.advance(20_000)
  t.equal(role(), 'waiting')
  await clock.advance(30_000)
  t.equal(role(), 'active')
  t.equal(presence.problem, undefined)
})

t.test('one that comes and goes without end is followed ever more seldom, and is told of once', async (t) => {
  const { clock, hear, role, began, logger } = await rig('2026-01-31T06:00:00.000Z')
  hear({ ...OTHER, started: '2001', active: 1e15 })
  hear({ ...OTHER, started: '2001', role: 'leaving' })
  await clock.advance(2_000)
  t.same([role(), began()], ['active', 2], 'at once the first time')
  for (let second = 0; second < 600; second++) {
    hear({ ...OTHER, started: '2001', active: 1e15 })
    hear({ ...OTHER, started: '2001', role: 'leaving' })
    await clock.advance(1_000)
  }
  t.ok(began() < 25, `${began()} times`)
  t.ok(logger.lines.length < 50, `${logger.lines.length} lines`)
  await clock.advance(70_000)
  t.equal(role(), 'active')
})
