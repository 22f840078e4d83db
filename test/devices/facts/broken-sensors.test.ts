/**
 * A sensor that reports itself broken has no temperature: Terneo, "Telemetry", f.3 to f.6; Welrok OZ, "Telemetry", f.3 to f.5
 * (f.6 is reserved). Over native MQTT owners see `open` in place of a number.
 */
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { readMessage } from '../../../src/native/messages.ts'
import type { Quirks } from '../../../src/simulator/quirks.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'

const SHOWN: readonly Quirks['brokenSensor'][] = ['left-out', 'open', -128, 1024, 0]

async function rigOf(t: Teardown, model: 'ax' | 'oz', brokenSensor: Quirks['brokenSensor']) {
  const clock = new FakeClock()
  const airSensor = { airSensor: true, wholeDocument: true, telemetryTime: true }
  const unit = await startThermostat(t, { clock, model, lock: 'none', quirks: { brokenSensor }, ...airSensor })
  const rig = startRegistry(t, unit, { clock, hw: model })
  await rig.refresh()
  /** What it publishes under a name, taken in as if it came over MQTT. */
  const publish = (name: string, payload: string) => {
    const message = readMessage(name, Buffer.from(payload), SERIAL)
    if (typeof message === 'string' || message.kind === 'answer') throw new Error(`${name} ${payload} is no news`)
    rig.registry.published(SERIAL, message)
  }
  return { clock, unit, rig, publish }
}

const FAULTS = [
  ['ax', 3, 'floor_temperature', 'floor_sensor_missing'],
  ['ax', 4, 'floor_temperature', 'floor_sensor_shorted'],
  ['ax', 5, 'air_temperature', 'air_sensor_missing'],
  ['ax', 6, 'air_temperature', 'air_sensor_shorted'],
  ['oz', 3, 'floor_temperature', 'floor_sensor_missing'],
  ['oz', 4, 'floor_temperature', 'floor_sensor_shorted'],
  ['oz', 5, 'air_temperature', 'air_sensor_missing'],
] as const

for (const [model, fault, key, flag] of FAULTS) {
  t.test(`${model} with f.${fault}: ${key} is null, whatever is shown in its place`, async (t) => {
    for (const shown of SHOWN) {
      const { unit, rig, publish } = await rigOf(t, model, shown)
      const floor = key === 'floor_temperature'
      unit.setLocally(3, floor ? 0 : 1)
      t.type((await rig.refresh()).state[key], 'number')
      unit.device.faults.add(fault)
      t.match(
        (await rig.refresh()).state,
        { [key]: null, [flag]: true, current_temperature: null, problem: true },
        `${shown}`,
      )
      for (const payload of ['0.0', '-128.0', '1024.0', 'open']) {
        publish(floor ? 'floorTemp' : 'airTemp', payload)
        t.equal(rig.view().state[key], null, `${shown}, then ${payload} by MQTT`)
      }
      unit.device.faults.delete(fault)
      t.match((await rig.refresh()).state, { [key]: Number, current_temperature: Number, problem: false })
    }
  })
}

t.test('over MQTT alone, `open` and what no sensor measures mean the same', async (t) => {
  const { clock, unit, rig, publish } = await rigOf(t, 'oz', 'open')
  for (const [name, key] of [
    ['floorTemp', 'floor_temperature'],
    ['airTemp', 'air_temperature'],
    ['protTemp', 'device_temperature'],
  ] as const) {
    for (const payload of ['open', '-128.0', '1024.0']) {
      publish(name, '21.5')
      t.equal(rig.view().state[key], 21.5, name)
      publish(name, payload)
      t.equal(rig.view().state[key], null, `${name} ${payload}`)
      await clock.advance(1_000)
    }
  }
  unit.device.faults.add(3)
  t.type((await rig.refresh()).state.air_temperature, 'number', 'an answer after it holds again')
})

t.test('OZ: f.6 is reserved and no fault', async (t) => {
  const { unit, rig } = await rigOf(t, 'oz', 'left-out')
  unit.setLocally(3, 1)
  unit.quirks.injectReplies.push({
    on: 4,
    reply: { raw: JSON.stringify({ sn: SERIAL, 't.2': '371', 'f.3': '0', 'f.6': '1', 'm.0': '1' }) },
  })
  const { state } = await rig.refresh()
  t.match(state, { problem: false, air_temperature: 23.19, unknown: { 'f.6': '1' } })
  t.notOk('air_sensor_shorted' in state)
})

t.test('what no row describes is shown as it came, whatever its group', async (t) => {
  const { unit, rig } = await rigOf(t, 'ax', 'left-out')
  const more = { 'i.0': '7', 'w.1': '230', 'p.2': '1500', 'r.3': '-1', 'par.116': '1', 'par.31': '24', 'par.26': '40' }
  unit.quirks.injectReplies.push({ on: 4, reply: { raw: JSON.stringify({ sn: SERIAL, 't.1': '416', ...more }) } })
  const { state } = await rig.refresh()
  const unknown = isObject(state.unknown) ? state.unknown : {}
  t.match(unknown, { 'i.0': '7', 'w.1': '230', 'p.2': '1500', 'r.3': '-1', 'par.116': '1' })
  t.notOk('par.31' in unknown || 'par.26' in unknown, 'what the model has')
  t.equal(state.floor_setpoint_max, 40)
  unit.quirks.injectReplies.push({ on: 4, reply: { raw: JSON.stringify({ sn: SERIAL, 'i.0': '7' }) } })
  t.equal((await rig.errorOf(rig.registry.refresh(SERIAL)))?.code, 'DEVICE_BAD_REPLY', 'nothing of telemetry in it')
})

t.test('the least hysteresis is the device’s, a tenth (Terneo bx, manual: 0.1 to 10)', async (t) => {
  for (const model of ['ax', 'oz'] as const) {
    const { unit, rig } = await rigOf(t, model, 'left-out')
    const set = (hysteresis: number) => rig.registry.set(SERIAL, { hysteresis })
    t.match((await rig.passing(set(0.1))).state, { hysteresis: 0.1 })
    t.equal(unit.parameter(19), '1', model)
    t.equal((await rig.errorOf(set(0)))?.code, 'OUT_OF_RANGE')
  }
})
