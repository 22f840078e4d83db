import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { ClockOffset, isWrong } from '../../../src/devices/clock/offset.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startRegistry, WITHIN_A_SECOND } from '../rig.ts'

const NOON = Date.UTC(2026, 0, 15, 12) + WITHIN_A_SECOND

t.test('small changes are not shown', async (t) => {
  const offset = new ClockOffset()
  t.equal(offset.take(null), null)
  t.equal(offset.take(3), 3)
  t.equal(offset.take(8), 3)
  t.equal(offset.take(-2), 3)
  t.equal(offset.take(9), 9)
  t.equal(offset.take(null), null, 'forgotten, after the clock was set')
  t.equal(offset.take(0), 0)
})

t.test('wrong from five minutes on, in both directions', async (t) => {
  t.same([null, 0, 300, -300, 301, -301].map(isWrong), [null, false, false, false, true, true])
})

t.test('a wrong clock is shown, is a problem, and is set right on request only', async (t) => {
  const clock = new FakeClock(NOON)
  const unit = await startThermostat(t, { clock, model: 'oz', lock: 'lan', clockOffset: 400, utcOffset: 3 })
  const rig = startRegistry(t, unit, { clock, hw: 'oz' })
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: 400, clock_wrong: true, problem: true, clock_fault: false })
  t.ok(rig.view().features.has('clock_offset') && rig.view().features.has('clock_wrong'))
  let changes = 0
  rig.registry.events.on('state', () => changes++)
  unit.device.clock.set(unit.device.clock.seconds() + 3)
  await rig.refresh()
  t.equal(changes, 0, 'three seconds are no news')
  t.equal(unit.writes.length, 0, 'nobody touches the clock of a device')
  await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
  t.match(rig.view().state, { clock_wrong: false, problem: false })
  t.ok(Math.abs(Number(rig.view().state.clock_offset)) < 5)
  t.equal(rig.view().health.clockOffset, rig.view().state.clock_offset)
})

t.test('a clock in local time is not wrong', async (t) => {
  const clock = new FakeClock(NOON)
  const unit = await startThermostat(t, { clock, model: 'oz', utcOffset: 3, clockCounts: 'local', clockOffset: 10 })
  const rig = startRegistry(t, unit, { clock, hw: 'oz' })
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: 10, clock_wrong: false })
})

t.test('a clock that the telemetry leaves out is asked for, once an hour', async (t) => {
  const clock = new FakeClock(NOON)
  const options = { clock, model: 'ax', lock: 'none', telemetryTime: false, clockOffset: 400 } as const
  const unit = await startThermostat(t, options)
  const rig = startRegistry(t, unit, { clock, hw: 'ax' })
  const asked = () => unit.requests.filter(({ body }) => isObject(body) && body.cmd === 3).length
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: 400, clock_wrong: true })
  await rig.refresh()
  t.equal(asked(), 1)
  await clock.advance(61 * 60_000)
  await rig.refresh()
  t.equal(asked(), 2)
})

t.test('a unit that can not tell its clock has none to show, and is read all the same', async (t) => {
  const clock = new FakeClock(NOON)
  const unit = await startThermostat(t, { clock, model: 'ax', lock: 'none', telemetryTime: false })
  const rig = startRegistry(t, unit, { clock, hw: 'ax' })
  unit.quirks.injectReplies.push({ on: 3, reply: 'braces' })
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: null, clock_wrong: null, mode: 'heat' })
  t.notOk(rig.view().features.has('clock_offset'))
  const error = await rig.errorOf(rig.registry.set(SERIAL, { away_end: '2030-01-01T12:00' }))
  t.match(error, { code: 'DEVICE_UNREACHABLE', message: /clock/ })
  t.equal(unit.writes.length, 0)
})

t.test('a zone that changes with the season is asked for again when the clock leaps', async (t) => {
  const clock = new FakeClock(NOON)
  const unit = await startThermostat(t, { clock, model: 'oz', utcOffset: 2, clockCounts: 'local' })
  const rig = startRegistry(t, unit, { clock, hw: 'oz' })
  await rig.refresh()
  unit.device.clock.set(unit.device.clock.seconds() + 3600)
  unit.device.clock.utcOffset = 3
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: 0, clock_wrong: false, problem: false })
})
