import t from 'tap'
import { ClockOffset, isWrong } from '../../src/devices/clock-offset.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../support/simulator.ts'
import { startRegistry } from './rig.ts'

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
  const clock = new FakeClock()
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
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, model: 'oz', utcOffset: 3, clockCounts: 'local', clockOffset: 10 })
  const rig = startRegistry(t, unit, { clock, hw: 'oz' })
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: 10, clock_wrong: false })
})

t.test('a unit that does not tell its clock has none to show', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, model: 'ax', lock: 'none', telemetryTime: false })
  const rig = startRegistry(t, unit, { clock, hw: 'ax' })
  await rig.refresh()
  t.match(rig.view().state, { clock_offset: null, clock_wrong: null })
  t.notOk(rig.view().features.has('clock_offset'))
})
