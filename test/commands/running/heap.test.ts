/** When V8 is told to keep the heap small, on a clock and a machine of the test's own. */
import t from 'tap'
import { type Machine, settle, startLean } from '../../../src/commands/running/heap.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const MIB = 1024 * 1024
const KEPT_SMALL = ['--maglev', '--turbofan', '--heap-growing-percent=20']

/** A process that takes a share of a core. */
function machine(clock: FakeClock, bytes: number) {
  let heap = bytes
  const told: string[] = []
  let cpu = 0
  let since = clock.monotonic()
  let share = 1
  const now = () => cpu + (clock.monotonic() - since) * share
  const takes: Machine = {
    cpu: now,
    heap: () => heap,
    flag: (flag) => told.push(flag),
    collect: async () => void told.push('collected'),
  }
  const use = (next: number) => {
    cpu = now()
    since = clock.monotonic()
    share = next
  }
  const hold = (bytes: number) => {
    heap = bytes
  }
  return { told, takes, use, hold }
}

t.test('a start runs without the compilers for what runs often', async (t) => {
  const { told, takes } = machine(new FakeClock(), 0)
  startLean(takes)
  t.strictSame(told, ['--no-maglev', '--no-turbofan'])
})

t.test('once the bridge is quiet the heap is kept small', async (t) => {
  const clock = new FakeClock()
  const { told, takes, use } = machine(clock, 30 * MIB)
  settle(clock, takes)
  await clock.advance(20_000)
  t.strictSame(told, [], 'not while it is busy')
  use(0.1)
  await clock.advance(6_000)
  t.strictSame(told, [...KEPT_SMALL, 'collected'])
  await clock.advance(60_000)
  t.equal(told.length, 4, 'once')
  t.equal(clock.waiting, 0)
})

t.test('after a minute it is, however busy the bridge is', async (t) => {
  const clock = new FakeClock()
  const { told, takes } = machine(clock, 30 * MIB)
  settle(clock, takes)
  await clock.advance(59_000)
  t.strictSame(told, [])
  await clock.advance(2_000)
  t.strictSame(told, [...KEPT_SMALL, 'collected'])
})

t.test('a large heap is collected only once V8 has made it small, because that would hold up everything', async (t) => {
  const clock = new FakeClock()
  const { told, takes, use, hold } = machine(clock, 200 * MIB)
  use(0.1)
  settle(clock, takes)
  await clock.advance(120_000)
  t.strictSame(told, KEPT_SMALL)
  hold(50 * MIB)
  await clock.advance(3_000)
  t.strictSame(told, [...KEPT_SMALL, 'collected'])
  t.equal(clock.waiting, 0)
})

t.test('waiting for a large heap can be called off', async (t) => {
  const clock = new FakeClock()
  const { told, takes, use, hold } = machine(clock, 200 * MIB)
  use(0.1)
  const settling = settle(clock, takes)
  await clock.advance(30_000)
  settling.cancel()
  hold(50 * MIB)
  await clock.advance(30_000)
  t.strictSame(told, KEPT_SMALL)
})

t.test('it can be called off', async (t) => {
  const clock = new FakeClock()
  const { told, takes, use } = machine(clock, 30 * MIB)
  const settling = settle(clock, takes)
  await clock.advance(3_000)
  use(0.1)
  settling.cancel()
  await clock.advance(60_000)
  t.strictSame(told, [])
})
