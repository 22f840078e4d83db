import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Shared } from '../../src/core/shared.ts'

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
