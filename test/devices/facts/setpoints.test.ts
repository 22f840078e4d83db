/** Setpoints, model by model, over real sockets: steps, wire types, limits that move, always on and always off. */
import t from 'tap'
import { setpointBounds } from '../../../src/devices/plan/limits.ts'
import type { ThermostatOptions } from '../../../src/simulator/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'

async function start(t: Teardown, model: string, options: Partial<ThermostatOptions> = {}) {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { model, clock, lock: 'lan', telemetryTime: true, ...options })
  const rig = startRegistry(t, unit, { clock, hw: model === 'old' ? 'oz' : model })
  await rig.refresh()
  const { set } = rig
  const codeOf = async (command: object) => (await rig.errorOf(rig.registry.set(SERIAL, command)))?.code
  return { clock, unit, rig, set, codeOf }
}

for (const model of ['ax', 'sx', 'rx', 'bx', 'az', 'old', 'oz']) {
  t.test(`${model}: by the floor in whole degrees, whatever the wire has`, async (t) => {
    const { unit, rig, set } = await start(t, model)
    await set({ mode: 'heat', ...(unit.parameter(33) === undefined ? {} : { control_type: 'floor' }) })
    t.equal(rig.view().setpointStep, 1)
    const { state, rounded } = await set({ target_temperature: 23.4 })
    t.match([state.target_temperature, rounded], [23, { target_temperature: { asked: 23.4, set: 23 } }])
    t.equal(unit.parameter(5), model === 'oz' ? '230' : '23')
    const text = await set({ target_temperature: '24.0' })
    t.match([text.state.target_temperature, text.rounded], [24, {}], 'as Home Assistant writes it')
  })

  t.test(`${model}: in auto a setpoint is temporary, in manual it stays`, async (t) => {
    const { unit, set } = await start(t, model)
    const manual = (await set({ mode: 'heat', target_temperature: 22 })).state
    t.match(manual, { operating_mode: 'manual', target_temperature: 22 })
    const temporary = (await set({ mode: 'auto' })).state
    t.match(temporary, { operating_mode: 'schedule' })
    t.match((await set({ target_temperature: 19 })).state, { operating_mode: 'temporary', target_temperature: 19 })
    t.equal(unit.parameter(29), model === 'oz' ? '190' : '19')
    t.match((await set({ mode: 'heat' })).state, { target_temperature: 22 }, 'the manual one is untouched')
  })

  t.test(`${model}: limits are those of the device, also after it has moved them`, async (t) => {
    const { unit, rig, set, codeOf } = await start(t, model)
    await set({ mode: 'heat', ...(unit.parameter(33) === undefined ? {} : { control_type: 'floor' }) })
    t.equal(await codeOf({ target_temperature: 46 }), 'OUT_OF_RANGE')
    t.equal(await codeOf({ target_temperature: 4 }), 'OUT_OF_RANGE')
    await set({ floor_setpoint_max: 30 })
    t.equal(await codeOf({ target_temperature: 31 }), 'OUT_OF_RANGE')
    t.match((await set({ target_temperature: 30 })).state, { target_temperature: 30 })
    unit.setLocally(26, 40)
    await rig.refresh()
    t.match((await set({ target_temperature: 40 })).state, { target_temperature: 40 }, 'moved at the device')
    t.match(
      (await set({ floor_setpoint_max: 45, target_temperature: 45 })).state,
      { floor_setpoint_max: 45, target_temperature: 45 },
      'moved in the same command',
    )
    for (const bad of ['warm', null, Number.NaN, [20], true]) {
      t.equal(await codeOf({ target_temperature: bad }), 'BAD_REQUEST', String(bad))
    }
  })

  if (model === 'oz') continue
  t.test(`${model}: always on and always off are not in its document`, async (t) => {
    const { codeOf } = await start(t, model)
    t.equal(await codeOf({ load_control: 'always_on' }), 'UNKNOWN_KEY')
    t.ok(['OUT_OF_RANGE', 'BAD_REQUEST'].includes(String(await codeOf({ temporary_setpoint: 127 }))))
  })
}

