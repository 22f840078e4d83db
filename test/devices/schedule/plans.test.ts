import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import type { ScheduleKind } from '../../../src/devices/ports.ts'
import { needsWeek, parseScheduleCommand, planDays } from '../../../src/devices/schedule/plans.ts'
import { minutesToTime } from '../../../src/protocol/epoch.ts'
import { DAYS, type Week } from '../../../src/protocol/schedule.ts'
import { factoryWeek, parametersOf, readingsOf, withValues } from '../support.ts'

const AX = readingsOf('ax')
const OZ = readingsOf('oz')
const weeks = new Map<ScheduleKind, Week>([
  ['floor', factoryWeek],
  ['air', factoryWeek],
])

const plan = (command: unknown, readings = AX) => planDays(parseScheduleCommand(command, readings), weeks, readings)

function refusal(command: unknown, readings = AX): { code: string; message: string; details: unknown } {
  try {
    plan(command, readings)
  } catch (error) {
    if (error instanceof BridgeError) return error.body() as ReturnType<typeof refusal>
    throw error
  }
  throw new Error(`taken: ${JSON.stringify(command)}`)
}

const at = (time: unknown, temperature: unknown = 20) => ({ time, temperature })

t.test('days become what the wire has', async (t) => {
  const { days, rounded } = plan({ floor: { wednesday: [at('8:00', 28), at('18:00', '18')], sunday: [at('00:00')] } })
  t.same(
    days.map(({ kind, day, encoded }) => ({ kind, day, encoded })),
    [
      {
        kind: 'floor',
        day: 'wednesday',
        encoded: {
          2: [
            [480, 280],
            [1080, 180],
          ],
        },
      },
      { kind: 'floor', day: 'sunday', encoded: { 6: [[0, 200]] } },
    ],
  )
  t.same(rounded, {})
  t.same(days[0]?.periods[0], { time: '08:00', temperature: 28 })
})

t.test('what the device can not hold is rounded, and told', async (t) => {
  t.same(plan({ floor: { monday: [at('06:00', 21.4), at('07:00', '21.5')] } }).rounded, {
    'floor.monday.06:00': { asked: 21.4, set: 21 },
    'floor.monday.07:00': { asked: 21.5, set: 22 },
  })
  const air = plan({ air: { monday: [at('06:00', 21.44)] } }, OZ)
  t.same(air.days[0]?.encoded, { 0: [[360, 214]] })
  t.same(air.rounded, { 'air.monday.06:00': { asked: 21.44, set: 21.4 } })
  t.same(Object.keys(plan({ floor: { monday: [at('6:00', 21.4)] } }, OZ).rounded), ['floor.monday.06:00'])
})

t.test('copies', async (t) => {
  const own = { floor: { monday: [at('06:00')], copy: { from: 'monday', to: ['tuesday', 'friday', 'tuesday'] } } }
  t.same(
    plan(own).days.map(({ day, periods }) => [day, periods]),
    ['monday', 'tuesday', 'friday'].map((day) => [day, [{ time: '06:00', temperature: 20 }]]),
  )
  t.notOk(needsWeek(parseScheduleCommand(own, AX), 'floor'))
  const held = { floor: { copy: { from: 'saturday', to: 'monday' } } }
  t.ok(needsWeek(parseScheduleCommand(held, AX), 'floor'))
  t.same(plan(held).days[0]?.periods, factoryWeek.saturday)
  for (const [copy, code] of [
    [{ from: 'monday', to: [] }, 'BAD_REQUEST'],
    [{ from: 'monday', to: ['monday'] }, 'BAD_REQUEST'],
    [{ from: 'monday', to: ['tuesday'], and: 1 }, 'BAD_REQUEST'],
    [{ from: 'monday', to: ['someday'] }, 'UNKNOWN_KEY'],
    [{ from: 'someday', to: ['monday'] }, 'UNKNOWN_KEY'],
    [{ from: 'monday' }, 'UNKNOWN_KEY'],
    [[], 'BAD_REQUEST'],
    [null, 'BAD_REQUEST'],
    ['monday', 'BAD_REQUEST'],
  ] as const) {
    t.equal(refusal({ floor: { copy } }).code, code, JSON.stringify(copy))
  }
  t.match(refusal({ floor: { tuesday: [at('06:00')], copy: { from: 'monday', to: ['tuesday'] } } }), {
    code: 'BAD_REQUEST',
    message: /both/,
  })
})

