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

type Rig = ReturnType<typeof whereabouts>

/** What happens to a bridge that has been silent for long, or to the next one in its process. */
interface Disturbed {
  readonly early?: (before: Rig) => void
  readonly late?: (before: Rig) => void
  /** ms between the two. */
  readonly pause?: number
  readonly address?: number
  readonly after?: (next: Rig) => void
}

const DISTURBED: Readonly<Record<string, Disturbed>> = {
  'after a pause in which a beacon may have been missed': { pause: 10_001 },
  'at another address': { address: 6 },
  'at an address that the device has moved to since': { after: ({ where }) => where.place(at(5), false) },
  'while something else answers as the device': {
    early: ({ where, answering }) => {
      answering.add(5).add(66)
      where.claimed(at(66), null)
    },
  },
  'with a beacon from elsewhere right before the restart': { late: ({ where }) => where.heardFrom(STRANGER) },
  'with a beacon from elsewhere right after the restart': { after: ({ where }) => where.heardFrom(STRANGER) },
}

async function disturbed({ early, late, pause = 0, address = 5, after }: Disturbed): Promise<Rig> {
  const { clock, next } = restarting()
  const before = next()
  before.where.place(at(5), false)
  early?.(before)
  await clock.advance(10 * MINUTE)
  late?.(before)
  before.where.stop()
  await clock.advance(pause)
  const rig = next()
  rig.where.place(at(address), false)
  after?.(rig)
  return rig
}

t.test('the minute begins anew', async (t) => {
  const anew = async (when: string, rig: Rig) => {
    t.same([await rig.clear(), rig.waits], ['cleared', [MINUTE]], when)
    rig.where.stop()
  }
  const started = whereabouts()
  started.where.place(at(5), false)
  await anew('after a start of the process', started)
  for (const [when, how] of Object.entries(DISTURBED)) await anew(when, await disturbed(how))
})
