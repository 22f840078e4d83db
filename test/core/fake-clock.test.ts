import t from 'tap'
import { FakeClock } from '../support/fake-clock.ts'

t.test('it stands still until told', async (t) => {
  const clock = new FakeClock(5000)
  t.equal(clock.now(), 5000)
  const start = clock.monotonic()
  await clock.advance(250)
  t.equal(clock.now(), 5250)
  t.equal(clock.monotonic() - start, 250)
})

t.test('only the wall clock jumps', async (t) => {
  const clock = new FakeClock(5000)
  const start = clock.monotonic()
  clock.jumpWall(-3_600_000)
  t.equal(clock.now(), 5000 - 3_600_000)
  t.equal(clock.monotonic(), start)
  let ran = 0
  clock.timer(100, () => ran++)
  clock.jumpWall(1e9)
  await clock.advance(99)
  t.equal(ran, 0, 'timers follow the monotonic clock')
  await clock.advance(1)
  t.equal(ran, 1)
})

t.test('what falls due runs in order, each at its time', async (t) => {
  const clock = new FakeClock(0)
  const seen: string[] = []
  const note = (name: string) => () => void seen.push(`${name} ${clock.now()}`)
  clock.timer(30, note('c'))
  clock.timer(10, note('a'))
  clock.timer(10, note('b'))
  clock.timer(-5, note('first'))
  clock.timer(31, note('late'))
  t.equal(clock.waiting, 5)
  await clock.advance(30)
  t.strictSame(seen, ['first 0', 'a 10', 'b 10', 'c 30'])
  t.equal(clock.waiting, 1)
  t.equal(clock.now(), 30)
})

t.test('timers set by timers run in the same stretch, also through promises', async (t) => {
  const clock = new FakeClock(0)
  const seen: number[] = []
  const again = () => {
    seen.push(clock.now())
    Promise.resolve().then(() => clock.timer(10, again))
  }
  clock.timer(10, again)
  await clock.advance(35)
  t.strictSame(seen, [10, 20, 30])
})

t.test('a cancelled timer never runs', async (t) => {
  const clock = new FakeClock()
  const timer = clock.timer(10, () => t.fail('it ran'))
  timer.cancel()
  timer.cancel()
  await clock.advance(100)
  t.equal(clock.waiting, 0)
})
