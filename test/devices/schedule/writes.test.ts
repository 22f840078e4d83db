import t from 'tap'
import { BridgeError, type ErrorCode } from '../../../src/core/errors.ts'
import { DAYS } from '../../../src/protocol/schedule.ts'
import { caught, following, whole } from './rig.ts'

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
