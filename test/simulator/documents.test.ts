/** The virtual devices against the tables of the vendors' documents: every parameter, every field, every mode, every flag. */
import t from 'tap'
import { isObject } from '../../src/core/json.ts'
import { D2w } from '../../src/simulator/relays/d2w.ts'
import { Ms } from '../../src/simulator/relays/ms.ts'
import { DOCUMENTED, FIELDS, TERNEO_FIELDS, WELROK_FIELDS } from '../catalog/documented.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { startRelay, startThermostat } from '../support/simulator.ts'
import { ask, inForce } from './support.ts'

/** Thursday 2026-01-15 12:00 UTC, when the schedule says 25 °C until 17:00. */
const NOON = Date.UTC(2026, 0, 15, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const seconds = (unixMs: number) => String(unixMs / 1000 - 946_684_800)

/** What the document of OZ prints otherwise in its table or its reply. */
const OZ_WIRE: Readonly<Record<number, number>> = { 4: 3, 5: 3, 6: 3, 7: 3, 14: 1, 15: 1, 29: 3, 31: 3 }

/** In the tables of the air sensor that Welrok's models without one do not have. */
const OF_THE_AIR = ['t.2', 'f.2', 'f.5', 'f.6', 'f.8', 'f.17']

const THERMOSTATS = ['ax', 'sx', 'rx', 'bx', 'az', 'old', 'oz'] as const

async function whole(teardown: Parameters<typeof startThermostat>[0], model: string, clock = new FakeClock(NOON)) {
  const airSensor = ['ax', 'sx', 'rx', 'bx'].includes(model)
  const options = { model, clock, lock: 'none', airSensor, wholeDocument: true, telemetryTime: true } as const
  const unit = await startThermostat(teardown, options)
  const telemetry = () => ask(unit, { cmd: 4 })
  const write = (...par: unknown[]) => ask(unit, { sn: unit.serial, par })
  return { unit, clock, telemetry, write }
}

t.test('every parameter, of its type, and read-only where it says so', async (t) => {
  const wrong: unknown[] = []
  for (const model of THERMOSTATS) {
    const { unit, write } = await whole(t, model)
    const types = new Map(unit.device.parameterList().map(([id, type]) => [id, type]))
    for (const [id, printed] of DOCUMENTED[model] ?? []) {
      const wire = model === 'oz' ? (OZ_WIRE[id] ?? printed) : printed
      if (types.get(id) !== wire) wrong.push([model, id, types.get(id), wire])
    }
    for (const id of [28, 36, 55, 109].filter((id) => types.has(id))) {
      await write([id, types.get(id), '1'])
      if (!unit.writes.at(-1)?.reason.includes('read-only')) wrong.push([model, id, 'written'])
    }
  }
  for (const model of ['ms', 'd2w'] as const) {
    const relay = await startRelay(t, model)
    const types = new Map(relay.device.parameterList().map(([id, type]) => [id, type]))
    for (const [id, wire] of DOCUMENTED[model] ?? []) if (types.get(id) !== wire) wrong.push([model, id])
  }
  t.strictSame(wrong, [])
})

t.test('every field of the telemetry', async (t) => {
  const missing: string[] = []
  for (const model of THERMOSTATS) {
    const { telemetry } = await whole(t, model)
    const fields = await telemetry()
    const terneo = ['ax', 'sx', 'rx', 'bx'].includes(model)
    const floorOnly = model === 'az' || model === 'old'
    for (const [field] of FIELDS[model] ?? (terneo ? TERNEO_FIELDS : WELROK_FIELDS)) {
      // Terneo calls f.17 reserved.
      if ((floorOnly && OF_THE_AIR.includes(field)) || (terneo && field === 'f.17')) continue
      if (!(field in fields)) missing.push(`${model} ${field}`)
    }
  }
  for (const model of ['ms', 'd2w'] as const) {
    const relay = await startRelay(t, model)
    const reply = await ask(relay, { cmd: 4 })
    const flat = isObject(reply.telemetry)
      ? Object.entries(reply.telemetry).flatMap(([group, fields]) =>
          Object.keys(isObject(fields) ? fields : {}).map((number) => `${group}.${number}`),
        )
      : Object.keys(reply)
    for (const [field] of FIELDS[model] ?? []) if (!flat.includes(field)) missing.push(`${model} ${field}`)
  }
  t.strictSame(missing, [])
})

t.test('every operating mode that the document names, and every flag', async (t) => {
  const wrong: unknown[] = []
  for (const model of THERMOSTATS) {
    const { unit, clock, telemetry, write } = await whole(t, model)
    const int = model === 'oz' ? 3 : 1
    const tenth = model === 'oz' ? 10 : 1
    const [start, end] = model === 'oz' ? [66, 67] : [0, 1]
    const reach = async (mode: string, ...par: unknown[]) => {
      if (par.length > 0) await write(...par)
      const [now] = await inForce(unit)
      if (now !== mode) wrong.push([model, mode, now])
    }
    await reach('3', [3, 2, '0'], [2, 2, '1'])
    await reach('0', [2, 2, '0'])
    await reach('5', [29, int, String(20 * tenth)])
    await reach('4', [start, 6, seconds(clock.now() - HOUR)], [end, 6, seconds(clock.now() + HOUR)])
    await write([start, 6, '0'], [end, 6, '0'])
    if (model === 'oz') {
      await reach('6', [64, 6, seconds(clock.now() + HOUR)])
      unit.device.controller.standby = true
      await reach('1')
      if ((await telemetry())['m.6'] !== '6') wrong.push('the timer follows the standby')
      await write([64, 6, '0'], [2, 2, '0'])
    }
    for (const field of Object.keys(await telemetry())) {
      const number = Number(/^f\.(\d+)$/.exec(field)?.[1] ?? Number.NaN)
      // Those that follow from something else: load, off, air sensor.
      if (Number.isNaN(number) || [0, 16, 22].includes(number)) continue
      unit.device.faults.add(number)
      if ((await telemetry())[field] !== '1') wrong.push([model, field])
      unit.device.faults.clear()
    }
  }
  t.strictSame(wrong, [])
})

t.test('preheating: ahead of a warmer period, while the schedule holds', async (t) => {
  const { unit, clock, telemetry, write } = await whole(t, 'az')
  await write([2, 2, '0'], [121, 7, '1'])
  await clock.advance(3 * HOUR)
  t.match(await telemetry(), { 'f.7': '0', 't.5': String(25 * 16) })
  await clock.advance(HOUR + 55 * MINUTE)
  t.match(await telemetry(), { 'f.7': '1', 'm.1': '0', 't.5': String(25 * 16), 'f.0': '1' }, 'five minutes before')
  await clock.advance(5 * MINUTE)
  t.match(await telemetry(), { 'f.7': '0', 't.5': String(30 * 16) })
  unit.setLocally(2, 1)
  t.match(await telemetry(), { 'f.7': '0' })
})

t.test('an open window keeps the load off for half an hour', async (t) => {
  const { unit, clock, telemetry, write } = await whole(t, 'oz')
  await write([122, 7, '1'], [3, 2, '1'], [4, 3, '300'])
  t.match(await telemetry(), { 'f.8': '0', 'f.0': '1' })
  await clock.advance(MINUTE)
  unit.device.thermal.air -= 4
  t.match(await telemetry(), { 'f.8': '1' })
  await clock.advance(MINUTE)
  t.match(await telemetry(), { 'f.8': '1', 'f.0': '0' })
  await clock.advance(30 * MINUTE)
  t.match(await telemetry(), { 'f.8': '0', 'f.0': '1' })
})

t.test('a load on for longer than its warning time, and one that is too hot inside', async (t) => {
  const { unit, clock, telemetry, write } = await whole(t, 'oz')
  await write([3, 2, '0'], [5, 3, '450'])
  unit.device.thermal.outdoor = -30
  for (let hour = 0; hour < 25; hour++) {
    await clock.advance(HOUR)
    unit.device.thermal.floor = 10
    await telemetry()
  }
  t.match(await telemetry(), { 'f.0': '1', 'f.17': '1' })
  unit.device.faults.add(9)
  await clock.advance(MINUTE)
  t.match(await telemetry(), { 'f.9': '1', 'f.0': '0', 'f.17': '0' })
})

t.test('the clock: out of step with the cloud, and set through the LAN', async (t) => {
  const { unit, telemetry } = await whole(t, 'oz')
  const set = (off: number) =>
    ask(unit, { sn: unit.serial, time: String(Math.floor(unit.device.clock.seconds()) + off) })
  t.match(await telemetry(), { 'f.10': '0', 'f.21': '0' })
  await set(3600)
  t.match(await telemetry(), { 'f.10': '1', 'f.21': '1' }, 'it ignores the cloud from now on')
  await set(2 * 86_400)
  t.match(await telemetry(), { 'f.21': '0' }, 'more than a day: it follows the cloud again')
  await set(-60)
  t.match(await telemetry(), { 'f.21': '1' })
  await ask(unit, { cmd: 5, sn: unit.serial })
  t.match(await telemetry(), { 'f.21': '0' }, 'factory settings')
})

t.test('an MS by its button and its external switch, a D2W that overheats for the fifth time', async (t) => {
  const ms = await startRelay(t, 'ms', { lock: 'none' })
  const { device } = ms
  if (!(device instanceof Ms)) return t.fail('no MS')
  const relay = () => ms.parameter(125)
  device.press()
  t.equal(relay(), '1')
  ms.setLocally(68, 3)
  device.press(2)
  t.equal(relay(), '1', 'too short')
  ms.setLocally(124, 1)
  device.press(5)
  t.equal(relay(), '1', 'locked')
  device.latch(false)
  t.equal(relay(), '1', 'it has a momentary switch')
  ms.setLocally(71, 1)
  device.latch(false)
  t.equal(relay(), '0')
  const d2w = await startRelay(t, 'd2w', { lock: 'none' })
  const { device: inside } = d2w
  if (!(inside instanceof D2w)) return t.fail('no D2W')
  for (let time = 1; time <= 5; time++) {
    inside.faults.add(0)
    t.match(await ask(d2w, { cmd: 4 }), { telemetry: { f: { 0: true, 6: time === 5, 10: false } } })
    inside.faults.delete(0)
    await ask(d2w, { cmd: 4 })
  }
  inside.press()
  inside.press()
  t.match(await ask(d2w, { cmd: 4 }), { telemetry: { f: { 0: false, 6: false } } })
})