t.test('oz: by the air in tenths, shown in the step that it names', async (t) => {
  const { unit, rig, set } = await start(t, 'oz')
  await set({ mode: 'heat', control_type: 'air' })
  t.equal(rig.view().setpointStep, 0.5)
  const { state, rounded } = await set({ target_temperature: 21.3 })
  t.match([state.target_temperature, rounded], [21.3, {}], 'the LAN takes tenths')
  t.equal(unit.parameter(4), '213')
  const finer = await set({ target_temperature: 21.37 })
  t.match([finer.state.target_temperature, finer.rounded], [21.4, { target_temperature: { asked: 21.37, set: 21.4 } }])
  unit.quirks.injectReplies.push({
    on: 4,
    reply: { raw: JSON.stringify({ sn: SERIAL, 't.5': '344', 'm.0': '1', 'm.1': '3', setPointStep: '0.1' }) },
  })
  await rig.refresh()
  t.equal(rig.view().setpointStep, 0.1)
})

t.test('oz: the limits in force follow the control type, also within one command', async (t) => {
  const { set, codeOf } = await start(t, 'oz')
  await set({ mode: 'heat', control_type: 'air' })
  t.equal(await codeOf({ target_temperature: 40 }), 'OUT_OF_RANGE', 'air goes to 35')
  t.match((await set({ target_temperature: 40, control_type: 'floor' })).state, { target_temperature: 40 })
  t.equal(await codeOf({ target_temperature: 40, control_type: 'air' }), 'OUT_OF_RANGE')
  t.match((await set({ air_setpoint_min: -10, control_type: 'air', target_temperature: -5.5 })).state, {
    target_temperature: -5.5,
  })
})

t.test('oz: always on and always off, in place of the schedule’s setpoint', async (t) => {
  const { unit, rig, set, codeOf } = await start(t, 'oz')
  await set({ mode: 'heat', control_type: 'air' })
  t.equal(await codeOf({ load_control: 'always_on' }), 'BAD_REQUEST', 'not in manual')
  t.equal(await codeOf({ load_control: 'perhaps' }), 'OUT_OF_RANGE')
  const on = await set({ mode: 'auto', load_control: 'always_on' })
  t.match(on.state, { load_control: 'always_on', target_temperature: null, load: true, mode: 'auto' })
  t.equal(unit.parameter(29), '127', 'this unit means 127 as it stands')
  t.match((await set({ load_control: 'always_off' })).state, { load_control: 'always_off', target_temperature: null })
  t.equal(unit.parameter(29), '-127')
  t.match((await set({ target_temperature: 21 })).state, { load_control: 'by_setpoint', target_temperature: 21 })
  await set({ load_control: 'always_on' })
  const back = await set({ load_control: 'by_setpoint' })
  t.match(back.state, { load_control: 'by_setpoint', operating_mode: 'schedule' })
  t.type(back.state.target_temperature, 'number')
  await set({ preset: 'away' })
  t.equal(await codeOf({ load_control: 'always_on' }), 'BAD_REQUEST', 'not while away')
  await set({ preset: 'none', mode: 'heat' })
  t.match((await set({ load_control: 'by_setpoint' })).state, { load_control: 'by_setpoint' }, 'as it is')
  t.ok(rig.view().features.has('load_control'))
})

t.test('oz: a temporary 12.7 °C is never written as what may mean always on', async (t) => {
  const { unit, set } = await start(t, 'oz')
  await set({ mode: 'auto', control_type: 'air' })
  const { state, rounded } = await set({ target_temperature: 12.7 })
  t.match([state.target_temperature, rounded], [12.6, { target_temperature: { asked: 12.7, set: 12.6 } }])
  t.equal(unit.parameter(29), '126')
  t.match(await set({ mode: 'heat', target_temperature: 12.7 }), { state: { target_temperature: 12.7 }, rounded: {} })
})

