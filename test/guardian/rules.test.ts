/** What the guardian makes of odd samples: gaps, clocks, devices that cool or have no sensor, summer time. */
import t from 'tap'
import { newTrack } from '../../src/guardian/course.ts'
import { localDay } from '../../src/guardian/inputs.ts'
import { energyHigh } from '../../src/guardian/rules/energy-high.ts'
import type { Present, Sample } from '../../src/guardian/types.ts'
import { Watch } from '../../src/guardian/watch.ts'
import { DAY, day } from './winter.ts'

const FIVE = 300
const START = 1_790_812_800

const present: Present = { warms: true, limit: 40, clockOffset: 0, drops: 0, day }

const sampleAt = (at: number, change: Partial<Sample> = {}): Sample => ({
  ...{ at, seconds: FIVE, known: FIVE, temperature: 25, low: 24.9, high: 25.1, controlled: 25 },
  ...{ target: 25, load: 0, power: 0 },
  ...change,
})

/** The temperature of an ordinary floor, which goes up for half an hour and down for an hour and a half. */
function ordinary(at: number): Sample {
  const phase = (at % 7_200) / 7_200
  const on = phase < 0.25
  const temperature = on ? 24.5 + 4 * phase : 25.5 - (4 / 3) * (phase - 0.25)
  return sampleAt(at, {
    temperature,
    low: temperature - 0.1,
    high: temperature + 0.1,
    controlled: temperature,
    load: on ? 1 : 0,
    power: on ? 1_000 : 0,
  })
}

/** Lets a watch see samples for some days; returns when it ended. */
function see(watch: Watch, days: number, from = START, of = ordinary, now = present): number {
  const end = from + days * DAY
  for (let at = from; at < end; at += FIVE) watch.take(of(at), now)
  return end
}

const kinds = (watch: Watch) => watch.findings.map(({ kind }) => kind)

t.test('an ordinary floor gives no findings, and its delay is learned', async (t) => {
  const watch = new Watch()
  see(watch, 20)
  t.strictSame(watch.findings, [])
  t.equal(watch.delay('not_warming'), 20 * 60)
})

t.test('nothing that has to be learned is found in the first days', async (t) => {
  const watch = new Watch()
  const end = see(watch, 2)
  for (let at = end; at < end + 0.9 * DAY; at += FIVE) watch.take(sampleAt(at, { load: 1, target: 30 }), present)
  t.strictSame(kinds(watch), [])
})

t.test('a finding has its evidence in a sentence, and ends', async (t) => {
  const watch = new Watch()
  let at = see(watch, 5)
  for (let cold = 0; cold < 12; cold++, at += FIVE) {
    const temperature = 24.5 - cold * 0.1
    watch.take(sampleAt(at, { load: 1, temperature, low: temperature, high: temperature + 0.1 }), present)
  }
  t.strictSame(kinds(watch), ['not_warming'])
  const [finding] = watch.findings
  t.match(finding?.message, /^The load has been on for \d+ min, but the temperature fell by \d(\.\d)? °C\./)
  t.notMatch(finding?.message, /[{}]/)
  t.match(finding?.evidence, { minutes: Number, drop: Number, usual: Number })
  const same = watch.findings
  watch.take(sampleAt(at, { load: 1, temperature: 23.4 }), present)
  t.equal(watch.findings, same, 'the same object as long as nothing changes')
  see(watch, 1, at + FIVE)
  t.strictSame(kinds(watch), [])
})

t.test('samples from before the last one are ignored, as after a clock that was set back', async (t) => {
  const watch = new Watch()
  const end = see(watch, 5)
  t.equal(watch.take(sampleAt(end - DAY, { temperature: 90, low: 90, high: 90 }), present), false)
  t.equal(watch.end, end)
  t.strictSame(kinds(watch), [])
})

