import fc from 'fast-check'
import t from 'tap'
import { startThermostat } from '../../support/simulator.ts'
import { ask } from '../support.ts'

const value = (answer: { par: [number, number, string][] }, id: number) => answer.par.find(([row]) => row === id)?.[2]

t.test('takes what is right and acknowledges with the whole list', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  const answer = await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [125, 7, '0'],
      [5, 1, '27'],
      [23, 2, '9'],
    ],
  })
  t.equal(answer.sn, thermostat.serial)
  t.equal(answer.par.length, 29)
  t.equal(value(answer, 5), '27')
  t.equal(value(answer, 23), '9')
  t.match(thermostat.writes, [{ accepted: true, reason: '', signed: false }])
  t.equal(thermostat.parameter(5), '27')
  t.equal(thermostat.parameter(200), undefined)
})

t.test('a short acknowledgement says nothing of what was done', async (t) => {
  const thermostat = await startThermostat(t, { model: 'sx' })
  t.same(await ask(thermostat, { sn: thermostat.serial, par: [[5, 1, '27']] }), { success: 'true' })
  t.equal(thermostat.parameter(5), '27')
  t.same(await ask(thermostat, { sn: thermostat.serial, par: [[5, 1, '77']] }), { success: 'true' })
  t.equal(thermostat.parameter(5), '27')
})

t.test('a serial that is missing or not its own is refused', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  for (const sn of [undefined, '0000', 1]) {
    t.same(await ask(thermostat, { sn, par: [[23, 2, '1']] }), { sn: thermostat.serial, success: 'block' })
  }
  t.equal(thermostat.parameter(23), '10')
  t.match(
    thermostat.writes.map(({ reason }) => reason),
    ['sn is missing', 'sn of another device', 'sn of another device'],
  )
})

const ignored: [what: string, model: string, row: unknown, reason: RegExp][] = [
  ['unknown id', 'az', [200, 2, '1'], /no such parameter/],
  ['id of another type', 'az', ['5', 1, '27'], /no such parameter/],
  ['type of another model', 'oz', [5, 1, '27'], /5 is of type 3/],
  ['wrong type', 'az', [5, 3, '270'], /5 is of type 1/],
  ['number for a string', 'az', [5, 1, 27], /does not take 27/],
  ['fraction', 'az', [5, 1, '27.5'], /does not take/],
  ['not a number', 'az', [5, 1, 'NaN'], /does not take/],
  ['leading zero', 'az', [5, 1, '027'], /does not take/],
  ['beyond the type', 'az', [5, 1, '300'], /does not take/],
  ['bool of 2', 'az', [125, 7, '2'], /does not take/],
  ['not three', 'az', [5, 1], /a row is not/],
  ['not a list', 'az', { 5: 27 }, /a row is not/],
  ['above the limit by floor', 'az', [5, 1, '46'], /beyond the limits/],
  ['below the limit by floor', 'az', [7, 1, '4'], /beyond the limits/],
  ['above the limit by air', 'oz', [4, 3, '351'], /beyond the limits/],
  ['read-only', 'az', [28, 2, '8'], /28 is read-only/],
  ['read-only warning', 'oz', [55, 2, '8'], /55 is read-only/],
  ['undocumented', 'sx', [67, 4, '8'], /67 is read-only/],
  ['brightness of a ten-step unit', 'old', [23, 2, '10'], /brightness goes to 9/],
  ['brightness', 'oz', [23, 2, '11'], /brightness goes to 10/],
  ['hysteresis', 'az', [19, 2, '101'], /19 goes from 1 to 100/],
  ['sensor type', 'az', [18, 2, '7'], /18 goes from 0 to 6/],
  ['key correction', 'sx', [80, 1, '31'], /80 goes from -30 to 30/],
  ['minute of the day', 'az', [52, 4, '1440'], /52 goes from 0 to 1439/],
  ['air without sensor', 'az', [3, 2, '1'], /needs an air sensor/],
  ['control type', 'oz', [3, 2, '3'], /needs an air sensor/],
  ['mode', 'az', [2, 2, '2'], /mode 2/],
  ['the other manual', 'az', [2, 2, '3'], /mode 3/],
  ['upper limit under the lower', 'az', [26, 1, '5'], /26 is not above 27/],
  ['lower limit over the upper', 'oz', [34, 1, '35'], /33 is not above 34/],
]

