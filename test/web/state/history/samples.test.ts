/** What the page makes of the history, without a browser. */
import t from 'tap'
import type { HistorySample } from '../../../../src/web/api/types.ts'
import {
  historyPath,
  linesOf,
  liveSample,
  momentsIn,
  samplesIn,
  summaryOf,
  tableOf,
  told,
} from '../../../../src/web/state/history/samples.ts'

const HOUR = 3_600
const NOON = Date.UTC(2026, 0, 15, 12) / 1000

const sampleAt = (at: number, values: Partial<HistorySample> = {}): HistorySample => ({
  at: new Date((NOON + at) * 1000).toISOString(),
  known: 300,
  ...values,
})

t.test('a line is broken where nothing is known, and goes on with what happens', async (t) => {
  const samples = [0, 300, 900].map((at) => sampleAt(at, { floor_temperature: at / 100, load: null }))
  const since = [
    liveSample({ floor_temperature: 10, load: true, relay: null }, true, NOON + 1000),
    liveSample({ floor_temperature: 11, load: true }, false, NOON + 5000),
  ]
  const { times, values } = told(samples, 300, since)
  t.strictSame(
    times.map((time) => time - NOON),
    [0, 300, 600, 900, 1000, 5000],
  )
  t.strictSame(values.floor_temperature, [0, 3, null, 9, 10, null])
  t.strictSame(values.load, [null, null, null, null, 1, null])
  t.strictSame(linesOf([...samples, ...since]), ['floor_temperature', 'load'])
  t.strictSame(linesOf(samples), ['floor_temperature'])
  t.strictSame(told([], 300, []).times, [])
  const [late] = told([sampleAt(600)], 300, [liveSample({}, true, NOON)]).times.slice(1)
  t.equal(late, NOON + 600, 'times never go back')
})

t.test('a clock that was set leaves a gap, and no time goes back', async (t) => {
  // The bridge was off for two hours; then its clock was set back by an hour, so what happens now is earlier than the samples.
  const samples = [0, 300, 7_500].map((at) => sampleAt(at, { floor_temperature: 20 + at / 300 }))
  const since = [3_900, 4_000].map((at) => liveSample({ floor_temperature: 30 }, true, NOON + at))
  const { times, values } = told(samples, 300, since)
  t.strictSame(
    times.map((time) => time - NOON),
    [0, 300, 600, 7_500, 7_500, 7_500],
  )
  t.strictSame(values.floor_temperature, [20, 21, null, 45, 30, 30])
})

t.test('sums of any parts are those of the whole, with gaps and counters that start anew', async (t) => {
  const samples = Array.from({ length: 200 }, (_, i) => i)
    .filter((i) => i % 17 > 4)
    .map((i) => sampleAt(i * 300, { energy_used: i % 13 === 0 ? null : 0.01 * (i % 7) }))
  const whole = summaryOf(samples).energy ?? 0
  for (const range of ['day', 'week', 'month'] as const) {
    const rows = tableOf(samples, range, () => 2 * HOUR)
    const sum = rows.reduce((all, { energy = 0 }) => all + energy, 0)
    t.ok(Math.abs(sum - whole) < 0.002 && whole > 3, `${range}: ${sum} is ${whole}`)
  }
  const middle = NOON + 100 * 300
  const parts = [
    { from: 0, to: middle },
    { from: middle, to: Number.POSITIVE_INFINITY },
  ].map((part) => summaryOf(samplesIn(samples, part)).energy ?? 0)
  t.ok(Math.abs((parts[0] ?? 0) + (parts[1] ?? 0) - whole) < 0.002, 'what is zoomed in adds up too')
})

t.test('the moments of a part', async (t) => {
  const times = [100, 200, 300, 900]
  t.strictSame(momentsIn(times, { from: 100, to: 900 }), { first: 0, last: 3 })
  t.strictSame(momentsIn(times, { from: 150, to: 350 }), { first: 1, last: 2 })
  t.strictSame(momentsIn(times, { from: 400, to: 800 }), { first: 2, last: 2 }, 'within a gap: what was before')
  t.strictSame(momentsIn(times, { from: 0, to: 50 }), { first: 0, last: 0 })
  t.strictSame(momentsIn([], { from: 0, to: 50 }), { first: 0, last: 0 })
})

t.test('relays: their load is what they switch', async (t) => {
  t.match(liveSample({ relay: true, voltage: 230 }, true, NOON), { load: 1, voltage: 230 })
})

t.test('in numbers', async (t) => {
  const samples = [
    sampleAt(0, { known: 100, floor_temperature: 20, floor_temperature_min: 18, load: 1, energy_used: 0.1 }),
    sampleAt(300, { known: 300, floor_temperature: 24, floor_temperature_max: 30, load: 0, energy_used: 2 }),
    sampleAt(600, { known: 300, energy_used: null }),
    sampleAt(900, { known: 300, energy_used: 0.2 }),
    sampleAt(1200, { known: 300, energy_used: 0.2 }),
  ]
  const { spread, energy } = summaryOf(samples)
  t.strictSame(spread.floor_temperature, { mean: 23, min: 18, max: 30 })
  t.equal(spread.load?.mean, 0.25)
  t.equal(spread.air_temperature, undefined)
  t.equal(energy, 2.5, 'what is not known takes nothing away')
  t.equal(summaryOf([]).energy, undefined)
})

t.test('as a table by the hours and days of where one is', async (t) => {
  const samples = Array.from({ length: 36 }, (_, i) => sampleAt(i * 600, { floor_temperature: i, energy_used: 0.1 }))
  const rows = tableOf(samples, 'day', () => 0)
  t.strictSame(
    rows.map(({ at }) => (at - NOON) / HOUR),
    [0, 1, 2, 3, 4, 5],
  )
  t.equal(rows[1]?.spread.floor_temperature?.mean, 8.5)
  t.equal(Math.round((rows[1]?.energy ?? 0) * 1000), 600, 'its parts add up')
  const india = () => 5.5 * HOUR
  t.strictSame(
    tableOf(samples, 'month', india).map(({ at }) => new Date((at + india()) * 1000).toISOString()),
    ['2026-01-15T00:00:00.000Z'],
  )
  t.equal(tableOf(samples, 'week', india).length, 2)
})

t.test('what is asked for', async (t) => {
  t.equal(historyPath('A1', 'day', null), '/api/v1/devices/A1/history?from=-1d')
  t.equal(historyPath('A1', 'week', { from: 100, to: 200 }), '/api/v1/devices/A1/history?from=100&to=200')
  t.equal(historyPath('A1', 'month', null, true), '/api/v1/devices/A1/history?from=-30d&format=csv&step=5m')
})
