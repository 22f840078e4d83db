import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { startThermostat } from '../../support/simulator.ts'
import { ask, inForce } from '../support.ts'

/** Thursday 2026-01-15 12:00 UTC, when the schedule says 25 °C until 17:00. */
const NOON = Date.UTC(2026, 0, 15, 12)
const HOUR = 3_600_000
const seconds = (unixMs: number) => String(unixMs / 1000 - 946_684_800)

t.test('goes through the schedule', async (t) => {
  const clock = new FakeClock(NOON)
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock })
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '0']] })
  t.same(await inForce(thermostat), ['0', 25])
  t.equal((await ask(thermostat, { cmd: 4 }))['m.2'], String(3 * 16 + 1), 'second period of Thursday')
  t.equal(thermostat.parameter(31), '25')
  await clock.advance(5 * HOUR)
  t.same(await inForce(thermostat), ['0', 30])
  await clock.advance(12 * HOUR)
  t.same(await inForce(thermostat), ['0', 25], 'past midnight the last period of the day before goes on')
  t.equal((await ask(thermostat, { cmd: 4 }))['m.2'], String(3 * 16 + 3))
  await clock.advance(HOUR)
  t.same(await inForce(thermostat), ['0', 30], '6:00')
})

t.test('an OZ counts its periods through the week and goes by its time zone', async (t) => {
  const clock = new FakeClock(NOON)
  const thermostat = await startThermostat(t, { model: 'oz', clock, utcOffset: 5 })
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '0']] })
  t.same(await inForce(thermostat), ['0', 30], '17:00 local')
  t.equal((await ask(thermostat, { cmd: 4 }))['m.2'], '14')
  const local = await startThermostat(t, { model: 'oz', clock, utcOffset: 5, clockCounts: 'local' })
  await ask(local, { sn: local.serial, par: [[2, 2, '0']] })
  t.same(await inForce(local), ['0', 30])
  t.equal(Number((await ask(local, { cmd: 3 })).time) - Number((await ask(thermostat, { cmd: 3 })).time), 5 * 3600)
})

for (const id of [29, 31]) {
  t.test(`writing ${id} in the schedule mode makes a temporary setpoint until the next period`, async (t) => {
    const clock = new FakeClock(NOON)
    const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock })
    await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '0']] })
    await ask(thermostat, { sn: thermostat.serial, par: [[id, 1, '21']] })
    t.same(await inForce(thermostat), ['5', 21])
    t.equal(thermostat.parameter(29), '21')
    t.equal(thermostat.parameter(31), '21')
    await clock.advance(5 * HOUR - 1000)
    t.same(await inForce(thermostat), ['5', 21])
    await clock.advance(1000)
    t.same(await inForce(thermostat), ['0', 30])
    t.equal(thermostat.parameter(29), '0')
  })
}

t.test('a temporary setpoint ends when told so, and when the mode is written', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock: new FakeClock(NOON) })
  const write = (...par: unknown[]) => ask(thermostat, { sn: thermostat.serial, par })
  await write([29, 1, '22'], [2, 2, '0'])
  t.same(await inForce(thermostat), ['5', 22], 'both in one request')
  await write([29, 1, '0'])
  t.same(await inForce(thermostat), ['0', 25])
  await write([29, 1, '22'])
  await write([2, 2, '1'])
  t.same(await inForce(thermostat), ['3', 30])
})

t.test('in the manual mode 31 is the manual setpoint and 29 is not taken', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  await ask(thermostat, { sn: thermostat.serial, par: [[31, 1, '22']] })
  t.same(await inForce(thermostat), ['3', 22])
  t.equal(thermostat.parameter(5), '22')
  await ask(thermostat, { sn: thermostat.serial, par: [[29, 1, '20']] })
  t.same(await inForce(thermostat), ['3', 22])
  t.match(thermostat.writes.at(-1), { accepted: false, reason: '29 needs the schedule mode' })
})

t.test('the control type decides which setpoint it is', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  t.same(await inForce(thermostat), ['3', 23], 'by air with floor limits')
  await ask(thermostat, { sn: thermostat.serial, par: [[31, 3, '215']] })
  t.equal(thermostat.parameter(4), '215')
  await ask(thermostat, { sn: thermostat.serial, par: [[3, 2, '0']] })
  t.same(await inForce(thermostat), ['3', 30])
})

