import t from 'tap'
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts'
import { indexRows } from '../../src/devices/readings.ts'
import { Thermostat } from '../../src/devices/thermostat.ts'
import type { Telemetry } from '../../src/protocol/replies.ts'
import { DAYS } from '../../src/protocol/schedule.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeLink, factoryWeek, silent, withValues } from './support.ts'

const MINUTE = 60_000
/** A Thursday. */
const NOON = Date.UTC(2026, 0, 15, 12)

function fieldsOf(telemetry: Telemetry, fields: Readonly<Record<string, string>>): Telemetry {
  return { ...telemetry, fields: new Map([...telemetry.fields, ...Object.entries(fields)]) }
}

/** An AX or OZ that follows its schedule at 25 °C, Thursday noon, in the period that began at 8:00. */
async function following(name: 'ax' | 'oz' = 'ax') {
  const clock = new FakeClock(NOON)
  const link = new FakeLink(name)
  link.parameters = withValues(link.parameters, { 2: '0', 3: '0', 125: '0' })
  link.telemetry = fieldsOf(link.telemetry, {
    'm.0': '0',
    'm.1': '0',
    'm.2': '13',
    't.5': '400',
    'f.16': '0',
    'f.7': '0',
  })
  // 0 would have the zone of OZ, which it tells, added; so it is told to be at its own local time.
  link.clockOffset = name === 'oz' ? 3 * 3600 : 0
  const seen = { schedules: 0 }
  const thermostat = new Thermostat(
    {
      serial: 'A1B2C3',
      hw: name,
      name: null,
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
    },
    {
      clock,
      random: () => 0.5,
      logger: silent,
      pollInterval: 15_000,
      rows: indexRows,
      connect: () => link,
      keySource: () => null,
      onState: () => undefined,
      onSchedule: () => seen.schedules++,
      onAvailability: () => undefined,
      onIdentity: () => undefined,
    },
  )
  thermostat.locate({ host: '127.0.0.1', port: 80 })
  await clock.advance(0)
  return { clock, link, seen, thermostat }
}

const caught = (promise: Promise<unknown>): Promise<BridgeError> =>
  promise.then(
    () => {
      throw new Error('it was taken')
    },
    (error) => error,
  )

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

t.test('writes days, one after the other, and tells what it did', async (t) => {
  const { link, seen, thermostat } = await following()
  const result = await thermostat.setSchedule({
    floor: { friday: [{ time: '6:30', temperature: 27.6 }], copy: { from: 'friday', to: ['thursday'] } },
  })
  t.same(link.daysWritten, [
    { kind: 'floor', day: { 4: [[390, 280]] } },
    { kind: 'floor', day: { 3: [[390, 280]] } },
  ])
  t.match(result, {
    written: [
      { kind: 'floor', day: 'friday' },
      { kind: 'floor', day: 'thursday' },
    ],
    unchanged: [],
    rounded: { 'floor.friday.06:30': { asked: 27.6, set: 28 }, 'floor.thursday.06:30': { asked: 27.6, set: 28 } },
    schedule: { floor: { thursday: [{ time: '06:30', temperature: 28 }] }, now: { period: { time: '06:30' } } },
  })
  t.equal(seen.schedules, 3)
  t.equal(link.weekReads.length, 1, 'nothing had to be read for it')
})

t.test('days that are like that already are not written', async (t) => {
  const { link, thermostat } = await following()
  const result = await thermostat.setSchedule({ floor: { copy: { from: 'monday', to: DAYS.slice(1) } } })
  t.equal(link.weekReads.length, 2, 'looked at first')
  t.same(
    result.unchanged.map(({ day }) => day),
    ['tuesday', 'wednesday', 'thursday', 'friday'],
  )
  t.same(
    result.written.map(({ day }) => day),
    ['saturday', 'sunday'],
  )
  t.equal(link.daysWritten.length, 2)
})

