/** What the page makes of the history, without a browser. */
import t from 'tap'
import type { HistorySample } from '../../../src/web/api/types.ts'
import { drawn, historyPath, linesOf, liveSample, summaryOf, tableOf } from '../../../src/web/state/history.ts'
import { dateOf, moved, spanOf, stepsOf, viewIn, yesterday } from '../../../src/web/state/history-view.ts'

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
  const { times, values } = drawn(samples, 300, since)
  t.strictSame(
    times.map((time) => time - NOON),
    [0, 300, 600, 900, 1000, 5000],
  )
  t.strictSame(values.floor_temperature, [0, 3, null, 9, 10, null])
  t.strictSame(values.load, [null, null, null, null, 1, null])
  t.strictSame(linesOf([...samples, ...since]), ['floor_temperature', 'load'])
  t.strictSame(linesOf(samples), ['floor_temperature'])
  t.strictSame(drawn([], 300, []).times, [])
  const [late] = drawn([sampleAt(600)], 300, [liveSample({}, true, NOON)]).times.slice(1)
  t.equal(late, NOON + 600, 'times never go back')
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

t.test('whole days of the calendar, as they stand in the address', async (t) => {
  const today = '2026-03-31'
  t.strictSame(viewIn([], today), { range: 'day', last: null })
  t.strictSame(viewIn(['week', '2026-03-20'], today), { range: 'week', last: '2026-03-20' })
  for (const last of ['2026-02-30', '2026-03-31', '2027-01-01', 'yesterday', '2026-3-1'])
    t.equal(viewIn(['year', last], today).last, null, last)
  for (const view of [yesterday(today), viewIn(['month'], today), viewIn(['week', '2026-03-20'], today)])
    t.strictSame(viewIn(stepsOf(view), today), view, 'the address leads back')
  t.strictSame(yesterday(today), { range: 'day', last: '2026-03-30' })
  t.strictSame(moved(viewIn([], today), -1, today), yesterday(today), 'before today is yesterday')
  t.strictSame(moved(yesterday(today), 1, today), viewIn([], today))
  t.strictSame(moved(viewIn(['week'], today), -1, today).last, '2026-03-24')
  t.equal(spanOf(viewIn([], today)), null)
  const span = spanOf({ range: 'week', last: '2026-03-31' })
  const midnight = (date: number) => new Date(2026, 2, date).getTime() / 1000
  t.strictSame(span, { from: midnight(25), to: midnight(32) }, 'from midnight to midnight, also when clocks change')
  t.equal(dateOf(new Date(2026, 0, 5, 23, 59)), '2026-01-05')
})
