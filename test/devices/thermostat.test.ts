import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { EPOCH_2000 } from '../../src/protocol/epoch.ts'
import { withValues } from './support.ts'
import { online, setUp } from './thermostat-rig.ts'

t.test('before it is found there is a view, and commands say what is missing', async (t) => {
  const { thermostat } = setUp('ax')
  t.match(thermostat.view(), { name: 'Terneo AX 058016000543', model: 'ax', address: null, online: false })
  t.equal(thermostat.view().state.mode, null)
  await t.rejects(thermostat.set({ mode: 'off' }), { code: 'DEVICE_UNREACHABLE', message: /address/ })
  await t.rejects(thermostat.refresh(), { code: 'DEVICE_UNREACHABLE' })
  await t.rejects(thermostat.action('blink'), { code: 'DEVICE_UNREACHABLE' })
  thermostat.heard()
  await thermostat.stop()
})

t.test(
  'reads parameters and telemetry, then telemetry alone until a minute is over or something changed',
  async (t) => {
    const { clock, link, seen, thermostat } = await online('ax')
    t.same(link.calls.splice(0, 3), ['parameters', 'telemetry', 'time'], 'its telemetry does not say the time')
    t.match(thermostat.view(), {
      online: true,
      health: { failures: 0, error: null, lastSeen: clock.now(), clockOffset: 0 },
    })
    t.equal(thermostat.view().state.mode, 'heat')
    t.same(seen.availability, [true])
    t.equal(seen.states, 1)
    await clock.advance(31_000)
    t.same(link.calls, ['telemetry', 'telemetry'])
    t.equal(seen.states, 1, 'nothing changed, nothing is told')
    link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['t.1', '432']]) }
    await clock.advance(15_000)
    t.equal(seen.states, 2)
    t.same(link.calls.slice(2), ['telemetry'], 'a temperature is no reason to read the parameters')
    link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['t.5', '320']]) }
    await clock.advance(15_000)
    t.same(link.calls.slice(3).sort(), ['parameters', 'telemetry'], 'a setpoint is')
    await thermostat.stop()
    t.ok(link.stopped)
  },
)

t.test('the model follows what the parameters show', async (t) => {
  const { thermostat } = await online('oz', { hw: null })
  t.equal(thermostat.view().model, 'oz', 'tenths without a word of the hardware')
  t.equal(thermostat.view().state.manual_air_setpoint, 23)
  await thermostat.stop()
  const sx = await online('sx', { hw: null })
  t.equal(sx.thermostat.view().model, 'unknown')
  t.equal(sx.thermostat.view().state.target_temperature, 30)
  sx.thermostat.identify({ hw: 'SX' })
  t.equal(sx.thermostat.view().model, 'sx')
  await sx.clock.advance(15_000)
  t.equal(sx.thermostat.view().state.warning_temperature_max, 45)
  await sx.thermostat.stop()
})

t.test('learns which code means manual, and the counter base', async (t) => {
  const { link, seen, thermostat, learnBase } = await online('ax')
  t.same(thermostat.identity.learned, { lock: 2, program: 1, setpoint_wire: 1 })
  link.parameters = withValues(link.parameters, { 2: '3' })
  await thermostat.refresh()
  t.same(thermostat.identity.learned, { lock: 2, program: 3, setpoint_wire: 1 })
  const before = seen.identities
  learnBase('unix')
  t.equal(thermostat.identity.counterBase, 'unix')
  t.equal(thermostat.view().health.counterBase, 'unix')
  t.ok(seen.identities > before)
  await thermostat.stop()
})

t.test('boost lasts as long as was set, which is kept', async (t) => {
  const { clock, link, thermostat } = await online('oz')
  t.ok(link.calls.includes('time'), 'the zone of its clock is asked for')
  t.match(await thermostat.set({ boost_minutes: 30 }), { state: { boost_minutes: 30 } })
  t.equal(link.written.length, 0, 'the device knows nothing of it')
  t.equal(thermostat.identity.learned.boost_minutes, 30)
  await thermostat.set({ preset: 'boost' })
  t.same(link.written[0]?.[0]?.raws, [String(Math.round(clock.now() / 1000) - EPOCH_2000 + 1800)])
  await thermostat.stop()
})

t.test('actions', async (t) => {
  const { clock, link, thermostat } = await online('ax')
  link.calls.length = 0
  for (const action of ['restart', 'blink', 'reset_parameters', 'reset_schedule', 'sync_clock'] as const)
    await thermostat.action(action)
  const own = link.calls.filter((call) => call !== 'parameters' && call !== 'telemetry')
  t.same(own, [
    'restart',
    'blink',
    'reset_parameters',
    'reset_schedule',
    `set_time ${Math.round(clock.now() / 1000) - EPOCH_2000}`,
    'time',
  ])
  link.clockOffset = null
  await t.rejects(thermostat.action('sync_clock'), { code: 'DEVICE_UNREACHABLE' })
  t.equal(thermostat.view().health.clockOffset, null)
  await thermostat.stop()
})

t.test('a beacon ends the wait of one that is offline', async (t) => {
  const { clock, link, seen, thermostat } = await online('ax')
  link.error = new BridgeError('DEVICE_UNREACHABLE', 'unplugged')
  await clock.advance(60_000)
  t.match(thermostat.view(), { online: false, health: { error: { code: 'DEVICE_UNREACHABLE' } } })
  link.error = null
  thermostat.heard()
  await clock.advance(0)
  t.equal(thermostat.online, true)
  t.same(seen.availability, [true, false, true])
  await thermostat.stop()
})

t.test('features that were seen before a restart are there from the start', async (t) => {
  const { thermostat } = setUp('ax', { features: ['floor_temperature'] })
  t.ok(thermostat.view().features.has('floor_temperature'))
})

t.test('the model that was seen before a restart is the model from the start', async (t) => {
  t.equal(setUp('oz', { hw: null, learned: { setpoint_wire: 3 } }).thermostat.view().model, 'oz')
  t.equal(setUp('sx', { hw: 'oz', learned: { setpoint_wire: 1 } }).thermostat.view().model, 'old')
})

t.test('moving keeps the link', async (t) => {
  const { link, thermostat } = await online('ax')
  thermostat.locate({ host: '127.0.0.2', port: 80 })
  t.same(link.address, { host: '127.0.0.2', port: 80 })
  await thermostat.stop()
})
