import t from 'tap'
import { unitsOf, wattsOf } from '../../../src/simulator/device/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { startThermostat } from '../../support/simulator.ts'
import { ask } from '../support.ts'

const MINUTE = 60_000

t.test('a floor warms to its setpoint and is held there', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock, floorTemperature: 20 })
  const look = async () => {
    const telemetry = await ask(thermostat, { cmd: 4 })
    return { floor: Number(telemetry['t.1']) / 16, on: telemetry['f.0'] === '1' }
  }
  t.match(await look(), { floor: 20, on: true })
  await clock.advance(10 * MINUTE)
  const warmer = await look()
  t.ok(warmer.floor > 21 && warmer.on, `warmer: ${warmer.floor}`)
  const changes = new Set<boolean>()
  await clock.advance(120 * MINUTE)
  for (let i = 0; i < 60; i++) {
    await clock.advance(MINUTE)
    const { floor, on } = await look()
    changes.add(on)
    t.ok(floor > 28.5 && floor < 30.5, `held: ${floor}`)
  }
  t.equal(changes.size, 2, 'the load switches')
  await ask(thermostat, { sn: thermostat.serial, par: [[125, 7, '1']] })
  t.equal((await look()).on, false)
  await clock.advance(60 * MINUTE)
  t.ok((await look()).floor < 27, 'off, it cools')
})

t.test('the meter counts the load by its rated power', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, {
    model: 'az',
    lock: 'none',
    clock,
    floorTemperature: 5,
    ratedPower: 1200,
  })
  t.equal(thermostat.parameter(17), '120')
  await clock.advance(30 * MINUTE)
  t.equal(Math.round(thermostat.meter), 600)
  thermostat.setLocally(125, 1)
  await clock.advance(30 * MINUTE)
  t.equal(Math.round(thermostat.meter), 600)
  const untold = await startThermostat(t, { model: 'oz', clock, airTemperature: 5 })
  await clock.advance(30 * MINUTE)
  t.equal(Math.round(untold.meter), 500, '1 kW when nobody told it')
})

t.test('units of the connected power are continuous at 150', async (t) => {
  t.equal(wattsOf(150), 1500)
  t.equal(wattsOf(151), 1520)
  t.equal(wattsOf(175), 2000)
  for (const watts of [0, 10, 1500, 1520, 2000, 3400]) t.equal(wattsOf(unitsOf(watts)), watts)
})

t.test('does not care how often somebody looks', async (t) => {
  const clock = new FakeClock()
  const options = { model: 'az', lock: 'none', clock, floorTemperature: 15 } as const
  const rarely = await startThermostat(t, options)
  const often = await startThermostat(t, options)
  for (let i = 0; i < 60; i++) {
    await clock.advance(MINUTE)
    often.device.advance()
  }
  rarely.device.advance()
  t.ok(Math.abs(rarely.device.thermal.floor - often.device.thermal.floor) < 0.1)
})

t.test('cooling works the other way round', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock, floorTemperature: 40 })
  await ask(thermostat, { sn: thermostat.serial, par: [[118, 7, '1']] })
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.equal(telemetry['m.5'], '1')
  t.equal(telemetry['f.0'], '1')
  await clock.advance(10 * MINUTE)
  thermostat.device.advance()
  t.ok(thermostat.device.thermal.floor < 37)
})

t.test('by air with floor limits the floor has the last word', async (t) => {
  const hot = await startThermostat(t, { model: 'oz', floorTemperature: 46, airTemperature: 15 })
  const held = await ask(hot, { cmd: 4 })
  t.equal(held['f.0'], '0')
  const cold = await startThermostat(t, { model: 'oz', floorTemperature: 10, airTemperature: 28 })
  await ask(cold, { sn: cold.serial, par: [[14, 1, '15']] })
  t.equal((await ask(cold, { cmd: 4 }))['f.0'], '1')
})

t.test('the load waits for the hysteresis before it comes on, and says when the floor limit acts', async (t) => {
  const load = async (floorTemperature: number) => {
    const thermostat = await startThermostat(t, { model: 'az', floorTemperature })
    return (await ask(thermostat, { cmd: 4 }))['f.0']
  }
  t.equal(await load(29.2), '0', 'less than 1 °C under 30 °C')
  t.equal(await load(28.8), '1')
  const limited = await startThermostat(t, {
    model: 'ax',
    airSensor: true,
    lock: 'none',
    floorTemperature: 46,
    airTemperature: 10,
  })
  t.match(await ask(limited, { cmd: 4 }), { 'f.0': '0', 'f.2': '0' }, 'by floor it is warm enough')
  await ask(limited, { sn: limited.serial, par: [[3, 2, '2']] })
  t.match(await ask(limited, { cmd: 4 }), { 'f.0': '0', 'f.2': '1' })
})

t.test('without its sensor it heats by minutes of the half hour', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock, ratedPower: 1000 })
  await ask(thermostat, { sn: thermostat.serial, par: [[25, 2, '10']] })
  thermostat.device.faults.add(3)
  const before = thermostat.meter
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.match(telemetry, { 'f.3': '1', 'f.13': '1' })
  t.notOk('t.1' in telemetry)
  await clock.advance(180 * MINUTE)
  t.ok(Math.abs(thermostat.meter - before - 1000) < 20, 'a third of the time')
})

t.test('corrections shift what is shown and what is held', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', floorTemperature: 29.5 })
  const shown = async () => Number((await ask(thermostat, { cmd: 4 }))['t.1']) / 16
  t.equal(await shown(), 29.5)
  await ask(thermostat, { sn: thermostat.serial, par: [[21, 1, '-20']] })
  t.equal(await shown(), 27.5)
  t.equal((await ask(thermostat, { cmd: 4 }))['f.0'], '1')
})

t.test('an air sensor that is lost leaves the telemetry', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  t.match(await ask(thermostat, { cmd: 4 }), { 'f.5': '0', 'f.22': '1', 't.2': /^\d+$/ })
  thermostat.device.faults.add(5)
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.match(telemetry, { 'f.5': '1', 'f.22': '0', 'f.13': '1' })
  t.notOk('t.2' in telemetry)
})
