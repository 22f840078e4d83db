import t from 'tap'
import { Backoff, perAddress } from '../../src/core/backoff.ts'
import { FakeClock } from '../support/fake-clock.ts'

t.test('some tries are free, then pauses grow up to a minute, for each key by itself', async (t) => {
  const clock = new FakeClock()
  const backoff = new Backoff(perAddress(clock))
  const begun: number[] = []
  for (let i = 1; i < 10; i++) if (backoff.begins(backoff.add('one'))) begun.push(i)
  t.equal(backoff.blockedFor('one'), 0)
  t.ok(backoff.begins(backoff.add('one')), 'the tenth is the one with a pause')
  t.same(begun, [])
  t.equal(backoff.blockedFor('one'), 1_000)
  backoff.add('one')
  t.equal(backoff.blockedFor('one'), 2_000)
  for (let i = 0; i < 40; i++) backoff.add('one')
  t.equal(backoff.blockedFor('one'), 60_000)
  t.equal(backoff.blockedFor('another'), 0)
  await clock.advance(60_000)
  t.equal(backoff.blockedFor('one'), 0)
  backoff.add('one')
  t.equal(backoff.blockedFor('one'), 60_000, 'what was tried is not forgotten')
  backoff.forget('one')
  t.equal(backoff.blockedFor('one'), 0)
})

t.test('a key not tried for long is as new', async (t) => {
  const clock = new FakeClock()
  const backoff = new Backoff({ ...perAddress(clock), free: 1 })
  backoff.add('one')
  t.equal(backoff.add('one'), 2)
  await clock.advance(600_000)
  t.equal(backoff.add('one'), 1)
})

t.test('so many keys are remembered, the one not tried for longest is forgotten first', async (t) => {
  const backoff = new Backoff({ ...perAddress(new FakeClock()), free: 1, maxKeys: 2 })
  for (const key of ['one', 'two', 'one', 'three']) backoff.add(key)
  t.same(
    ['one', 'two', 'three'].map((key) => backoff.blockedFor(key) > 0),
    [true, false, true],
  )
})
