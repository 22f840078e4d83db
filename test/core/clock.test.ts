import t from 'tap'
import { hostZoneName, SystemClock, sleep } from '../../src/core/clock.ts'
import { FakeClock } from '../support/fake-clock.ts'

t.test('the system clock', async (t) => {
  const clock = new SystemClock()
  t.ok(Math.abs(clock.now() - Date.now()) < 1000)
  const before = clock.monotonic()
  t.ok(clock.monotonic() >= before)
  await new Promise<void>((resolve) => clock.timer(-5, resolve))
  let cancelled = true
  clock
    .timer(0, () => {
      cancelled = false
    })
    .cancel()
  await new Promise<void>((resolve) => clock.timer(1, resolve))
  t.ok(cancelled)
})

t.test('a time beyond what Node can wait is not run at once', async (t) => {
  const clock = new SystemClock()
  let ran = false
  const timer = clock.timer(1e12, () => {
    ran = true
  })
  await new Promise<void>((resolve) => clock.timer(5, resolve))
  timer.cancel()
  t.notOk(ran)
})

t.test('sleep', async (t) => {
  const clock = new FakeClock()
  let awake = false
  const sleeping = sleep(clock, 1000).then(() => {
    awake = true
  })
  await clock.advance(999)
  t.notOk(awake)
  await clock.advance(1)
  t.ok(awake)
  await sleeping
})

t.test('sleep ends with its signal and leaves nothing behind', async (t) => {
  const clock = new FakeClock()
  const abort = new AbortController()
  const sleeping = sleep(clock, 1000, abort.signal)
  t.equal(clock.waiting, 1)
  abort.abort()
  await sleeping
  t.equal(clock.waiting, 0)
  await sleep(clock, 1000, abort.signal)
  t.equal(clock.waiting, 0, 'at once when it is aborted already')
  const slept = sleep(clock, 10, new AbortController().signal)
  await clock.advance(10)
  await slept
})

t.test('the zone of the host has a name that every browser knows, however it was set', (t) => {
  const was = process.env.TZ
  for (const [set, name] of [
    ['Asia/Tokyo', 'Asia/Tokyo'],
    ['UTC', 'UTC'],
    ['', 'UTC'],
    ['MSK-3', 'Etc/GMT-3'],
    ['GMT-2', 'Etc/GMT-2'],
    ['UTC+3', 'Etc/GMT+3'],
  ] as const) {
    process.env.TZ = set
    t.equal(hostZoneName(), name, `TZ=${set}`)
  }
  if (was === undefined) delete process.env.TZ
  else process.env.TZ = was
  t.end()
})
