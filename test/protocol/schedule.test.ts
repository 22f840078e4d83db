import fc from 'fast-check'
import t from 'tap'
import { isObject, parseJson } from '../../src/core/json.ts'
import { minutesToTime } from '../../src/protocol/epoch.ts'
import { DAYS, type Day, encodeDay, MAX_PERIODS, type Period, parseWeek } from '../../src/protocol/schedule.ts'
import { fixture, object } from '../support/fixtures.ts'
import { hostileJson, orBridgeError, refuses } from './support.ts'

const FLOOR = { min: 5, max: 45 }
const published = object(fixture('schedule').response)

t.test('the published week', async (t) => {
  const week = parseWeek(published, 'tt')
  t.strictSame(Object.keys(week), [...DAYS])
  t.strictSame(week.monday, [
    { time: '06:00', temperature: 30 },
    { time: '08:00', temperature: 25 },
    { time: '17:00', temperature: 30 },
    { time: '22:00', temperature: 25 },
  ])
  t.strictSame(week.sunday, [
    { time: '08:00', temperature: 30 },
    { time: '23:00', temperature: 25 },
  ])
  t.strictSame(parseWeek({ ttAir: published.tt }, 'ttAir'), week)
  refuses(t, () => parseWeek(published, 'ttAir'), 'DEVICE_BAD_REPLY', 'monday')
})

t.test('the published write of a Wednesday', async (t) => {
  const periods = [
    { time: '08:00', temperature: 28 },
    { time: '18:00', temperature: 18 },
  ]
  t.strictSame(encodeDay('wednesday', periods, FLOOR), {
    '2': [
      [480, 280],
      [1080, 180],
    ],
  })
})

t.test('a week with a day that is missing or malformed', async (t) => {
  const table = object(published.tt)
  const tooMany = Array.from({ length: MAX_PERIODS + 1 }, (_, index) => [index, 200])
  for (const bad of [
    undefined,
    null,
    {},
    [],
    [[]],
    [7],
    [[360]],
    [[-1, 200]],
    [[1440, 200]],
    [[1.5, 200]],
    [['360', 200]],
    [[360, '200']],
    [[360, 1e9]],
    [[360, 20.5]],
    tooMany,
  ]) {
    refuses(t, () => parseWeek({ tt: { ...table, '4': bad } }, 'tt'), 'DEVICE_BAD_REPLY', 'friday')
  }
  for (const tt of [undefined, null, [], 'x']) refuses(t, () => parseWeek({ tt }, 'tt'), 'DEVICE_BAD_REPLY', 'monday')
})

t.test('a day that can not be written', async (t) => {
  const at = (time: string, temperature = 20): Period => ({ time, temperature })
  const many = Array.from({ length: MAX_PERIODS + 1 }, (_, index) => at(minutesToTime(index)))
  refuses(t, () => encodeDay('monday', [], FLOOR), 'OUT_OF_RANGE', 'monday', '1 to 16', 'not 0')
  refuses(t, () => encodeDay('monday', many, FLOOR), 'OUT_OF_RANGE', '1 to 16', 'not 17')
  refuses(t, () => encodeDay('friday', [at('24:00')], FLOOR), 'BAD_REQUEST', 'friday', '"24:00"', 'HH:MM')
  refuses(t, () => encodeDay('friday', [at('08:00'), at('08:00')], FLOOR), 'BAD_REQUEST', 'friday', 'after')
  refuses(t, () => encodeDay('friday', [at('08:00'), at('07:00')], FLOOR), 'BAD_REQUEST', '07:00')
  for (const temperature of [4.9, 45.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    refuses(t, () => encodeDay('friday', [at('08:00', temperature)], FLOOR), 'OUT_OF_RANGE', '08:00', '5 to 45 °C')
  }
})

t.test('what is written is what is read back', async () => {
  const day: fc.Arbitrary<Period[]> = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 50, max: 450 })), {
      minLength: 1,
      maxLength: MAX_PERIODS,
      selector: ([minute]) => minute,
    })
    .map((pairs) => pairs.sort(([a], [b]) => a - b))
    .map((pairs) => pairs.map(([minute, tenths]) => ({ time: minutesToTime(minute), temperature: tenths / 10 })))
  fc.assert(
    fc.property(fc.array(day, { minLength: 7, maxLength: 7 }), (days) => {
      const week = Object.fromEntries(DAYS.map((name, index) => [name, days[index] ?? []])) as Record<Day, Period[]>
      const tables = DAYS.map((name) => encodeDay(name, week[name], FLOOR))
      const read = parseWeek({ tt: Object.assign({}, ...tables) }, 'tt')
      return JSON.stringify(read) === JSON.stringify(week)
    }),
  )
})

t.test('any JSON is a week or a BridgeError', async () => {
  fc.assert(
    fc.property(hostileJson, hostileJson, (text, day) => {
      const reply = parseJson(text)
      if (isObject(reply)) orBridgeError(() => parseWeek(reply, 'tt'))
      const days = DAYS.map((_, index) => `"${index}":${day}`).join(',')
      const week = parseJson(`{"ttAir":{${days}}}`)
      if (isObject(week)) orBridgeError(() => parseWeek(week, 'ttAir'))
    }),
    { numRuns: 500 },
  )
})