t.test('away by the device clock', async (t) => {
  const clock = new FakeClock(NOON)
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none', clock })
  const par = [
    [0, 6, seconds(NOON + HOUR)],
    [1, 6, seconds(NOON + 2 * HOUR)],
  ]
  await ask(thermostat, { sn: thermostat.serial, par })
  t.same(await inForce(thermostat), ['3', 30])
  await clock.advance(HOUR)
  t.same(await inForce(thermostat), ['4', 5])
  await ask(thermostat, { sn: thermostat.serial, par: [[31, 1, '8']] })
  t.equal(thermostat.parameter(7), '8', '31 is the away setpoint now')
  await clock.advance(HOUR)
  t.same(await inForce(thermostat), ['3', 30])
})

t.test('away of an OZ in UTC, and its older pair of parameters beside it', async (t) => {
  const clock = new FakeClock(NOON)
  const thermostat = await startThermostat(t, { model: 'oz', clock, utcOffset: 2 })
  const par = [
    [66, 6, seconds(NOON - HOUR)],
    [67, 6, seconds(NOON + HOUR)],
  ]
  await ask(thermostat, { sn: thermostat.serial, par })
  t.same(await inForce(thermostat), ['4', 18])
  t.equal((await ask(thermostat, { cmd: 4 }))['m.6'], '3', 'manual follows')
  t.equal(thermostat.parameter(1), seconds(NOON + 3 * HOUR))
  await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [0, 6, '0'],
      [1, 6, '0'],
    ],
  })
  t.same(await inForce(thermostat), ['3', 23])
  t.equal(thermostat.parameter(67), '0')
})

t.test('the timer of an OZ', async (t) => {
  const clock = new FakeClock(NOON)
  const thermostat = await startThermostat(t, { model: 'oz', clock })
  await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [64, 6, seconds(NOON + HOUR)],
      [65, 3, '250'],
      [2, 2, '0'],
    ],
  })
  t.same(await inForce(thermostat), ['6', 25])
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.equal(telemetry['o.2'], String(3600 / 5))
  t.equal(telemetry['m.6'], '0', 'the schedule follows')
  await ask(thermostat, { sn: thermostat.serial, par: [[31, 3, '260']] })
  t.equal(thermostat.parameter(65), '260')
  await clock.advance(HOUR)
  t.equal((await inForce(thermostat))[0], '0')
})

t.test('always on and always off on an OZ', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz', clock: new FakeClock(NOON) })
  const write = (...par: unknown[]) => ask(thermostat, { sn: thermostat.serial, par })
  await write([2, 2, '0'], [29, 3, '127'])
  t.same(await inForce(thermostat), ['5', 35])
  t.equal(thermostat.parameter(31), '127')
  t.equal((await ask(thermostat, { cmd: 4 }))['f.0'], '1')
  await write([29, 3, '-127'])
  t.same(await inForce(thermostat), ['5', 5])
  t.equal(thermostat.parameter(31), '-127')
  t.equal((await ask(thermostat, { cmd: 4 }))['f.0'], '0')
  await write([29, 3, '-126'])
  t.equal(thermostat.parameter(31), '-127', 'no other number so low')
})

t.test('standby of an OZ ends when a mode is written', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  thermostat.device.controller.standby = true
  t.equal((await inForce(thermostat))[0], '1')
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.equal(telemetry['f.0'], '0')
  t.equal(telemetry['m.6'], '3')
  await ask(thermostat, { sn: thermostat.serial, par: [[31, 3, '250']] })
  t.equal(thermostat.writes.at(-1)?.accepted, false)
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '1']] })
  t.equal((await inForce(thermostat))[0], '3')
})

t.test('a unit that calls manual 3 takes only 3', async (t) => {
  const thermostat = await startThermostat(t, { model: 'old', lock: 'none', quirks: { manualCode: 3 } })
  t.equal(thermostat.parameter(2), '3')
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '0']] })
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '1']] })
  t.equal(thermostat.parameter(2), '0', '1 is ignored')
  await ask(thermostat, { sn: thermostat.serial, par: [[2, 2, '3']] })
  t.equal(thermostat.parameter(2), '3')
  t.equal((await inForce(thermostat))[0], '3')
})
