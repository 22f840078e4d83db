/** The result of a command does not wait for what the device need not be asked for. */
import t from 'tap'
import { somebody, until } from '../../lan/discovery/rig.ts'
import { passing } from '../../lan/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startBridge } from '../lan-rig.ts'
import { online } from '../thermostat-rig.ts'

/** Holds back every telemetry from now on until it is opened. */
function holdTelemetry(link: Awaited<ReturnType<typeof online>>['link']) {
  const read = link.readTelemetry
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  link.readTelemetry = () => opened.then(read)
  return open
}

t.test('the result and the state come with the read-back, what the telemetry adds comes after', async (t) => {
  const { clock, link, seen, thermostat } = await online('ax')
  const open = holdTelemetry(link)
  const before = seen.states
  const fields = new Map([...link.telemetry.fields, ['f.0', '0']])
  link.telemetry = { ...link.telemetry, fields }
  const { state } = await thermostat.set({ target_temperature: 24 })
  t.match(state, { target_temperature: 24, manual_floor_setpoint: 24, action: 'heating' })
  t.equal(seen.states, before + 1)
  t.strictSame(thermostat.view().state, state, 'who listens has heard of it')
  open()
  await clock.advance(0)
  t.equal(thermostat.view().state.action, 'idle')
  t.equal(seen.states, before + 2)
  await thermostat.stop()
})

t.test('a preset that is confirmed is shown before the telemetry says so', async (t) => {
  const { link, thermostat } = await online('ax')
  holdTelemetry(link)
  t.match((await thermostat.set({ preset: 'away' })).state, { preset: 'away' })
  t.match((await thermostat.set({ preset: 'none' })).state, { preset: 'none' })
  await thermostat.stop()
})

t.test('days that are written and read back are told without the telemetry', async (t) => {
  const { link, thermostat } = await online('ax')
  holdTelemetry(link)
  const { written } = await thermostat.setSchedule({ floor: { monday: [{ time: '06:00', temperature: 21 }] } })
  t.strictSame(written, [{ kind: 'floor', day: 'monday' }])
  await thermostat.stop()
})

t.test('a device that answers the write with the new values is asked for nothing else before the result', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, model: 'ax', lock: 'none' })
  const { port, registry } = await startBridge(t, unit, clock)
  await (await somebody(t))(port, unit.beacon())
  await until(clock, () => registry.get(SERIAL)?.online === true)
  await clock.advance(2_000)
  const before = unit.requests.length
  const { state } = await passing(clock, registry.set(SERIAL, { target_temperature: 24 }), 1)
  t.equal(state.target_temperature, 24)
  t.match(unit.requests.slice(before), [{ body: { par: [[5, 1, '24']] } }])
  t.equal(unit.requests.length, before + 1)
  await until(clock, () => unit.requests.length > before + 1)
  t.match(unit.requests[before + 1], { body: { cmd: 4 } }, 'its telemetry follows')
})

t.test('of commands that become one write, the last says what is in force', async (t) => {
  const { link, thermostat } = await online('ax')
  holdTelemetry(link)
  const before = (await thermostat.set({ mode: 'heat', target_temperature: 22 })).state
  t.match(before, { operating_mode: 'manual', target_temperature: 22 })
  const results = await Promise.all([thermostat.set({ target_temperature: 27 }), thermostat.set({ mode: 'auto' })])
  t.equal(link.written.length, 2)
  // The setpoint of the schedule stands in the telemetry: until that comes, nothing is made up.
  for (const { state } of results) t.match(state, { operating_mode: 'schedule', target_temperature: 22 })
  await thermostat.stop()
})