t.test('what is set in the setpoint’s place by a unit that means 127 °C, or shows it in its telemetry', async (t) => {
  const { unit, rig, set } = await start(t, 'oz')
  await set({ mode: 'auto', control_type: 'air' })
  const show = async (tenths: string, sixteenths: string) => {
    unit.setLocally(29, Number(tenths))
    const reply = JSON.stringify({ sn: SERIAL, 't.5': sixteenths, 'm.0': '1', 'm.1': '5', 'm.5': '0' })
    const par = JSON.stringify({
      sn: SERIAL,
      par: [
        [2, 2, '0'],
        [5, 3, '200'],
        [29, 3, tenths],
        [31, 3, tenths],
      ],
    })
    unit.quirks.injectReplies.push({ on: 1, reply: { raw: par } }, { on: 4, reply: { raw: reply } })
    await rig.refresh()
    return [rig.view().state.load_control, rig.view().state.target_temperature]
  }
  t.same(await show('1270', '560'), ['always_on', null])
  t.same(await show('-1270', '80'), ['always_off', null])
  t.same(await show('127', '2032'), ['always_on', null])
  t.same(await show('127', '203'), ['by_setpoint', 12.7], 'telemetry says that it is a temperature')
  t.same(await show('210', '336'), ['by_setpoint', 21])
})

t.test('every rounding is told, of boost as well', async (t) => {
  const { set } = await start(t, 'oz')
  t.match(await set({ boost_minutes: 30.4 }), { rounded: { boost_minutes: { asked: 30.4, set: 30 } } })
  t.match(await set({ hysteresis: 1.26 }), {
    rounded: { hysteresis: { asked: 1.26, set: 1.3 } },
    state: { hysteresis: 1.3 },
  })
  t.match(await set({ rated_power: 2011 }), { rounded: { rated_power: { asked: 2011 } } })
})

t.test('limits that contradict each other are not held against a setpoint', async (t) => {
  const source = (min: number, max: number) => ({
    value: (key: string) => ({ floor_setpoint_min: min, floor_setpoint_max: max })[key],
    tenths: false,
    setpointStep: undefined,
  })
  t.same(setpointBounds('floor', source(40, 10)), { min: 5, max: 45, resolution: 1 })
  t.same(setpointBounds('floor', source(10, 40)), { min: 10, max: 40, resolution: 1 })
})

t.test('oz: standby, and the mode that follows it', async (t) => {
  const { unit, rig, set } = await start(t, 'oz')
  await set({ mode: 'auto' })
  const wait = async () => {
    unit.device.controller.standby = true
    return (await rig.refresh()).state
  }
  const waiting = { operating_mode: 'standby', preset: 'none', action: 'idle', load: false }
  t.match(await wait(), { ...waiting, mode: 'auto', next_operating_mode: 'schedule' })
  t.match(
    (await set({ mode: 'heat' })).state,
    { operating_mode: 'manual', next_operating_mode: null },
    'a mode ends it',
  )
  t.match(await wait(), { ...waiting, mode: 'heat', next_operating_mode: 'manual' })
  t.match((await set({ brightness: 3 })).state, waiting, 'nothing else does')
  t.match((await set({ mode: 'auto', preset: 'boost', boost_minutes: 10 })).state, {
    operating_mode: 'timer',
    next_operating_mode: 'schedule',
    timer_remaining: 600,
  })
})

for (const model of ['ax', 'sx', 'rx', 'bx', 'az', 'old'] as const) {
  t.test(`${model}: a boost by the bridge's timer, signed, in auto and by hand`, async (t) => {
    const { clock, unit, rig, set } = await start(t, model)
    await set({ mode: 'auto' })
    const boost = { preset: 'boost', boost_minutes: 20, timer_setpoint: 33 }
    t.match((await set(boost)).state, { preset: 'boost', operating_mode: 'temporary', target_temperature: 33 })
    t.match((await set({ preset: 'none' })).state, { preset: 'none', operating_mode: 'schedule', timer_end: null })
    await set({ mode: 'heat', target_temperature: 21 })
    t.match((await set(boost)).state, { preset: 'boost', operating_mode: 'manual', target_temperature: 33 })
    t.equal(unit.parameter(5), '33')
    await clock.advance(20 * 60_000)
    await rig.refresh()
    for (let turn = 0; unit.parameter(5) !== '21' && turn < 5_000; turn++) await clock.advance(5)
    t.match((await rig.refresh()).state, { preset: 'none', target_temperature: 21 })
  })
}
