import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { Poller } from '../../../src/devices/reading/poller.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function setUp(interval = 15_000) {
  const clock = new FakeClock()
  const changes: (string | boolean)[] = []
  const control = { fail: null as BridgeError | Error | null, polls: 0, faults: 0 }
  const poller = new Poller({
    clock,
    random: () => 0.5,
    interval,
    poll: async () => {
      control.polls++
      if (control.fail) throw control.fail
    },
    onFault: () => control.faults++,
    onChange: (online, error) => changes.push(online, error?.code ?? 'fine'),
  })
  return { clock, changes, control, poller }
}

const silent = new BridgeError('DEVICE_TIMEOUT', 'no answer')

t.test('polls regularly while the device answers', async (t) => {
  const { clock, changes, control, poller } = setUp()
  poller.start(100)
  poller.start(0)
  t.equal(poller.online, false)
  await clock.advance(100)
  t.equal(control.polls, 1)
  t.same(changes, [true, 'fine'])
  await clock.advance(60_000)
  t.equal(control.polls, 5)
  t.same(changes, [true, 'fine'], 'told once')
  poller.stop()
  await clock.advance(60_000)
  t.equal(control.polls, 5)
})

t.test('is offline after three failures, told once, then waits longer and longer, at most 45 s', async (t) => {
  const { clock, changes, control, poller } = setUp()
  poller.start(0)
  await clock.advance(0)
  control.fail = silent
  await clock.advance(31_000)
  t.equal(poller.failures, 2)
  t.equal(control.faults, 0, 'no answer is no fault of the program')
  t.equal(poller.online, true, 'two failures are not enough')
  await clock.advance(15_000)
  t.equal(poller.online, false)
  t.same(changes, [true, 'fine', false, 'DEVICE_TIMEOUT'])
  await clock.advance(3_600_000)
  const settled = control.polls
  await clock.advance(3_600_000)
  t.ok(control.polls - settled >= 80 && control.polls - settled <= 89, `${control.polls - settled} polls in an hour`)
  t.equal(changes.length, 4, 'not told again')
  control.fail = null
  await poller.now()
  t.same(changes.slice(4), [true, 'fine'])
  t.equal(poller.failures, 0)
  t.equal(poller.error, null)
})

t.test('one that never answered is told to be offline too, once', async (t) => {
  const { clock, changes, control, poller } = setUp()
  control.fail = new Error('a bug')
  poller.start(0)
  await clock.advance(600_000)
  t.same(changes, [false, 'INTERNAL'])
  t.equal(control.faults, control.polls, 'the log hears of a fault of the program')
})

t.test('a wedged device is offline at once', async (t) => {
  const { clock, changes, control, poller } = setUp()
  poller.start(0)
  await clock.advance(0)
  control.fail = new BridgeError('DEVICE_WEDGED', 'switch it off and on')
  await poller.now()
  await poller.now()
  await poller.now()
  await poller.now()
  t.same(changes, [true, 'fine', false, 'DEVICE_WEDGED'])
})

t.test('a poll on demand joins the one under way', async (t) => {
  const { control, poller } = setUp()
  await Promise.all([poller.now(), poller.now()])
  t.equal(control.polls, 1)
  poller.stop()
})

t.test('an answer to a command counts', async (t) => {
  const { changes, poller } = setUp()
  poller.answered()
  t.same(changes, [true, 'fine'])
})
