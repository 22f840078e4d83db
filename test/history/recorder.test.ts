import fc from 'fast-check'
import t from 'tap'
import { bucketed, lasting, NOTHING } from '../../src/history/samples.ts'
import type { HistorySample } from '../../src/history/types.ts'
import { EXAMPLE_SERIAL, exampleView } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { DAY, HOUR, MINUTE, rig, START, stored, timesOf } from './rig.ts'

t.test('a sample for each change, ten seconds apart at least, in one commit a minute', async (t) => {
  const it = rig(t)
  it.show({ floor_temperature: 20, load: false })
  await it.clock.advance(12_000)
  it.show({ floor_temperature: 21 })
  it.show({ floor_temperature: 21, wifi_rssi: -70 })
  await it.clock.advance(3_000)
  it.show({ floor_temperature: 21.5, load: true })
  await it.clock.advance(20_000)
  it.show({ humidity: 40 })
  t.strictSame(stored(it), [], 'nothing is on disk yet')
  const before = await it.recorder.query(EXAMPLE_SERIAL, { from: START, to: START + 60, step: 10 })
  t.match(before.samples.at(-1), { at: START + 30, floor_temperature: 21.5, load: 1 }, 'but it can be seen')
  await it.clock.advance(30_000)
  t.match(stored(it), [
    { at: START, floor_temperature: 20, load: 0 },
    { at: START + 10, floor_temperature: 21.5, load: 1, power: 1200, energy: 12.34, target_temperature: 24 },
  ])
  t.equal(stored(it).length, 2, 'the last of ten seconds, and nothing of what is not recorded')
  t.strictSame(it.devices.failures, [])
})

t.test('five minutes and hours: means over time, extremes, share of load, last energy', async (t) => {
  const it = rig(t)
  it.show({ floor_temperature: 20, load: true, power: 1000, energy: 1 })
  await it.clock.advance(MINUTE)
  it.show({ floor_temperature: 30, load: false, power: 0, energy: 2 })
  await it.clock.advance(4 * MINUTE)
  it.show({ floor_temperature: 10, load: false, power: 0, energy: 2 })
  await it.clock.advance(2 * MINUTE)
  const five = { at: START, known: 300, floor_temperature: 28, floor_temperature_min: 20, floor_temperature_max: 30 }
  t.match(stored(it, 300), [{ ...five, load: 0.2, power: 200, energy: 2, target_temperature: 24 }])
  await it.clock.advance(55 * MINUTE)
  const hour = { at: START, known: 3600, floor_temperature: 11.5, floor_temperature_min: 10, floor_temperature_max: 30 }
  t.match(stored(it, 3600), [{ ...hour, load: 0.017, power: 17, energy: 2 }])
  t.equal(stored(it, 300).length, 12, 'what does not change is noted all the same')
  t.ok(stored(it).length <= 18, 'though not often')
})

t.test('a device that is away is not made up', async (t) => {
  const it = rig(t)
  it.show({ floor_temperature: 20, load: true })
  await it.clock.advance(2 * MINUTE)
  it.show({}, false)
  await it.clock.advance(30 * MINUTE)
  it.show({ floor_temperature: 25, load: false })
  await it.clock.advance(30 * MINUTE)
  const { samples } = await it.recorder.query(EXAMPLE_SERIAL, { from: START, to: START + 3600, step: 300 })
  t.strictSame(timesOf(samples), [0, 1800, 2100, 2400, 2700, 3000, 3300])
  t.match(samples[0], { known: 120, load: 1 })
  t.match(samples[1], { known: 180, floor_temperature: 25 })
  const [hour] = (await it.recorder.query(EXAMPLE_SERIAL, { from: START, to: START + 3600, step: 3600 })).samples
  t.match(hour, { known: 120 + 1680, floor_temperature_min: 20, load: 0.067 })
})

t.test(
  'after a crash all but the last minute is there, and only a little of the time between is taken as known',
  async (t) => {
    const dataDir = t.testdir()
    const first = rig(t, { dataDir })
    first.show({ floor_temperature: 20, load: true })
    await first.clock.advance(9 * MINUTE)
    first.show({ floor_temperature: 22 })
    // No stop: whatever waits is lost.
    const later = rig(t, { dataDir, clock: new FakeClock((START + 2 * 3600) * 1000) })
    later.show({ floor_temperature: 15, load: false })
    await later.clock.advance(6 * MINUTE)
    const { samples } = await later.recorder.query(EXAMPLE_SERIAL, { from: START, to: START + 8000, step: 300 })
    t.strictSame(timesOf(samples), [0, 300, 600, 7200, 7500])
    t.ok((samples[2]?.known ?? 999) <= 300, 'six minutes after the last sign at most')
    later.recorder.stop()
    const stopped = rig(t, { dataDir, clock: new FakeClock((START + 4 * 3600) * 1000) })
    t.equal(stored(stopped).at(-1)?.floor_temperature, null, 'after an orderly end nothing is')
    t.match((await stopped.recorder.query(EXAMPLE_SERIAL, { from: START, to: START + 4 * 3600, step: 3600 })).samples, [
      { at: START, floor_temperature: 20 },
      { at: START + 7200, floor_temperature: 15 },
    ])
  },
)