for (const [what, model, row, reason] of ignored) {
  t.test(`ignores ${what} and does the rest`, async (t) => {
    const thermostat = await startThermostat(t, { model, lock: 'none' })
    const before = await ask(thermostat, { cmd: 1 })
    await ask(thermostat, { sn: thermostat.serial, par: [row, [121, 7, '1']] })
    const after = await ask(thermostat, { cmd: 1 })
    t.equal(value(after, 121), '1')
    t.same(
      after.par.filter(([id]: number[]) => id !== 121),
      before.par.filter(([id]: number[]) => id !== 121),
      'nothing else changed',
    )
    t.match(thermostat.writes[0], { accepted: false, reason })
  })
}

t.test('limits and modes hold for the setpoints of the same request, whatever the order', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  const answer = await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [5, 1, '50'],
      [26, 1, '55'],
    ],
  })
  t.equal(value(answer, 5), '50')
})

t.test('by floor an OZ knows whole degrees, by air tenths', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  const answer = await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [5, 3, '234'],
      [4, 3, '217'],
    ],
  })
  t.equal(value(answer, 5), '230')
  t.equal(value(answer, 4), '217')
})

t.test('any whole number within the limits is taken and none beyond', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -200, max: 200 }), async (degrees) => {
      const before = thermostat.parameter(5)
      const answer = await ask(thermostat, { sn: thermostat.serial, par: [[5, 1, String(degrees)]] })
      return value(answer, 5) === (degrees >= 5 && degrees <= 45 ? String(degrees) : before)
    }),
    { numRuns: 50 },
  )
})

t.test('no body brings it down', async (t) => {
  const thermostat = await startThermostat(t, { lock: 'none' })
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.record({ sn: fc.constant(thermostat.serial), par: fc.jsonValue() }).map((body) => JSON.stringify(body)),
        fc.record({ sn: fc.constant(thermostat.serial), tt: fc.jsonValue() }).map((body) => JSON.stringify(body)),
        fc.record({ sn: fc.constant(thermostat.serial), time: fc.jsonValue() }).map((body) => JSON.stringify(body)),
      ),
      async (body) => typeof (await ask(thermostat, body)) === 'object',
    ),
    { numRuns: 100 },
  )
})

t.test('answers nothing useful to what it does not know', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  t.same(await ask(thermostat, 'not json'), {})
  t.same(await ask(thermostat, []), {})
  t.same(await ask(thermostat, {}), {})
  t.same(await ask(thermostat, { cmd: 99 }), { sn: thermostat.serial })
  t.same(await ask(thermostat, { cmd: 10 }), { sn: thermostat.serial }, 'no air sensor')
  t.match(thermostat.requests.at(0), { body: 'not json', accepted: false, reason: 'not a JSON object' })
})

t.test('writes one day of the schedule', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  const { tt } = await ask(thermostat, { cmd: 2 })
  const wednesday = [
    [480, 280],
    [1080, 180],
  ]
  const answer = await ask(thermostat, { sn: thermostat.serial, tt: { 2: wednesday } })
  t.same(answer.tt, { ...tt, 2: wednesday })
  t.same((await ask(thermostat, { cmd: 10 })).ttAir, tt, 'the one by air is another')
  await ask(thermostat, { sn: thermostat.serial, ttAir: { 6: [[0, 200]] } })
  t.same((await ask(thermostat, { cmd: 10 })).ttAir, { ...tt, 6: [[0, 200]] })
  const reset = await ask(thermostat, { cmd: 6, sn: thermostat.serial })
  t.same(reset.tt, tt)
  t.same((await ask(thermostat, { cmd: 10 })).ttAir, tt)
})

t.test('OZ takes always on and always off in its schedule, others do not', async (t) => {
  const always = [
    [0, 1270],
    [720, -1270],
  ]
  const oz = await startThermostat(t, { model: 'oz', lock: 'none' })
  t.match(await ask(oz, { sn: oz.serial, tt: { 1: always } }), { tt: { 1: always } })
  const az = await startThermostat(t, { model: 'az', lock: 'none' })
  await ask(az, { sn: az.serial, tt: { 1: always } })
  t.match(az.writes[0], { accepted: false, reason: /beyond the limits/ })
})

