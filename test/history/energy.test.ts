/** Energy by days, weeks and months: whatever a range is cut into, its parts add up. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { calendarOf } from '../../src/history/calendar.ts'
import { NOTHING } from '../../src/history/samples.ts'
import type { HistoryMemory, HistoryRow } from '../../src/history/types.ts'
import { usesOf } from '../../src/history/usage.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'
import { MINUTE, rig, START, TARIFF } from './rig.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
const round = (kWh: number) => Math.round(kWh * 1000) / 1000
const sum = (values: readonly (number | null)[]) => round(values.reduce<number>((all, value) => all + (value ?? 0), 0))

/** The history as it was before the start. */
const lived = (rows: readonly HistoryRow[]) => (memory: HistoryMemory) => {
  memory.write(rows)
  return memory
}

t.test('a count that begins or starts anew says nothing of its past; the power does', async (t) => {
  const hour = (energy: number | null, power: number | null) => ({ energy, power, known: HOUR })
  t.strictSame(usesOf([hour(10, 500), hour(11, 1000)], 9.8), [0.2, 1])
  t.strictSame(usesOf([hour(10, 500), hour(11, 1000)], null), [0.5, 1], 'it begins')
  t.strictSame(usesOf([hour(10, 0), hour(0.3, 400), hour(0.7, 400)], 10), [0, 0.4, 0.4], 'it starts anew')
  t.strictSame(usesOf([hour(10, 0), hour(8, 100)], 10), [0, 0.1], 'an older count was restored')
  t.strictSame(usesOf([hour(null, 500), hour(3, null)], null), [null, 0], 'nothing is known')
})

t.test('days are those of the zone, also when clocks change; weeks begin on Monday', async (t) => {
  const at = (iso: string) => Date.parse(iso) / 1000
  const spring = calendarOf('Europe/Kyiv', 'day', 3, at('2026-03-30T12:00:00Z'))
  t.strictSame(
    spring.starts.map((start) => new Date(start * 1000).toISOString()),
    ['2026-03-27T22:00:00.000Z', '2026-03-28T22:00:00.000Z', '2026-03-29T21:00:00.000Z'],
  )
  const lengths = (part: number) => spring.hours.filter((hour) => hour.part === part).length
  t.strictSame([lengths(0), lengths(1), lengths(2)], [24, 23, 15])
  t.strictSame(calendarOf('UTC', 'week', 2, at('2026-01-15T12:00:00Z')).starts, [
    at('2026-01-05T00:00:00Z'),
    at('2026-01-12T00:00:00Z'),
  ])
  t.strictSame(calendarOf('UTC', 'month', 2, at('2026-03-01T00:30:00Z')).starts, [
    at('2026-02-01T00:00:00Z'),
    at('2026-03-01T00:00:00Z'),
  ])
  t.throws(() => calendarOf('Europe/Atlantis', 'day', 1, 0), RangeError)
})

t.test('whatever a range is cut into, its parts add up to what was used', async (t) => {
  // Five weeks by the hour, with gaps and a count that starts anew.
  let [seed, energy] = [1, 3]
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const rows = Array.from({ length: 35 * 24 }, (_, index) => {
    const used = random() < 0.5 ? 0 : Math.round(random() * 1500) / 1000
    energy = index === 400 ? used : energy + used
    const sample = { ...NOTHING, at: START - 35 * DAY + index * HOUR, known: HOUR, power: used * 1000, energy }
    return { serial: EXAMPLE_SERIAL, step: 3_600 as const, sample }
  }).filter((_, index) => index < 100 || index > 130)
  const it = rig(t, { open: lived(rows) })
  const range = async (from: number, to: number, step: number) =>
    sum((await it.recorder.query(EXAMPLE_SERIAL, { from, to, step })).uses)
  const all = await range(START - 40 * DAY, START, HOUR)
  t.ok(all > 100, `${all} kWh`)
  t.equal(await range(START - 40 * DAY, START, 6 * HOUR), all, 'in longer steps')
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 * 24 - 1 }), async (hours) => {
      const cut = START - hours * HOUR
      const parts = (await range(START - 40 * DAY, cut, HOUR)) + (await range(cut, START, HOUR))
      return round(parts) === all
    }),
    { numRuns: 30 },
  )
  const by = async (by: 'day' | 'week' | 'month', last: number) => {
    const answer = await it.recorder.energy({ serials: [EXAMPLE_SERIAL], by, last, timezone: 'Europe/Kyiv' })
    return { kWh: sum(answer.parts.map((part) => part.energy)), whole: answer.devices[0]?.energy }
  }
  const expected = { kWh: all, whole: all }
  t.strictSame(await by('day', 50), expected)
  t.strictSame(await by('week', 8), expected)
  t.strictSame(await by('month', 3), expected)
})

