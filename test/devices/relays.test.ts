/** MS and D2W through registry, link and sockets: state, commands, and what another kind of device sends. */

import t from 'tap'
import { isObject } from '../../src/core/json.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fixture, list, object } from '../support/fixtures.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../support/simulator.ts'
import { startRegistry } from './rig.ts'

async function start(t: Teardown, model: 'ms' | 'd2w', hw: string | null = model) {
  const clock = new FakeClock()
  const relay = await startRelay(t, model, { clock, lock: 'lan', utcOffset: 3 })
  const rig = startRegistry(t, relay, { clock, hw })
  await rig.refresh()
  const { set } = rig
  return { clock, relay, rig, set }
}

const published = (name: string) => list(fixture(name).exchanges).map((exchange) => object(object(exchange).response))

t.test('an MS is a switch: 125 = 1 is on', async (t) => {
  const { relay, rig, set } = await start(t, 'ms')
  t.match(rig.view(), {
    model: 'ms',
    name: 'Welrok MS 404CCAAAD4E8',
    state: { relay: false, load: false, problem: false },
  })
  t.notOk('mode' in rig.view().state || 'target_temperature' in rig.view().state)
  t.match((await set({ relay: true })).state, { relay: true, load: true })
  t.equal(relay.parameter(125), '1')
  t.match((await set({ relay: 'OFF' })).state, { relay: false, load: false })
  t.match((await set({ power_on_state: 'on', switch_type: 'latching', button_press_time: 5 })).state, {
    power_on_state: 'on',
    switch_type: 'latching',
    button_press_time: 5,
  })
  relay.setLocally(125, 1)
  await rig.clock.advance(1000)
  await rig.refresh()
  t.match(rig.view().state, { relay: true, load: true }, 'switched by hand')
  for (const [command, code] of [
    [{ mode: 'off' }, 'UNKNOWN_KEY'],
    [{ target_temperature: 20 }, 'UNKNOWN_KEY'],
    [{ relay: 'perhaps' }, 'BAD_REQUEST'],
    [{ load: true }, 'READ_ONLY'],
    [{ power_on_state: 'dim' }, 'OUT_OF_RANGE'],
    [{ brightness: 11 }, 'OUT_OF_RANGE'],
  ] as const) {
    t.equal((await rig.errorOf(rig.registry.set(SERIAL, command)))?.code, code, JSON.stringify(command))
  }
})

t.test('a D2W is a switch that goes by the voltage: 119 = true is off', async (t) => {
  const { relay, rig, set } = await start(t, 'd2w')
  t.match(rig.view(), {
    model: 'd2w',
    state: {
      relay: true,
      load: true,
      voltage: 222,
      voltage_max: 245,
      device_status: 'on',
      problem: false,
      lock: 'lan',
    },
  })
  t.match((await set({ relay: false })).state, { relay: false, load: false })
  t.equal(relay.parameter(119), '1')
  t.match((await set({ relay: true })).state, { relay: true, load: false, switch_on_remaining: 3 }, 'after its delay')
  t.match((await set({ low_voltage_time: 0.3, voltage_correction: -8, delay_model: 'tAo' })).state, {
    low_voltage_time: 0.3,
    delay_model: 'tAo',
  })
  t.equal(relay.parameter(13), '3', 'tenths of a second')
  t.match(await set({ low_voltage_time: 0.34, voltage_max: 250.4 }), {
    rounded: { low_voltage_time: { asked: 0.34, set: 0.3 }, voltage_max: { asked: 250.4, set: 250 } },
    state: { voltage_max: 250 },
  })
  t.equal((await rig.errorOf(rig.registry.set(SERIAL, { voltage_min: 211 })))?.code, 'OUT_OF_RANGE')
  const inside = relay.voltageRelay
  if (!inside) throw new Error('no D2W')
  inside.mains = 270
  await rig.refresh()
  t.match(rig.view().state, { voltage: 262, voltage_high: true, load: false, relay: true, problem: true })
  inside.mains = 230
  inside.press()
  await rig.refresh()
  t.match(rig.view().state, { device_status: 'off_by_button', relay: false })
})

t.test('what a relay can be told to do', async (t) => {
  for (const model of ['ms', 'd2w'] as const) {
    const { relay, rig } = await start(t, model)
    for (const action of ['reset_parameters', 'reset_schedule'] as const) {
      const error = await rig.errorOf(rig.registry.action(SERIAL, action))
      t.match(error, { code: 'BAD_REQUEST', message: /restart, blink, sync_clock/ }, `${model} ${action}`)
    }
    relay.device.clock.set(relay.device.clock.seconds() + 1000)
    await rig.refresh()
    t.match(rig.view().state, { clock_offset: 1000, clock_wrong: true, problem: true })
    await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
    t.match(rig.view().state, { clock_wrong: false })
    t.ok(Math.abs(Number(rig.view().state.clock_offset)) < 5)
    await rig.passing(rig.registry.action(SERIAL, 'blink'))
    await rig.passing(rig.registry.action(SERIAL, 'restart'))
  }
})

