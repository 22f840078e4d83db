import t, { type Test } from 'tap'
import type { StoredEnergy } from '../../../src/devices/energy/energy.ts'
import type { StoredDevice } from '../../../src/devices/ports.ts'
import { Registry } from '../../../src/devices/registry/registry.ts'
import { seededRandom, VirtualRelay, VirtualThermostat } from '../../../src/simulator/index.ts'
import { KEY, SERIAL } from '../../support/simulator.ts'
import { BriskClock, InsideLink, SteppedClock } from '../inside-link.ts'
import { silent } from '../support.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

type Unit = VirtualThermostat | VirtualRelay

interface Options {
  readonly make: (clock: SteppedClock) => Unit
  readonly hw: string
  /** The user's own figure in W. */
  readonly power?: number
  readonly kept?: Map<string, StoredEnergy>
}

/** A registry with one device that is polled every 15 s and whose own time passes in steps of 3 s. */
function setUp(t: Test, { make, hw, power, kept = new Map() }: Options) {
  const clock = new BriskClock()
  const time = new SteppedClock(clock, 3_000)
  const unit = make(time)
  const link = new InsideLink(unit.device, time)
  const stored: StoredDevice = {
    serial: SERIAL,
    hw,
    name: null,
    host: '127.0.0.1',
    port: 80,
    counterBase: null,
    learned: {},
    features: [],
    sources: ['config'],
  }
  const registry = new Registry({
    clock,
    random: seededRandom(7),
    logger: silent,
    memory: { load: () => [stored], save: () => {}, forget: () => {} },
    energy: {
      load: () => [...kept.values()],
      save: (...records) => {
        for (const record of records) kept.set(record.serial, record)
      },
    },
    keys: { get: () => undefined, refresh: async () => false },
    configured: [{ serial: SERIAL, host: null, port: 80, name: null, power: power ?? null }],
    pollInterval: 15_000,
    onLocated: () => {},
    connect: () => link,
  })
  registry.start()
  t.teardown(() => registry.stop())
  const number = (key: string) => Number(registry.get(SERIAL)?.state[key] ?? Number.NaN)
  /** kWh. */
  const meter = () => {
    time.catchUp(unit.device)
    return unit.meter / 1_000
  }
  return { clock, registry, unit, link, kept, number, meter }
}

const az = (time: SteppedClock) =>
  new VirtualThermostat({
    serial: SERIAL,
    model: 'az',
    key: KEY,
    clock: time,
    random: seededRandom(1),
    ratedPower: 1500,
    lock: 'none',
  })

t.test('a week by the schedule, against the meter of the device: less than 1 % off', async (t) => {
  const { clock, number, meter } = setUp(t, { hw: 'az', make: az })
  let before = 0
  for (let day = 0; day < 7; day++) {
    await clock.advance(DAY)
    t.ok(number('energy') > before, 'it only rises')
    before = number('energy')
  }
  const used = meter()
  t.ok(used > 20, `the week has ${used} kWh`)
  const off = Math.abs(number('energy') - used)
  t.ok(off < used / 100, `${(off / used) * 100} % off`)
  t.ok(off < number('energy_error'), `less than what is stated as possible, ${number('energy_error')} kWh`)
  t.ok(Math.abs(number('heating_time') - used / 1.5) < used / 150, 'and so is the heating time')
})

t.test('what happens while the device can not be reached for long is not counted, and nothing falls', async (t) => {
  const { clock, link, number, meter } = setUp(t, { hw: 'az', make: az })
  await clock.advance(HOUR)
  const before = [number('energy'), meter()] as const
  link.unplugged = true
  await clock.advance(2 * HOUR)
  t.ok(number('energy') - before[0] < 0.03, 'the last minute at most')
  link.unplugged = false
  const away = meter()
  await clock.advance(HOUR)
  t.ok(number('energy') >= before[0])
  const missed = away - before[1]
  const off = Math.abs(meter() - missed - number('energy'))
  // The first poll after it was back may have come minutes later, as those of a device that is away do.
  t.ok(off < 0.2, `${off} kWh besides the ${missed} that nobody saw`)
})

t.test('the rated power changed on the way: the old figure up to then', async (t) => {
  const { clock, registry, number } = setUp(t, { hw: 'az', make: az })
  await clock.advance(20 * 60_000)
  await registry.set(SERIAL, { rated_power: 3_000, mode: 'off' })
  await clock.advance(2 * 60_000)
  const hours = number('heating_time')
  t.ok(hours > 0.05, `${hours} h`)
  t.ok(Math.abs(number('energy') - hours * 1.5) < 0.01, 'nothing at the new one, while off')
  t.match(registry.get(SERIAL)?.state, { power: 0, rated_power: 3_000 })
})

t.test('the clock of the device set back and forth costs nothing', async (t) => {
  const { clock, link, number, meter } = setUp(t, { hw: 'az', make: az })
  for (const jump of [-7_200, 86_400, -500_000_000, 500_000_000]) {
    await clock.advance(10 * 60_000)
    const before = number('energy')
    link.ahead = jump
    await clock.advance(10 * 60_000)
    t.ok(number('energy') >= before)
  }
  const used = meter()
  t.ok(Math.abs(number('energy') - used) < 0.05 + used / 50, `${number('energy')} of ${used}`)
})

t.test('a relay by the figure of its owner', async (t) => {
  const { clock, registry, number, meter } = setUp(t, {
    hw: 'ms',
    power: 800,
    make: (time) =>
      new VirtualRelay({
        serial: SERIAL,
        model: 'ms',
        key: KEY,
        clock: time,
        random: seededRandom(1),
        ratedPower: 800,
        lock: 'none',
      }),
  })
  await clock.advance(0)
  for (let i = 0; i < 24; i++) {
    await registry.set(SERIAL, { relay: i % 2 === 0 })
    await clock.advance((20 + i) * 60_000)
  }
  await clock.advance(60_000)
  t.ok(Math.abs(number('energy') - meter()) < meter() / 100, `${number('energy')} of ${meter()}`)
  t.ok(number('energy_error') < meter() / 100, `at most ${number('energy_error')}`)
  t.ok(Math.abs(number('on_time') - number('energy') / 0.8) < 0.02)
  const features = registry.get(SERIAL)?.features
  for (const key of ['power', 'energy', 'energy_error', 'on_time']) t.ok(features?.has(key), key)
})
