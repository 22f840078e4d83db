import t from 'tap'
import { indexRows } from '../../../src/devices/facts/rows.ts'
import { Thermostat } from '../../../src/devices/thermostat.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeLink, factoryWeek, silent, withValues } from '../support.ts'
import { caught, fieldsOf, following, MINUTE, NOON, whole } from './rig.ts'

t.test('read at the start, once an hour, on demand and after a reset', async (t) => {
  const { clock, link, seen, thermostat } = await following()
  t.same(link.weekReads, ['floor'])
  t.same(thermostat.view().schedule, { floor: factoryWeek, air: null })
  t.equal(seen.schedules, 1)
  await clock.advance(59 * MINUTE)
  t.equal(link.weekReads.length, 1)
  await clock.advance(2 * MINUTE)
  t.equal(link.weekReads.length, 2)
  t.equal(seen.schedules, 1, 'nothing changed, nothing is told')
  await thermostat.refresh()
  t.equal(link.weekReads.length, 3)
  link.weeks.floor = { ...factoryWeek, monday: factoryWeek.sunday }
  await thermostat.action('reset_schedule')
  t.equal(link.weekReads.length, 4)
  t.equal(seen.schedules, 2)
  t.same(thermostat.view().schedule.floor?.monday, factoryWeek.sunday)
  await thermostat.action('blink')
  t.equal(link.weekReads.length, 4)
})

t.test('of two schedules one is read with each poll', async (t) => {
  const { clock, link, thermostat } = await following('oz')
  t.same(link.weekReads, ['floor'])
  await clock.advance(16_000)
  t.same(link.weekReads, ['floor', 'air'])
  await clock.advance(10 * MINUTE)
  t.equal(link.weekReads.length, 2)
  t.same(thermostat.view().schedule, { floor: factoryWeek, air: factoryWeek })
})

t.test('a schedule that can not be read is nobody else’s trouble, and tried again later', async (t) => {
  const { clock, link, thermostat } = await following('oz')
  link.weeks = { floor: factoryWeek }
  await clock.advance(16_000)
  t.same(thermostat.view().schedule.air, null)
  t.equal(thermostat.online, true)
  t.equal(thermostat.view().health.error, null)
  await clock.advance(30 * MINUTE)
  t.equal(link.weekReads.filter((kind) => kind === 'air').length, 1, 'an answer without a schedule stays one')
  link.weeks.air = factoryWeek
  await clock.advance(31 * MINUTE)
  t.same(thermostat.view().schedule.air, factoryWeek)
  await thermostat.refresh()
})

t.test('while commands wait nothing is read', async (t) => {
  const { clock, link, thermostat } = await following()
  await clock.advance(59 * MINUTE)
  const opened = Promise.withResolvers<void>()
  link.gate = opened.promise
  const command = thermostat.set({ brightness: 3 })
  await clock.advance(10 * MINUTE)
  t.equal(link.weekReads.length, 1)
  opened.resolve()
  await command
  await clock.advance(MINUTE)
  t.equal(link.weekReads.length, 2)
})

t.test('the place in the schedule, in the state as well', async (t) => {
  const { clock, link, thermostat } = await following()
  t.match(thermostat.schedule().now, {
    kind: 'floor',
    followed: true,
    local_time: '2026-01-15T12:00:00',
    period: { day: 'thursday', time: '08:00', temperature: 25 },
    next: { day: 'thursday', time: '17:00', temperature: 30, at: '2026-01-15T17:00:00Z' },
  })
  t.match(thermostat.view().state, {
    schedule_period: 13,
    schedule_next_change: '2026-01-15T17:00:00Z',
    schedule_next_setpoint: 30,
  })
  t.ok(thermostat.view().features.has('schedule_next_change'))
  link.telemetry = fieldsOf(link.telemetry, { 'm.1': '5', 't.5': '320' })
  await clock.advance(16_000)
  t.match(thermostat.schedule().now, { followed: false })
  t.match(thermostat.view().state, { schedule_next_setpoint: 30 }, 'a temporary setpoint ends with the period')
  link.parameters = withValues(link.parameters, { 2: '1' })
  link.telemetry = fieldsOf(link.telemetry, { 'm.1': '3' })
  await clock.advance(16_000)
  t.match(thermostat.view().state, { mode: 'heat', schedule_next_change: null, schedule_next_setpoint: null })
  t.match(thermostat.schedule().now, { followed: false, next: { time: '17:00' } })
})