t.test('on and off where the model has them', async (t) => {
  const words = { floor: { monday: [at('06:00', 'on'), at('22:00', 'OFF'), at('23:00', 127), at('23:30', -127)] } }
  t.same(plan(words, OZ).days[0]?.encoded, {
    0: [
      [360, 1270],
      [1320, -1270],
      [1380, 1270],
      [1410, -1270],
    ],
  })
  t.same(plan(words, OZ).rounded, {})
  for (const temperature of ['on', 'off', 127, -127]) {
    t.match(refusal({ floor: { monday: [at('06:00', temperature)] } }), { code: 'OUT_OF_RANGE' }, String(temperature))
  }
})

t.test('what is refused, and how', async (t) => {
  let deep: unknown = 1
  for (let i = 0; i < 50_000; i++) deep = [deep]
  const many = (count: number) => Array.from({ length: count }, (_, index) => at(minutesToTime(index)))
  const monday = (periods: unknown) => ({ floor: { monday: periods } })
  const cases: [string, unknown, string, RegExp][] = [
    ['nothing', undefined, 'BAD_REQUEST', /JSON object/],
    ['a list', [], 'BAD_REQUEST', /JSON object/],
    ['no kind', {}, 'BAD_REQUEST', /no day/],
    ['kinds without days', { floor: {}, air: null }, 'BAD_REQUEST', /no day/],
    ['an unknown kind', { water: {} }, 'UNKNOWN_KEY', /"water".*floor/],
    ['a kind that this model lacks', { air: { monday: [at('06:00')] } }, 'UNKNOWN_KEY', /"air"; it has floor/],
    ['a kind that is no object', { floor: [] }, 'BAD_REQUEST', /object of days/],
    [
      'an unknown day',
      { floor: { someday: [at('06:00')] } },
      'UNKNOWN_KEY',
      /"someday" is not a day; the days are monday/,
    ],
    ['a day that is no list', monday({}), 'BAD_REQUEST', /list of periods/],
    ['0 periods', monday([]), 'OUT_OF_RANGE', /1 to 16 periods, not 0/],
    ['17 periods', monday(many(17)), 'OUT_OF_RANGE', /1 to 16 periods, not 17/],
    ['1000 periods', monday(many(1000)), 'OUT_OF_RANGE', /1 to 16/],
    ['out of order', monday([at('08:00'), at('07:00')]), 'BAD_REQUEST', /07:00 must come after/],
    ['the same minute twice', monday([at('8:00'), at('08:00')]), 'BAD_REQUEST', /two periods begin at 08:00/],
    ['minute 1440', monday([at('24:00')]), 'BAD_REQUEST', /"24:00" is not a time of day/],
    ['a time as a number', monday([at(360)]), 'BAD_REQUEST', /HH:MM, not 360/],
    ['a negative time', monday([at('-1:00')]), 'BAD_REQUEST', /not a time of day/],
    ['no time', monday([{ temperature: 20 }]), 'BAD_REQUEST', /HH:MM/],
    ['no temperature', monday([{ time: '06:00' }]), 'BAD_REQUEST', /must be a number/],
    ['NaN', monday([at('06:00', Number.NaN)]), 'BAD_REQUEST', /must be a number/],
    ['the word NaN', monday([at('06:00', 'NaN')]), 'BAD_REQUEST', /must be a number/],
    ['1e400', monday([at('06:00', Number.POSITIVE_INFINITY)]), 'BAD_REQUEST', /must be a number/],
    ['null', monday([at('06:00', null)]), 'BAD_REQUEST', /must be a number/],
    ['deeply nested', monday([at('06:00', deep)]), 'BAD_REQUEST', /not a list/],
    ['a deeply nested period', monday([deep]), 'BAD_REQUEST', /not a list/],
    ['too cold', monday([at('06:00', 4)]), 'OUT_OF_RANGE', /06:00 can't be 4: allowed is 5 to 45/],
    ['too warm', monday([at('06:00', 45.1)]), 'OUT_OF_RANGE', /5 to 45/],
    ['a stranger in a period', monday([{ ...at('06:00'), end: '07:00' }]), 'UNKNOWN_KEY', /no "end"/],
    ['pairs as the wire has them', monday([[360, 200]]), 'BAD_REQUEST', /not a list/],
    ['__proto__', JSON.parse('{"__proto__":{"monday":[]}}'), 'UNKNOWN_KEY', /__proto__/],
    ['a day called constructor', { floor: { constructor: [] } }, 'UNKNOWN_KEY', /constructor/],
  ]
  for (const [name, command, code, message] of cases) t.match(refusal(command), { code, message }, name)
  t.match(refusal(monday([])), { details: { kind: 'floor', day: 'monday' } }, 'which day it is about')
  t.match(refusal({ air: { monday: [at('06:00', 35.1)] } }, OZ), { code: 'OUT_OF_RANGE', message: /5 to 35/ })
})

t.test('limits: those of floor and air, and of what controls where one schedule serves for both', async (t) => {
  const oz = readingsOf('oz')
  oz.applyParameters(withValues(parametersOf('oz'), { 26: '40', 27: '10', 33: '30', 34: '12' }))
  t.equal(refusal({ floor: { monday: [at('06:00', 41)] } }, oz).code, 'OUT_OF_RANGE')
  t.equal(refusal({ air: { monday: [at('06:00', 11)] } }, oz).code, 'OUT_OF_RANGE')
  t.same(plan({ floor: { monday: [at('06:00', 11)] }, air: { monday: [at('06:00', 30)] } }, oz).days.length, 2)
  const ax = readingsOf('ax')
  ax.applyParameters(withValues(parametersOf('ax'), { 3: '1' }))
  t.match(refusal({ floor: { monday: [at('06:00', 36)] } }, ax), { code: 'OUT_OF_RANGE', message: /to 35/ })
})

t.test('fewer periods than 16 where parameter 28 says so', async (t) => {
  const ax = readingsOf('ax')
  const day = (count: number) => ({
    floor: { monday: Array.from({ length: count }, (_, index) => at(minutesToTime(index))) },
  })
  ax.applyParameters(withValues(parametersOf('ax'), { 28: '4' }))
  t.equal(plan(day(4), ax).days.length, 1)
  t.match(refusal(day(5), ax), { code: 'OUT_OF_RANGE', message: /1 to 4 periods, not 5/ })
  for (const odd of ['0', '99']) {
    ax.applyParameters(withValues(parametersOf('ax'), { 28: odd }))
    t.equal(plan(day(16), ax).days.length, 1, odd)
    t.equal(refusal(day(17), ax).code, 'OUT_OF_RANGE', odd)
  }
})

t.test('any JSON is a plan or a BridgeError', async () => {
  const day = fc.constantFrom(...DAYS, 'copy', 'x')
  const period = fc.oneof(fc.record({ time: fc.anything(), temperature: fc.anything() }), fc.anything())
  const days = fc.dictionary(day, fc.oneof(fc.array(period), fc.record({ from: day, to: fc.array(day) })))
  const command = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('floor', 'air', 'now'), days))
  fc.assert(
    fc.property(command, (value) => {
      for (const readings of [AX, OZ]) {
        try {
          plan(value, readings)
        } catch (error) {
          if (!(error instanceof BridgeError) || error.code === 'INTERNAL') return false
        }
      }
      return true
    }),
    { numRuns: 500 },
  )
})
