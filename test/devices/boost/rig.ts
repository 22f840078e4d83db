/** A bridge and one virtual device without a timer, which outlives it, on a clock that is told to pass. */
import { BridgeError } from '../../../src/core/errors.ts'
import type { StoredBoost } from '../../../src/devices/boost/facts.ts'
import type { StoredDevice } from '../../../src/devices/ports.ts'
import { seededRandom, type ThermostatOptions, VirtualThermostat } from '../../../src/simulator/index.ts'
import { KEY, SERIAL, type Teardown } from '../../support/simulator.ts'
import { bridgesOn } from '../bridges.ts'
import { BriskClock, InsideLink, SteppedClock } from '../inside-link.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const BOOST = { preset: 'boost', boost_minutes: 30, timer_setpoint: 35 }

const STORED: StoredDevice = {
  serial: SERIAL,
  hw: 'az',
  name: null,
  host: '127.0.0.1',
  port: 80,
  counterBase: null,
  learned: {},
  features: [],
  sources: ['config'],
}

/** Thursday 2026-01-15 12:00 UTC, when the schedule says 25 °C until 17:00; in manual mode it is 30 °C. */
export async function boostRig(t: Teardown, options: Partial<ThermostatOptions> = {}) {
  const clock = new BriskClock()
  const time = new SteppedClock(clock, 60_000)
  const unit = new VirtualThermostat({
    serial: SERIAL,
    model: 'az',
    key: KEY,
    clock: time,
    random: seededRandom(1),
    lock: 'none',
    ...options,
  })
  const link = new InsideLink(unit.device, time)
  const kept = new Map<string, StoredBoost>()
  /** What the store was told, with the manual setpoint that the device had at that moment. */
  const commits: string[] = []
  const store = { broken: false }
  const memory = {
    load: () => [...kept.values()],
    save: (boost: StoredBoost) => {
      if (store.broken) throw new BridgeError('INTERNAL', 'The disk is full.')
      kept.set(boost.serial, boost)
      commits.push(`save ${boost.setpoints.at(-1)}, device at ${unit.parameter(5)}`)
    },
    forget: (serial: string) => {
      kept.delete(serial)
      commits.push('forget')
    },
  }
  const { start, stop, registry, passing } = bridgesOn(t, {
    clock,
    stored: [STORED],
    boosts: memory,
    connect: () => link,
  })
  await start()
  const state = () => registry().get(SERIAL)?.state ?? {}
  return {
    clock,
    unit,
    link,
    kept,
    commits,
    store,
    registry,
    start,
    stop,
    /** What a command did, with the state as it is once the telemetry has followed. */
    set: async (command: object) => ({ ...(await passing(registry().set(SERIAL, command))), state: state() }),
    state,
    pass: (ms: number) => clock.advance(ms),
    /** At the device's own keys. */
    wall: (id: number, value: number) => {
      time.catchUp(unit.device)
      unit.setLocally(id, value)
    },
    parameter: (id: number) => {
      time.catchUp(unit.device)
      return unit.parameter(id)
    },
  }
}