t.test('by floor or by air, in the zone that the device tells, on and off in words', async (t) => {
  const { clock, link, thermostat } = await following('oz')
  await clock.advance(16_000)
  const always = [
    { time: '07:00', temperature: -127 },
    { time: '23:00', temperature: 127 },
  ]
  link.weeks.air = { ...factoryWeek, thursday: always }
  await thermostat.refresh()
  t.same(thermostat.schedule().air?.thursday, [
    { time: '07:00', temperature: 'off' },
    { time: '23:00', temperature: 'on' },
  ])
  t.match(thermostat.schedule().now, { kind: 'floor', local_time: '2026-01-15T15:00:16' })
  t.match(thermostat.view().state, { schedule_next_change: '2026-01-15T14:00:00Z', schedule_next_setpoint: 30 })
  link.parameters = withValues(link.parameters, { 3: '2' })
  link.telemetry = fieldsOf(link.telemetry, { 'm.0': '2', 'm.2': '12' })
  await clock.advance(16_000)
  t.match(thermostat.schedule().now, {
    kind: 'air',
    period: { day: 'thursday', time: '07:00', temperature: 'off' },
    next: { time: '23:00', temperature: 'on', at: '2026-01-15T20:00:00Z' },
  })
  t.match(thermostat.view().state, { schedule_next_change: '2026-01-15T20:00:00Z', schedule_next_setpoint: null })
})

t.test('a device that does something else than its schedule has been given another one', async (t) => {
  const { clock, link, thermostat } = await following()
  await clock.advance(MINUTE)
  t.equal(link.weekReads.length, 1)
  const thursday = [{ time: '11:00', temperature: 28 }]
  link.weeks.floor = { ...factoryWeek, thursday }
  link.telemetry = fieldsOf(link.telemetry, { 't.5': '448' })
  await clock.advance(11 * MINUTE)
  t.equal(link.weekReads.length, 2)
  t.same(thermostat.view().schedule.floor?.thursday, thursday)
  await clock.advance(30 * MINUTE)
  t.equal(link.weekReads.length, 5, 'its number is that of another period: looked at again, but not with each poll')
})

t.test('before anything is known of a device', async (t) => {
  const link = new FakeLink('ax')
  const clock = new FakeClock(NOON)
  const make = () =>
    new Thermostat(
      { serial: 'A1B2C3', hw: null, name: null, counterBase: null, learned: {}, features: [], sources: [] },
      {
        clock,
        random: () => 0.5,
        logger: silent,
        pollInterval: 15_000,
        rows: indexRows,
        connect: () => link,
        keySource: () => null,
        onState: () => undefined,
        onAvailability: () => undefined,
        onIdentity: () => undefined,
      },
    )
  const lost = make()
  t.same(lost.schedule(), { floor: null, air: null, now: null })
  t.equal((await caught(lost.setSchedule(whole))).code, 'DEVICE_UNREACHABLE')
  const fresh = make()
  fresh.locate({ host: '127.0.0.1', port: 80 }, 5_000)
  t.match(await fresh.setSchedule(whole), { written: { length: 7 } }, 'its limits are read first')
  link.clockOffset = null
  t.equal(fresh.schedule().now, null, 'no clock, and a number of no period')
  link.telemetry = fieldsOf(link.telemetry, { 'm.2': '3' })
  await fresh.refresh()
  t.match(fresh.schedule().now, { local_time: null, next: { at: null } })
})
