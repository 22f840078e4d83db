import t from 'tap'
import { inSlices, portions, Slices } from '../../src/core/slices.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** Work of `ms` each, by a clock that stands still otherwise. */
class Worked extends FakeClock {
  passed = 0

  override monotonic(): number {
    return this.passed
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('what takes a moment is done at once', async (t) => {
  const done: number[] = []
  const over = inSlices(new Worked(), [1, 2, 3], (item) => done.push(item))
  t.same(done, [1, 2, 3])
  await over
})

t.test('others have their turn while a long list is gone through', async (t) => {
  const clock = new Worked()
  const seen: string[] = []
  setImmediate(() => seen.push('somebody else'))
  const over = inSlices(clock, [1, 2, 3, 4], (item) => {
    clock.passed += 6
    seen.push(`work ${item}`)
  })
  await over
  t.same(seen, ['work 1', 'work 2', 'somebody else', 'work 3', 'work 4'])
})

t.test('what fails ends the list', async (t) => {
  const done: number[] = []
  const over = inSlices(new Worked(), [1, 2, 3], (item) => {
    if (item === 2) throw new Error('two')
    done.push(item)
  })
  await t.rejects(over, { message: 'two' })
  t.same(done, [1])
})

t.test('jobs that come together wait for each other, in their order', async (t) => {
  const clock = new Worked()
  const slices = new Slices(clock)
  const done: number[] = []
  const job = (number: number) => () => {
    clock.passed += 6
    done.push(number)
  }
  for (const number of [1, 2, 3, 4, 5]) slices.run(job(number))
  t.same(done, [1, 2])
  await turn()
  slices.run(job(6))
  t.same(done, [1, 2, 3, 4], 'one that comes later waits behind them')
  await turn()
  t.same(done, [1, 2, 3, 4, 5, 6])
})

t.test('portions', async (t) => {
  t.same([...portions([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]])
  t.same([...portions([], 2)], [])
})