t.test('a Terneo with an air sensor has one schedule, within the limits of what controls', async (t) => {
  const thermostat = await startThermostat(t, { model: 'ax', airSensor: true, lock: 'none' })
  t.same(await ask(thermostat, { cmd: 10 }), { sn: thermostat.serial })
  const [warm, hot] = [{ 1: [[0, 340]] }, { 1: [[0, 360]] }]
  thermostat.setLocally(3, 1)
  await ask(thermostat, { sn: thermostat.serial, tt: warm })
  await ask(thermostat, { sn: thermostat.serial, tt: hot })
  thermostat.setLocally(3, 0)
  await ask(thermostat, { sn: thermostat.serial, tt: hot })
  t.match(
    thermostat.writes.map(({ accepted }) => accepted),
    [true, false, true],
  )
})

const days: [what: string, tt: unknown, reason: RegExp][] = [
  ['several days', { 1: [[0, 200]], 2: [[0, 200]] }, /several days/],
  ['no day', {}, /empty/],
  ['an eighth day', { 7: [[0, 200]] }, /no such day/],
  ['a named day', { monday: [[0, 200]] }, /no such day/],
  ['a list', [[0, 200]], /not an object|no such day|not 1 to 16|not a minute/],
  ['no periods', { 1: [] }, /1 to 16/],
  ['17 periods', { 1: Array.from({ length: 17 }, (_, i) => [i * 10, 200]) }, /1 to 16/],
  [
    'unordered periods',
    {
      1: [
        [480, 200],
        [360, 220],
      ],
    },
    /out of order/,
  ],
  [
    'two periods at once',
    {
      1: [
        [480, 200],
        [480, 220],
      ],
    },
    /out of order/,
  ],
  ['strings', { 1: [['480', '200']] }, /not a minute/],
  ['minute 1440', { 1: [[1440, 200]] }, /not a minute/],
  ['half a minute', { 1: [[0.5, 200]] }, /not a minute/],
  ['three numbers', { 1: [[0, 200, 1]] }, /not a minute/],
  ['beyond the limits', { 1: [[0, 460]] }, /beyond the limits/],
]

for (const [what, tt, reason] of days) {
  t.test(`ignores a schedule with ${what}`, async (t) => {
    const thermostat = await startThermostat(t, { model: 'oz' })
    const before = await ask(thermostat, { cmd: 2 })
    t.same(await ask(thermostat, { sn: thermostat.serial, tt }), before, 'acknowledges what it still holds')
    t.match(thermostat.writes[0], { accepted: false, reason })
  })
}

t.test('parameters and schedule do not go together, nor a schedule by air without air sensor', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'none' })
  await ask(thermostat, { sn: thermostat.serial, par: [[23, 2, '1']], tt: { 1: [[0, 200]] } })
  await ask(thermostat, { sn: thermostat.serial, ttAir: { 1: [[0, 200]] } })
  t.equal(thermostat.parameter(23), '6')
  t.match(
    thermostat.writes.map(({ reason }) => reason),
    ['several things in one request', 'no air sensor'],
  )
})

t.test('resets its parameters, but not its lock', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'cloud' })
  await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [23, 2, '1'],
      [5, 1, '20'],
    ],
  })
  const answer = await ask(thermostat, { cmd: 5, sn: thermostat.serial })
  t.equal(value(answer, 23), '6')
  t.equal(value(answer, 5), '30')
  t.equal(thermostat.device.lock, 'cloud')
})

t.test('a Terneo with an air sensor has what goes with it', async (t) => {
  const thermostat = await startThermostat(t, { model: 'ax', airSensor: true, lock: 'none' })
  await ask(thermostat, {
    sn: thermostat.serial,
    par: [
      [3, 2, '1'],
      [4, 1, '19'],
    ],
  })
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.equal(telemetry['m.0'], '1')
  t.equal(telemetry['t.5'], String(19 * 16))
  t.ok(telemetry['t.2'])
})

t.test('an unknown model is an SX under its own name; older firmware can lack the time', async (t) => {
  const unknown = await startThermostat(t, { model: 'bx' })
  t.equal(unknown.hw, 'bx')
  t.ok((await ask(unknown, { cmd: 4 })).time)
  const older = await startThermostat(t, { model: 'az', telemetryTime: false })
  t.equal((await ask(older, { cmd: 4 })).time, undefined)
  t.match((await ask(older, { cmd: 3 })).time, /^\d{9}$/)
})
