/** Two devices on one axis of time. */
import t from 'tap'
import type { HistorySample } from '../../../../src/web/api/types.ts'
import { drawn, liveSample, summaryOf, tableOf, told, valueAt } from '../../../../src/web/state/history/samples.ts'

const NOON = Date.UTC(2026, 0, 15, 12) / 1000

const samplesOf = (values: Readonly<Record<number, number>>, key: 'floor_temperature' | 'current_temperature') =>
  Object.entries(values).map(
    ([at, value]): HistorySample => ({
      at: new Date((NOON + Number(at)) * 1000).toISOString(),
      known: 300,
      [key]: value,
    }),
  )

const own = told(samplesOf({ 0: 20, 300: 21, 900: 22 }, 'floor_temperature'), 300, [])
const other = told(samplesOf({ 0: 18, 300: 19, 600: 20, 900: 21 }, 'current_temperature'), 300, [
  liveSample({ current_temperature: 25 }, true, NOON + 1_000),
])

t.test('neither puts a value or a gap into the other', async (t) => {
  const { times, values } = drawn(own, other)
  t.strictSame(
    times.map((at) => at - NOON),
    [0, 300, 600, 900, 1_000],
  )
  t.strictSame(
    values.floor_temperature,
    [20, 21, null, 22, undefined],
    'its own gap, and no gap where it told nothing new',
  )
  t.strictSame(values.beside, [18, 19, 20, 21, 25])
  t.equal(valueAt(values.floor_temperature, 4), 22, 'what it last told')
  t.equal(valueAt(values.floor_temperature, 2), null, 'a gap shows nothing')
  t.equal(valueAt([undefined], 0), null)
  t.equal(valueAt([], 3), null)
})

t.test('alone it is as it was', async (t) => {
  const { times, values } = drawn(own, null)
  t.equal(times, own.times)
  t.equal(values.floor_temperature, own.values.floor_temperature)
  t.strictSame(values.beside, [null, null, null, null])
})

t.test('a relay beside tells no temperature', async (t) => {
  const relay = told([{ at: new Date(NOON * 1000).toISOString(), known: 300, load: 1, voltage: 230 }], 300, [
    liveSample({ relay: true, voltage: 230 }, true, NOON + 400),
  ])
  t.strictSame(drawn(own, relay).values.beside, [null, undefined, null, undefined, undefined])
})

t.test('in numbers: at whichever sensor controls', async (t) => {
  const samples = samplesOf({ 0: 18, 300: 20 }, 'current_temperature')
  t.strictSame(summaryOf(samples).spread.current_temperature, { mean: 19, min: 18, max: 20 })
  t.equal(tableOf(samples, 'day', () => 0)[0]?.spread.current_temperature?.mean, 19)
})
