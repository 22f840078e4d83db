import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Shared } from '../../../src/core/shared.ts'
import { indexRows } from '../../../src/devices/facts/rows.ts'
import { beginWith, sharedFacts } from '../../../src/devices/state/facts.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { factoryWeek, silent } from '../support.ts'

const KEPT = { hw: 'ax', name: null, counterBase: null, learned: {}, sources: [] }

/** The facts of some devices of one model. */
function devices(count: number, features: readonly string[] = []) {
  const shared = sharedFacts()
  return Array.from({ length: count }, (_, index) =>
    beginWith(
      { ...KEPT, serial: `SN${index}`, features: [...features] },
      {
        clock: new FakeClock(),
        logger: silent,
        way: { clockOffset: null },
        rows: indexRows,
        shared,
        onIdentity: () => undefined,
      },
    ),
  )
}

t.test('devices that have shown the same features hold them once, remembered or not', (t) => {
  const [one, two] = devices(2, ['load', 'mode'])
  t.strictSame([...(one?.profile.features ?? [])], ['load', 'mode'])
  t.equal(one?.profile.features, two?.profile.features)
  for (const facts of [one, two]) facts?.profile.grow(new Set(['load', 'lock']))
  t.strictSame([...(one?.profile.features ?? [])], ['load', 'mode', 'lock'])
  t.equal(one?.profile.features, two?.profile.features)
  one?.profile.forgetFeatures()
  t.strictSame([one?.profile.identity.features, two?.profile.identity.features], [[], ['load', 'mode', 'lock']])
  t.end()
})

t.test('devices with the same schedule hold it once, and a change of one is its own', (t) => {
  const [one, two] = devices(2)
  const copy = () => structuredClone(factoryWeek)
  t.same([one?.weeks.take('floor', copy()).changed, two?.weeks.take('floor', copy()).changed], [true, true])
  t.equal(one?.weeks.shown.floor, two?.weeks.shown.floor)
  t.equal(one?.weeks.take('floor', copy()).changed, false)
  t.equal(one?.weeks.take('floor', { ...copy(), monday: copy().sunday }).changed, true)
  t.same(one?.weeks.shown.floor?.monday, factoryWeek.sunday)
  t.same(two?.weeks.shown.floor, factoryWeek)
  t.end()
})

/** Collects all garbage, until what is left is so many. */
async function collect(left: number, shared: Shared<object>): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  while (shared.size > left) {
    if (typeof gc === 'function') gc()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

t.test('equal values are one, and are made once', (t) => {
  const shared = new Shared<readonly string[]>()
  const first = shared.of('a b', () => ['a', 'b'])
  t.equal(
    shared.of('a b', () => ['made again']),
    first,
  )
  t.strictSame(
    shared.of('a c', () => ['a', 'c']),
    ['a', 'c'],
  )
  t.end()
})

t.test('what nobody holds any more is forgotten, and what somebody holds is not', async (t) => {
  const shared = new Shared<readonly number[]>()
  const held = shared.of('held', () => [1])
  for (let count = 0; count < 100; count++) shared.of(`gone ${count}`, () => [count])
  await collect(1, shared)
  t.equal(
    shared.of('held', () => [2]),
    held,
  )
})