t.test('a night costs less; a price that is not known costs nothing that could be said', async (t) => {
  const hours = Array.from({ length: 24 }, (_, hour) => ({
    serial: EXAMPLE_SERIAL,
    step: 3_600 as const,
    // Midnight in Kyiv is two hours earlier in UTC.
    sample: { ...NOTHING, at: START - 38 * HOUR + hour * HOUR, known: HOUR, power: 1000, energy: hour + 1 },
  }))
  const costs = async (tariff = TARIFF) => {
    const it = rig(t, { dataDir: t.testdir(), tariff, open: lived(hours) })
    const question = { serials: [EXAMPLE_SERIAL], by: 'day', last: 2, timezone: 'Europe/Kyiv' } as const
    const { currency, parts } = await it.recorder.energy(question)
    return [currency, parts[0]?.energy, parts[0]?.cost]
  }
  t.strictSame(await costs(), ['UAH', 24, 16 * 4 + 8 * 2])
  t.strictSame(await costs({ ...TARIFF, nightPrice: null }), ['UAH', 24, 24 * 4])
  t.strictSame(await costs({ ...TARIFF, nightPrice: null, price: 0.20505 }), ['UAH', 24, 4.9212], 'not only cents')
  t.strictSame(await costs({ ...TARIFF, night: { from: 1, to: 5 } }), ['UAH', 24, 20 * 4 + 4 * 2])
  t.strictSame(await costs({ ...TARIFF, price: null, nightPrice: null }), [null, 24, null])
})

t.test('the use of the present hour is in it at once, and counted from before midnight', async (t) => {
  const it = rig(t)
  it.show({ energy: 5, power: 0 })
  await it.clock.advance(90 * MINUTE)
  it.show({ energy: 6.5, power: 1000 })
  await it.clock.advance(MINUTE)
  const question = { serials: [EXAMPLE_SERIAL], by: 'day', last: 1, timezone: 'UTC' } as const
  t.equal((await it.recorder.energy(question)).parts[0]?.energy, 1.5)
  const { uses } = await it.recorder.query(EXAMPLE_SERIAL, { from: START + 80 * 60, to: START + 92 * 60, step: 60 })
  t.equal(sum(uses), 1.5, 'the count before the range is known')
})

t.test('a clock that jumps adds nothing to the sums, and takes nothing away', async (t) => {
  const earlier = { ...NOTHING, at: START - HOUR, known: HOUR, power: 0, energy: 5 }
  /** What six hours at 600 W sum up to by days and by months, with a jump of the clock before each. @param jumps minutes */
  const used = async (jumps: readonly number[]) => {
    const open = lived([{ serial: EXAMPLE_SERIAL, step: 3_600, sample: earlier }])
    const it = rig(t, { dataDir: mkdtempSync(join(t.testdir(), 'data-')), open })
    let energy = 5
    for (const jump of jumps) {
      it.clock.jumpWall(jump * MINUTE)
      for (let minutes = 0; minutes < 60; minutes += 10) {
        energy = round(energy + 0.1)
        it.show({ energy, power: 600 })
        await it.clock.advance(10 * MINUTE)
      }
    }
    const by = async (by: 'day' | 'month', last: number) => {
      const question = { serials: [EXAMPLE_SERIAL], by, last, timezone: 'UTC' } as const
      return sum((await it.recorder.energy(question)).parts.map((part) => part.energy))
    }
    return [await by('day', 60), await by('month', 12)]
  }
  const weeks = 40 * 24 * 60
  const courses = {
    straight: [0, 0, 0, 0, 0, 0],
    'an hour back, and three ahead': [0, -60, 0, 180, 0, 0],
    'weeks ahead for a moment': [0, weeks, -weeks, 0, 0, 0],
    'weeks ahead for good': [0, 0, 0, weeks, 0, 0],
    'to and fro': [-5, 5, -5, 5, -5, 5],
  }
  const sums: [string, number[]][] = []
  for (const [course, jumps] of Object.entries(courses)) sums.push([course, await used(jumps)])
  t.strictSame(
    sums,
    Object.keys(courses).map((course) => [course, [3.6, 3.6]]),
  )
})
