import fc from 'fast-check'
import t from 'tap'
import { EnergyMeter, type LoadReading } from '../../../src/devices/energy/meter.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const INTERVAL = 15 * SECOND

/** Feeds a meter with readings of `[second, load, watts, time of the device]`. */
function counted(
  readings: readonly (readonly [number, boolean, (number | undefined)?, number?])[],
  interval = INTERVAL,
) {
  const meter = new EnergyMeter({ interval })
  for (const [second, load, watts, deviceTime] of readings) {
    meter.take({ at: second * SECOND, load, watts, deviceTime })
  }
  return meter.used
}

t.test('the same at both ends counts whole, switched counts half and says so', async (t) => {
  const on = { wattHours: 5, errorWattHours: 0, onSeconds: 15 }
  t.same(counted([[0, true, 1200]]), { wattHours: 0, errorWattHours: 0, onSeconds: 0 })
  t.same(
    counted([
      [0, true, 1200],
      [15, true, 1200],
    ]),
    on,
  )
  t.same(
    counted([
      [0, false, 1200],
      [15, false, 1200],
    ]),
    { wattHours: 0, errorWattHours: 0, onSeconds: 0 },
  )
  const half = { wattHours: 2.5, errorWattHours: 2.5, onSeconds: 7.5 }
  t.same(
    counted([
      [0, false, 1200],
      [15, true, 1200],
    ]),
    half,
  )
  t.same(
    counted([
      [0, true, 1200],
      [15, false, 1200],
    ]),
    half,
  )
})

t.test('a figure holds until the next one is known', async (t) => {
  t.match(
    counted([
      [0, true, 1200],
      [15, true, 2400],
      [30, true, 2400],
    ]),
    { wattHours: 15 },
  )
  t.match(
    counted([
      [0, true],
      [15, true, 2400],
      [30, true],
    ]),
    { wattHours: 10, onSeconds: 30 },
    'unknown is nothing',
  )
})

t.test('gaps: one in which it may have been switched twice is doubted, a longer one counts nothing', async (t) => {
  t.match(
    counted([
      [0, true, 1200],
      [120, true, 1200],
    ]),
    { wattHours: 40, errorWattHours: 0 },
  )
  t.match(
    counted([
      [0, true, 1200],
      [600, true, 1200],
    ]),
    { wattHours: 200, errorWattHours: 200 },
  )
  t.match(
    counted([
      [0, true, 1200],
      [601, true, 1200],
    ]),
    { wattHours: 0, errorWattHours: 0 },
  )
  t.match(
    counted([
      [0, true, 1200],
      [7 * 86_400, true, 1200],
      [7 * 86_400 + 15, true, 1200],
    ]),
    { wattHours: 5 },
  )
  const hourly = 60 * MINUTE
  t.match(
    counted(
      [
        [0, true, 1200],
        [3_600, true, 1200],
      ],
      hourly,
    ),
    { wattHours: 1200, errorWattHours: 1200 },
  )
})

t.test('clocks: going back or standing still counts nothing twice, and doubt is stated', async (t) => {
  t.match(
    counted([
      [15, true, 1200],
      [15, true, 1200],
      [0, true, 1200],
    ]),
    { wattHours: 0 },
  )
  t.match(
    counted([
      [0, true, 1200, 100],
      [15, true, 1200, 115],
    ]),
    { wattHours: 5, errorWattHours: 0 },
  )
  t.match(
    counted([
      [0, true, 1200, 100],
      [15, true, 1200, 119],
    ]),
    { errorWattHours: 0 },
    'whole seconds, and a slow reply',
  )
  for (const told of [-1e9, 0, 100, 3_700, 1e9]) {
    const used = counted([
      [0, true, 1200, 100],
      [15, true, 1200, told],
      [30, true, 1200, told + 15],
    ])
    t.match(used, { wattHours: 10, errorWattHours: 5, onSeconds: 30 }, `${told}`)
  }
})

t.test('flapping each second', async (t) => {
  const seen: [number, boolean, number][] = []
  for (let second = 0; second <= 3600; second++) seen.push([second, second % 2 === 0, 1000])
  const each = counted(seen)
  t.same([each.wattHours, each.errorWattHours].map(Math.round), [500, 500], 'each switch seen')
  let second = 0
  const polled: [number, boolean, number][] = []
  for (let i = 0; second < 36_000; i++) {
    polled.push([second, Math.floor(second) % 2 === 0, 1000])
    second += 15 + Math.sin(i * 12.9898) * 0.75
  }
  const { wattHours, errorWattHours } = counted(polled)
  t.ok(Math.abs(wattHours - 5000) < 500, `${wattHours} of 5000, seen every quarter of a minute alone`)
  t.ok(Math.abs(wattHours - 5000) <= errorWattHours && errorWattHours > 2000, `and said to be ${errorWattHours} off`)
})

t.test('reset begins at nothing, at that moment', async (t) => {
  const meter = new EnergyMeter({ interval: INTERVAL, used: { wattHours: 7, errorWattHours: 1, onSeconds: 9 } })
  const reading: LoadReading = { at: 0, load: true, watts: 1200, deviceTime: 0 }
  meter.reset(0)
  meter.take(reading)
  meter.reset(5 * SECOND)
  meter.take({ ...reading, at: 15 * SECOND, deviceTime: 15 })
  t.ok(Math.abs(meter.used.wattHours - 10 / 3) < 1e-9)
  t.equal(meter.used.onSeconds, 10)
})

t.test(
  'whatever is read: it never falls, and while no switching goes unseen it is off by no more than it says',
  async () => {
    const held = fc.array(fc.integer({ min: 31, max: 900 }), { minLength: 1, maxLength: 40 })
    const apart = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 400 })
    fc.assert(
      fc.property(held, apart, fc.integer({ min: 1, max: 5000 }), (holds, gaps, watts) => {
        // Even in number, so that it starts over switched as it began.
        const periods = holds.length % 2 === 0 ? holds : [...holds, 31]
        const total = periods.reduce((sum, hold) => sum + hold, 0)
        const isOn = (at: number) => {
          let left = at % total
          for (const [place, hold] of periods.entries()) {
            left -= hold
            if (left < 0) return place % 2 === 1
          }
          return false
        }
        const meter = new EnergyMeter({ interval: INTERVAL })
        let second = 0
        let used = 0
        meter.take({ at: 0, deviceTime: 0, load: isOn(0), watts })
        for (const gap of gaps) {
          for (let i = 0; i < gap; i++) used += isOn(second + i) ? watts / 3600 : 0
          second += gap
          const before = meter.used.wattHours
          meter.take({ at: second * SECOND, deviceTime: second, load: isOn(second), watts })
          if (meter.used.wattHours < before) return false
        }
        return Math.abs(meter.used.wattHours - used) <= meter.used.errorWattHours + 1e-6
      }),
    )
  },
)
