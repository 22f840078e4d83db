import t from 'tap'
import { setpointBounds, setpointStep } from '../../../src/devices/plan/limits.ts'
import { sameState } from '../../../src/devices/state/state.ts'
import { parseTelemetry } from '../../../src/protocol/replies.ts'
import { featuresOf, parametersOf, readingsOf, stateOf, telemetryOf, withValues } from '../support.ts'

t.test('the published AX, in the words of the state', async (t) => {
  const state = stateOf(readingsOf('ax'))
  t.match(state, {
    mode: 'heat',
    preset: 'none',
    operating_mode: 'manual',
    action: 'heating',
    current_temperature: 26,
    floor_temperature: 26,
    air_temperature: null,
    target_temperature: 30,
    control_type: 'floor',
    load: true,
    rated_power: 2000,
    power: 2000,
    energy: null,
    lock: 'lan',
    wifi_rssi: -83,
    clock_fault: true,
    problem: true,
    hysteresis: 1,
    brightness: 6,
    floor_setpoint_min: 5,
    floor_setpoint_max: 45,
    away_start: null,
    child_lock: false,
    unknown: { 'par.116': '0' },
  })
})

t.test('the published AZ and OZ', async (t) => {
  t.match(stateOf(readingsOf('az')), {
    mode: 'heat',
    operating_mode: 'schedule',
    current_temperature: 24.5,
    target_temperature: 25,
    mcu_temperature: 40,
    problem: false,
    schedule_period: 65,
  })
  const oz = readingsOf('oz')
  t.match(stateOf(oz), {
    mode: 'heat',
    current_temperature: 23.19,
    target_temperature: 23,
    control_type: 'air_floor_limits',
    humidity: 61,
    action: 'idle',
    power: 0,
    timer_end: null,
    timer_setpoint: 30,
    boost_minutes: 60,
    next_operating_mode: null,
    air_sensor_connected: true,
    lock: 'none',
  })
  t.equal(setpointStep(oz), 0.5, 'the step that the device names')
  t.same(setpointBounds('control', oz), { min: 5, max: 35, resolution: 0.1 })
  t.same(setpointBounds('floor', oz), { min: 5, max: 45, resolution: 1 }, 'whole degrees by the floor')
})

t.test('a captured SX without telemetry: what is not known is null, not guessed', async (t) => {
  const sx = readingsOf('sx')
  t.match(stateOf(sx), {
    mode: 'auto',
    preset: null,
    action: null,
    current_temperature: null,
    target_temperature: 26,
    power: null,
    // No fault of the device is known; what the bridge finds out by itself always is.
    ...{ problem: false, address_conflict: false, settings_unreadable: false, floor_sensor_missing: null },
    rated_power: 1620,
    unknown: { 'par.54': '3', 'par.67': '511' },
  })
  t.notOk(featuresOf(sx).has('power') && !featuresOf(sx).has('rated_power'))
  t.ok(featuresOf(sx).has('mode'))
  t.notOk(featuresOf(sx).has('humidity'))
  t.equal(setpointStep(sx), 1)
})

t.test('a captured AX that is off', async (t) => {
  const readings = readingsOf('ax')
  const { parameters, telemetry } = {
    parameters: withValues(parametersOf('ax'), { 2: '1', 5: '16', 118: '0', 125: '1' }),
    telemetry: parseTelemetry({ 'm.1': '3', 'm.5': '0', 'f.16': '1', 'f.0': '0', 't.5': '256' }),
  }
  readings.applyParameters(parameters)
  readings.applyTelemetry(telemetry)
  const state = stateOf(readings)
  t.match(state, { mode: 'off', action: 'off', target_temperature: 16, power: 0, power_off: true })
  t.equal(state.floor_temperature, null, 'a temperature that is no longer sent is not shown as if it were')
  t.equal(state.floor_setpoint_max, 45, 'but a limit that telemetry only repeats stays')
})

t.test('what the load does decides heat or cool, and preheating shows', async (t) => {
  const readings = readingsOf('ax')
  readings.applyParameters(withValues(parametersOf('ax'), { 118: '1' }))
  t.match(stateOf(readings), { mode: 'cool', action: 'cooling' })
  readings.applyParameters(withValues(parametersOf('ax'), { 118: '0', 2: '0' }))
  readings.applyTelemetry({
    ...telemetryOf('ax'),
    fields: new Map([...telemetryOf('ax').fields, ['f.7', '1'], ['m.1', '0']]),
  })
  t.match(stateOf(readings), { mode: 'auto', action: 'preheating' })
})

t.test('presets follow the operating mode', async (t) => {
  for (const [raw, preset] of [
    ['0', 'none'],
    ['4', 'away'],
    ['6', 'boost'],
    ['5', 'none'],
    ['9', null],
  ] as const) {
    const readings = readingsOf('oz')
    readings.applyTelemetry(parseTelemetry({ 'm.1': raw }))
    t.equal(stateOf(readings).preset, preset, `m.1 = ${raw}`)
  }
})

t.test('always on and always off are no temperatures', async (t) => {
  const readings = readingsOf('ax')
  readings.applyTelemetry(parseTelemetry({ 't.5': String(127 * 16) }))
  t.equal(stateOf(readings).target_temperature, null)
})

t.test('both locks of the parameters make the lock, until telemetry says otherwise', async (t) => {
  const readings = readingsOf('ax')
  for (const [lan, cloud, lock] of [
    ['0', '0', 'none'],
    ['0', '1', 'cloud'],
    ['1', '0', 'lan'],
    ['1', '1', 'both'],
  ] as const) {
    readings.applyParameters(withValues(parametersOf('ax'), { 114: lan, 115: cloud }))
    t.equal(stateOf(readings).lock, lock)
  }
})

t.test('states are compared by what they show', async (t) => {
  const a = stateOf(readingsOf('ax'))
  t.ok(sameState(a, stateOf(readingsOf('ax'))), 'the raw values under unknown are other objects, but the same')
  t.notOk(sameState(a, { ...a, load: false }))
  t.notOk(sameState(a, { ...a, unknown: { 'par.116': '1' } }))
  t.notOk(sameState(a, {}))
})

t.test('a device that makes up new fields all the time does not fill the state', async (t) => {
  const readings = readingsOf('ax')
  for (let round = 0; round < 20; round++) {
    const ids = Array.from({ length: 100 }, (_, i) => 1_000 + round * 100 + i)
    readings.applyParameters(new Map(ids.map((id) => [id, { type: 0, value: `${round}` }])))
  }
  readings.applyParameters(new Map([[116, { type: 7, value: '1' }]]))
  t.equal(readings.unknown.size, 200)
  t.equal(readings.unknown.get('par.116'), '1', 'what was there goes on being told')
})