const whole = {
  floor: Object.fromEntries(DAYS.map((day, index) => [day, [{ time: '05:00', temperature: 20 + index }]])),
}

t.test('one refused day among seven', async (t) => {
  const { clock, link, thermostat } = await following()
  link.refuseDay = (_kind, day) => (day === 4 ? new BridgeError('NOT_APPLIED', 'It shows another day.') : null)
  const error = await caught(thermostat.setSchedule(whole))
  t.match(error, { code: 'NOT_APPLIED', message: /^6 of 7 days were written.*not friday by floor. It shows/ })
  t.same(error.details, {
    written: DAYS.filter((day) => day !== 'friday').map((day) => ({ kind: 'floor', day })),
    failed: [{ kind: 'floor', day: 'friday', code: 'NOT_APPLIED', message: 'It shows another day.' }],
  })
  t.equal(link.daysWritten.length, 7)
  t.same(thermostat.view().schedule.floor?.sunday, [{ time: '05:00', temperature: 26 }])
  const reads = link.weekReads.length
  await clock.advance(16_000)
  t.equal(link.weekReads.length, reads + 1, 'what it holds now is looked at')
})

t.test('a device that is gone in the middle', async (t) => {
  for (const code of ['DEVICE_UNREACHABLE', 'OUTCOME_UNKNOWN', 'KEY_REJECTED'] satisfies ErrorCode[]) {
    const { link, thermostat } = await following()
    link.refuseDay = (_kind, day) => (day >= 2 ? new BridgeError(code, 'Gone.', { details: { lock: 'lan' } }) : null)
    const error = await caught(thermostat.setSchedule(whole))
    t.match(error, { code, message: /2 of 7/, details: { lock: 'lan' } })
    t.match(error.details?.written, [{ day: 'monday' }, { day: 'tuesday' }])
    t.match(error.details?.failed, [
      { day: 'wednesday', code, message: 'Gone.' },
      { day: 'thursday', code, message: /Not tried/ },
      { day: 'friday' },
      { day: 'saturday' },
      { day: 'sunday' },
    ])
    t.equal(link.daysWritten.length, 3, 'the others are not tried')
  }
})

t.test('different refusals are NOT_APPLIED together, a single day keeps its own', async (t) => {
  const { link, thermostat } = await following()
  const codes: Readonly<Record<number, ErrorCode>> = { 0: 'DEVICE_BAD_REPLY', 1: 'NOT_APPLIED' }
  link.refuseDay = (_kind, day) => {
    const code = codes[day]
    return code ? new BridgeError(code, 'No.') : null
  }
  t.equal((await caught(thermostat.setSchedule(whole))).code, 'NOT_APPLIED')
  const one = await caught(thermostat.setSchedule({ floor: { monday: [{ time: '05:00', temperature: 21 }] } }))
  t.match(one, { code: 'DEVICE_BAD_REPLY', message: 'No.', details: { written: [], failed: [{ day: 'monday' }] } })
})

t.test('all is checked before anything is sent', async (t) => {
  const { link, thermostat } = await following()
  const days = { monday: [{ time: '05:00', temperature: 20 }], tuesday: [{ time: '05:00', temperature: 99 }] }
  t.match(await caught(thermostat.setSchedule({ floor: days })), { code: 'OUT_OF_RANGE', details: { day: 'tuesday' } })
  t.same(link.daysWritten, [])
})

t.test('commands follow one another, and one that fails does not stop the next', async (t) => {
  const { link, thermostat } = await following()
  const day = (temperature: number) => ({ floor: { monday: [{ time: '05:00', temperature }] } })
  const opened = Promise.withResolvers<void>()
  link.gate = opened.promise
  const all = [20, 99, 22].map((temperature) => thermostat.setSchedule(day(temperature)))
  const settled = Promise.allSettled(all)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(link.daysWritten.length, 1)
  opened.resolve()
  t.same(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.same(thermostat.view().schedule.floor?.monday, [{ time: '05:00', temperature: 22 }])
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