t.test('what a device showed last stays when it goes at once', async (t) => {
  const it = rig(t)
  it.show({ floor_temperature: 20 })
  it.show({}, false)
  await it.clock.advance(2_000)
  it.show({ floor_temperature: 21 })
  await it.clock.advance(MINUTE)
  it.show({}, false)
  await it.clock.advance(MINUTE)
  t.strictSame(
    stored(it).map(({ at, floor_temperature }) => [at - START, floor_temperature]),
    [
      [0, 20],
      [10, 21],
      [60, null],
    ],
  )
})

t.test('a clock that is set back or ahead mixes nothing up', async (t) => {
  const it = rig(t)
  let degrees = 0
  const minutes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      it.show({ floor_temperature: ++degrees })
      await it.clock.advance(MINUTE)
    }
  }
  await minutes(5)
  it.clock.jumpWall(-HOUR)
  await minutes(5)
  it.clock.jumpWall(3 * HOUR)
  await minutes(5)
  // A time server slips by years, for a moment.
  it.clock.jumpWall(3000 * DAY)
  await minutes(2)
  it.clock.jumpWall(-3000 * DAY)
  await minutes(3)
  await it.clock.advance(MINUTE)
  const samples = stored(it).filter(({ floor_temperature }) => floor_temperature !== null)
  t.strictSame(
    samples.map(({ floor_temperature }) => floor_temperature),
    Array.from({ length: 20 }, (_, index) => index + 1),
    'each once, in order',
  )
  const at = timesOf(samples)
  t.ok(at.every((time, index) => index === 0 || time > (at[index - 1] ?? 0)))
  t.ok((at[9] ?? 0) < 600, 'time goes on')
  t.equal(at[10], 600 + 7200, 'and follows a jump ahead')
  t.ok((at[19] ?? 0) < 3 * 3600, 'but not one into another year that is taken back')
})

t.test('a clock set back is caught up with, one set ahead by far is believed after a while', async (t) => {
  const it = rig(t)
  it.clock.jumpWall(-10 * MINUTE)
  t.ok(it.recorder.now() * 1000 > it.clock.now())
  await it.clock.advance(2 * HOUR)
  t.equal(it.recorder.now() * 1000, it.clock.now(), 'the same again')
  it.clock.jumpWall(40 * DAY)
  t.not(it.recorder.now() * 1000, it.clock.now())
  await it.clock.advance(11 * MINUTE)
  t.equal(it.recorder.now() * 1000, it.clock.now())
})

t.test('longer samples hold as much as those that they are made of', async () => {
  const moment = fc.record({
    gap: fc.integer({ min: 1, max: 90 }),
    degrees: fc.option(fc.integer({ min: -20, max: 60 })),
    load: fc.constantFrom(null, 0, 1),
  })
  const times = (samples: readonly HistorySample[], key: 'floor_temperature' | 'load') =>
    samples.reduce((sum, { [key]: value, known }) => sum + (value ?? 0) * known, 0)
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 60 }), (moments) => {
      let at = 0
      const samples = moments.map(({ gap, degrees, load }) => {
        at += gap * 10
        return { ...NOTHING, at, known: 0, floor_temperature: degrees, load }
      })
      // Where one of the two is not known, means are over less time than the sample.
      const whole = samples.filter(({ floor_temperature: c, load }) => (c === null) === (load === null))
      const shorter = lasting(whole, at + 100, 360)
      const five = bucketed(shorter, 300, 0, at + 100)
      const hours = bucketed(five, 3600, 0, at + 100)
      const close = (a: number, b: number) => Math.abs(a - b) < 1e-6 * (1 + Math.abs(b))
      return (
        [five, hours].every(
          (longer) =>
            close(times(longer, 'floor_temperature'), times(shorter, 'floor_temperature')) &&
            close(times(longer, 'load'), times(shorter, 'load')),
        ) && five.every(({ at, known }, i) => at % 300 === 0 && known <= 300 && at > (five[i - 1]?.at ?? -1))
      )
    }),
  )
})

t.test('relays', async (t) => {
  const it = rig(t)
  it.devices.add(exampleView('ms', { serial: 'ms-1' }))
  it.devices.update('ms-1', { state: { relay: true } })
  it.devices.add(exampleView('d2w', { serial: 'd2w-1' }))
  it.devices.update('d2w-1', { state: { voltage: 229, load: true, relay: true } })
  await it.clock.advance(MINUTE)
  t.match(it.memory.read('ms-1', 10, 0, 1e10).at(-1), { load: 1, floor_temperature: null })
  t.match(it.memory.read('d2w-1', 10, 0, 1e10).at(-1), { load: 1, voltage: 229 })
})