t.test('found by its address alone, a D2W is known by how it writes, also after a restart', async (t) => {
  const { clock, rig } = await start(t, 'd2w', null)
  t.match(rig.view(), { model: 'd2w', hw: 'd2w' })
  await clock.advance(1000)
  t.equal(rig.saved.at(-1)?.hw, 'd2w')
  t.equal(rig.registry.mayBeNameless(SERIAL), true)
  t.equal(rig.registry.mayBeNameless('SOMEBODY'), true)
  const ms = await start(t, 'ms', null)
  t.equal(ms.rig.view().model, 'ms', 'and an MS by its parameters')
  t.equal(ms.rig.registry.mayBeNameless(SERIAL), false)
})

t.test('a thermostat’s message sent by a relay changes nothing', async (t) => {
  for (const model of ['ms', 'd2w'] as const) {
    const { relay, rig, clock } = await start(t, model)
    const before = rig.view()
    for (const name of ['ax', 'oz']) {
      const messages = [
        [1, { ...object(fixture(`${name}-parameters`).response), sn: SERIAL }],
        [4, { ...object(fixture(`${name}-telemetry`).response), sn: SERIAL }],
      ] as const
      for (const [on, message] of messages) {
        relay.quirks.injectReplies.push({ on, reply: { raw: JSON.stringify(message) } })
        t.match(await rig.errorOf(rig.registry.refresh(SERIAL)), { code: 'DEVICE_BAD_REPLY' }, `${model} ${name} ${on}`)
        t.same(rig.view().state, before.state)
        t.same([rig.view().model, rig.view().hw, [...rig.view().features]], [model, model, [...before.features]])
      }
    }
    await clock.advance(1000)
    t.equal((await rig.refresh()).online, true, 'the next true answer is taken')
  }
})

t.test('a relay’s message sent by a thermostat changes nothing', async (t) => {
  for (const model of ['ax', 'oz'] as const) {
    const clock = new FakeClock()
    const unit = await startThermostat(t, { clock, model })
    const rig = startRegistry(t, unit, { clock, hw: model })
    await rig.refresh()
    const before = rig.view()
    for (const name of ['ms', 'd2w']) {
      const [parameters, , telemetry] = published(name)
      for (const [on, message] of [
        [1, parameters],
        [4, telemetry],
      ] as const) {
        const own = isObject(message) && 'sn' in message ? { ...message, sn: SERIAL } : message
        unit.quirks.injectReplies.push({ on, reply: { raw: JSON.stringify(own) } })
        t.match(await rig.errorOf(rig.registry.refresh(SERIAL)), { code: 'DEVICE_BAD_REPLY' }, `${model} ${name} ${on}`)
        t.same(rig.view().state, before.state)
        t.equal(rig.view().model, model)
      }
    }
    t.equal((await rig.refresh()).online, true)
  }
})

t.test('a beacon can’t say that a device is of another kind than it has shown', async (t) => {
  const { rig } = await start(t, 'ms')
  rig.registry.found(SERIAL, rig.view().address ?? { host: '127.0.0.1', port: 80 }, 'D2W')
  rig.registry.alive({ serial: SERIAL, hw: 'az', connection: null, wifi: null, cloud: null })
  t.match([rig.view().model, rig.view().hw], ['ms', 'ms'])
})

t.test('a forged beacon before the first answer is set right by the true ones', async (t) => {
  const { rig, clock } = await (async () => {
    const clock = new FakeClock()
    const relay = await startRelay(t, 'ms', { clock })
    return { clock, rig: startRegistry(t, relay, { clock, hw: 'ax' }) }
  })()
  t.match(await rig.errorOf(rig.registry.refresh(SERIAL)), { code: 'DEVICE_BAD_REPLY', message: /relay/ })
  t.equal(rig.view().state.lock, null, 'nothing of it is taken in')
  rig.registry.alive({ serial: SERIAL, hw: 'ms', connection: null, wifi: null, cloud: null })
  for (let i = 0; i < 50 && !rig.view().online; i++) await clock.advance(5)
  t.match(rig.view(), { model: 'ms', online: true })
})

t.test('a D2W whose address another D2W has now is found where it went, though neither says who it is', async (t) => {
  const { rig, relay, clock } = await start(t, 'd2w')
  const moved = await startRelay(t, 'd2w', { clock })
  const settle = async () => {
    for (let i = 0; i < 50; i++) await clock.advance(200)
  }
  rig.registry.found(SERIAL, moved, 'D2W')
  await settle()
  t.equal(rig.view().address?.port, relay.port, 'something there answers as a D2W does')
  rig.registry.found('DW00000002', relay, 'D2W')
  await settle()
  rig.registry.found(SERIAL, moved, 'D2W')
  await settle()
  t.equal(rig.view().address?.port, moved.port)
})
