/** How long the first command to a new address waits, over restarts too, and that this is told. */
import t from 'tap'
import { Silence } from '../../../src/devices/link/silence.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { at, whereabouts } from './whereabouts-rig.ts'

const MINUTE = 60_000
const STRANGER = '192.168.1.66'

/** A bridge of a process, and the next one in the same process. */
function restarting() {
  const clock = new FakeClock()
  const before = { clock, silence: new Silence(clock) }
  return { clock, next: () => whereabouts(null, before) }
}

t.test('a wait is told once with its length, however many commands wait', async (t) => {
  const { clock, where, waits } = whereabouts()
  where.place(at(5), false)
  await clock.advance(20_000)
  const { signal } = new AbortController()
  const commands = [where.clear(signal), where.clear(signal)]
  await clock.advance(10_000)
  commands.push(where.clear(signal))
  t.same(waits, [40_000])
  await clock.advance(30_000)
  await Promise.all(commands)
  await where.clear(signal)
  t.same(waits, [40_000], 'after it nothing waits')
  where.heardFrom(STRANGER)
  await clock.advance(1_000)
  const again = where.clear(signal)
  t.same(waits, [40_000, 59_000])
  await clock.advance(MINUTE)
  await again
  where.stop()
})

t.test('a wait that the bridge ends by stopping is over', async (t) => {
  const { where, clock } = whereabouts()
  where.place(at(5), false)
  const abort = new AbortController()
  const waiting = where.clear(abort.signal)
  abort.abort()
  await waiting
  t.equal(clock.waiting, 0)
  t.notOk(where.cleared)
})

t.test('a restart in the process goes on where the minute was, without the pause', async (t) => {
  const { clock, next } = restarting()
  const first = next()
  first.where.place(at(5), false)
  await clock.advance(40_000)
  first.where.stop()
  await clock.advance(10_000)
  const second = next()
  second.where.place(at(5), false)
  await clock.advance(5_000)
  t.equal(await second.clear(), 'cleared')
  t.same(second.waits, [15_000])
  second.where.stop()
  const third = next()
  third.where.place(at(5), false)
  t.equal(await third.clear(), 'cleared')
  t.same(third.waits, [], 'the minute was over')
  third.where.stop()
})

t.test('the minute begins anew', async (t) => {
  const cases: Record<string, (rig: ReturnType<typeof restarting>) => Promise<ReturnType<typeof whereabouts>>> = {
    'after a start of the process': async () => {
      const rig = whereabouts()
      rig.where.place(at(5), false)
      return rig
    },
    'after a pause in which a beacon may have been missed': async ({ clock, next }) => {
      const { where } = next()
      where.place(at(5), false)
      await clock.advance(10 * MINUTE)
      where.stop()
      await clock.advance(10_001)
      const rig = next()
      rig.where.place(at(5), false)
      return rig
    },
    'at another address': async ({ clock, next }) => {
      const { where } = next()
      where.place(at(5), false)
      await clock.advance(10 * MINUTE)
      where.stop()
      const rig = next()
      rig.where.place(at(6), false)
      return rig
    },
    'at an address that the device has moved to since': async ({ clock, next }) => {
      const { where } = next()
      where.place(at(5), false)
      await clock.advance(10 * MINUTE)
      where.stop()
      const rig = next()
      rig.where.place(at(5), false)
      rig.where.place(at(5), false)
      return rig
    },
    'while something else answers as the device': async ({ clock, next }) => {
      const { where, answering } = next()
      where.place(at(5), false)
      answering.add(5).add(66)
      where.claimed(at(66), null)
      await clock.advance(10 * MINUTE)
      where.stop()
      const rig = next()
      rig.where.place(at(5), false)
      return rig
    },
    'with a beacon from elsewhere right before the restart': async ({ clock, next }) => {
      const { where } = next()
      where.place(at(5), false)
      await clock.advance(10 * MINUTE)
      where.heardFrom(STRANGER)
      where.stop()
      const rig = next()
      rig.where.place(at(5), false)
      return rig
    },
    'with a beacon from elsewhere right after the restart': async ({ clock, next }) => {
      const { where } = next()
      where.place(at(5), false)
      await clock.advance(10 * MINUTE)
      where.stop()
      const rig = next()
      rig.where.place(at(5), false)
      rig.where.heardFrom(STRANGER)
      return rig
    },
  }
  for (const [when, make] of Object.entries(cases)) {
    const rig = await make(restarting())
    t.same([await rig.clear(), rig.waits], ['cleared', [MINUTE]], when)
    rig.where.stop()
  }
})