t.test('gaps of minutes and of months are nothing unusual', async (t) => {
  const watch = new Watch()
  let at = START
  for (const gap of [1_800, 7 * DAY, 90 * DAY, FIVE, 2 * DAY + 900]) at = see(watch, 6, at) + gap
  // Back in a house that has cooled.
  for (let hour = 0; hour < 8; hour++, at += 3_600) {
    for (let part = 0; part < 12; part++) {
      const temperature = 8 + hour * 2 + part / 6
      watch.take(
        sampleAt(at + part * FIVE, {
          load: 1,
          temperature,
          low: temperature,
          high: temperature,
          controlled: temperature,
        }),
        present,
      )
    }
  }
  t.strictSame(kinds(watch), [])
})

t.test('samples without values are nothing unusual', async (t) => {
  const watch = new Watch()
  const nothing = { temperature: null, low: null, high: null, controlled: null, target: null, load: null, power: null }
  see(watch, 5)
  see(watch, 5, START + 5 * DAY, (at) => sampleAt(at, { ...nothing, known: 10 }))
  t.equal(watch.take(sampleAt(START + 10 * DAY, { known: 0 }), present), false)
  t.strictSame(kinds(watch), [])
  t.notOk(watch.findings.some(({ message }) => message.includes('NaN')))
})

t.test('a load that cools makes it colder, and that is right', async (t) => {
  const watch = new Watch()
  const now = { ...present, warms: false }
  const cools = (at: number) => {
    const { temperature, ...rest } = ordinary(at)
    const cold = 50 - (temperature ?? 0)
    return { ...rest, temperature: cold, controlled: cold, low: cold - 0.1, high: cold + 0.1 }
  }
  see(watch, 10, START, cools, now)
  t.strictSame(kinds(watch), [])
})

t.test('a relay without a temperature is watched for what it can show', async (t) => {
  const watch = new Watch()
  const of = (at: number) =>
    sampleAt(at, { temperature: null, low: null, high: null, controlled: null, target: null, load: 1 })
  const end = see(watch, 5, START, of)
  t.strictSame(kinds(watch), [])
  see(watch, 0.1, end, of, { ...present, clockOffset: -1_000 })
  t.strictSame(kinds(watch), ['clock_wrong'])
  t.equal(watch.findings[0]?.message.includes('17 min'), true)
})

t.test('a day of 25 hours is no day of much energy', async (t) => {
  const zone = process.env.TZ
  process.env.TZ = 'Europe/Kyiv'
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })
  const autumn = Date.UTC(2026, 9, 24, 21) / 1000
  const { number } = localDay(autumn)
  t.same(
    [localDay(autumn - 1), localDay(autumn), localDay(autumn + 25 * 3_600 - 1), localDay(autumn + 25 * 3_600)],
    [
      { number: number - 1, weekday: 6 },
      { number, weekday: 0 },
      { number, weekday: 0 },
      { number: number + 1, weekday: 1 },
    ],
  )
  const watch = new Watch()
  see(watch, 40, autumn - 20 * DAY, ordinary, { ...present, day: localDay })
  t.strictSame(kinds(watch), [])
})

t.test('a floor that was replaced by a slower one is learned anew', async (t) => {
  const watch = new Watch()
  const end = see(watch, 20)
  const slow = (at: number) => ordinary(Math.floor(at / 4))
  see(watch, 20, end, (at) => ({ ...slow(at), at }))
  t.strictSame(kinds(watch), [])
  t.ok(watch.delay('not_warming') > 30 * 60)
})

t.test('the day before a long gap is learned as the weekday that it was', async (t) => {
  const gaps = [1, 6, 7, 8, 20].map((gap) => {
    const learned = { ...energyHigh.blank }
    const hours = (at: number) => energyHigh.take(learned, sampleAt(at, { load: 0.5 }), newTrack(), present)
    for (let at = START; at < START + DAY; at += FIVE) hours(at)
    hours(START + gap * DAY)
    return [gap, learned.days, Math.round(learned.thursday)]
  })
  t.strictSame(
    gaps,
    [1, 6, 7, 8, 20].map((gap) => [gap, 1, 12]),
  )
})
