/** A bridge and a house of virtual devices, which outlive it, on a clock that is told to pass. */
import { BridgeError } from '../../../src/core/errors.ts'
import type { HouseEntry, HouseMemory, ScopeMode } from '../../../src/devices/house/entry.ts'
import type { HouseChange } from '../../../src/devices/ports.ts'
import { seededRandom, type ThermostatOptions, VirtualRelay, VirtualThermostat } from '../../../src/simulator/index.ts'
import type { Teardown } from '../../support/simulator.ts'
import { bridgesOn } from '../bridges.ts'
import { BriskClock, InsideLink, SteppedClock } from '../inside-link.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Parameter ids. */
export const POWER_OFF = 125
export const PROGRAM = 2
export const MANUAL_FLOOR = 5

type Model = ThermostatOptions['model'] | 'ms'

const serialOf = (index: number): string => `404CCAAAD4E8A898606098000001${index + 10}`

function memory() {
  let entries: readonly HouseEntry[] = []
  let modes: readonly ScopeMode[] = []
  const disk = { broken: false, commits: 0 }
  const house: HouseMemory = {
    entries: () => structuredClone([...entries]),
    modes: () => structuredClone([...modes]),
    save: (change) => {
      if (disk.broken) throw new BridgeError('INTERNAL', 'The disk is full.')
      disk.commits++
      const gone = new Set([...change.ended, ...change.kept.map(({ serial }) => serial)])
      entries = structuredClone([...entries.filter(({ serial }) => !gone.has(serial)), ...change.kept])
      modes = structuredClone([...(change.modes ?? modes)])
    },
  }
  return { house, disk, kept: () => entries }
}

/** Thursday 2026-01-15 12:00 UTC, when the schedules say 25 °C until 17:00; in manual mode it is 30 °C. */
export async function houseRig(t: Teardown, models: readonly Model[]) {
  const clock = new BriskClock()
  const store = memory()
  const units = models.map((model, index) => {
    const time = new SteppedClock(clock, 60_000)
    const options = { serial: serialOf(index), key: 'AAD4EXAJX4E8A8XT', clock: time, random: seededRandom(index) }
    const unit =
      model === 'ms'
        ? new VirtualRelay({ ...options, model, lock: 'none' })
        : new VirtualThermostat({ ...options, model, lock: 'none' })
    // As in most houses.
    if (model !== 'ms') unit.setLocally(PROGRAM, 0)
    return { model, unit, time, serial: options.serial, link: new InsideLink(unit.device, time) }
  })
  const { start, stop, registry, passing, events } = bridgesOn(t, {
    clock,
    stored: units.map(({ serial, model }, index) => ({
      ...{ serial, hw: model, name: `Room ${index}`, host: '127.0.0.1', port: 80 },
      ...{ counterBase: null, learned: {}, features: [], sources: ['config'] },
    })),
    house: store.house,
    connect: (_address, { serial }) => {
      const found = units.find((unit) => unit.serial === serial)
      if (!found) throw new Error('no such unit')
      return found.link
    },
  })
  await start()
  const at = (index: number) => {
    const found = units[index]
    if (!found) throw new RangeError(`no unit ${index}`)
    return found
  }
  return {
    ...{ clock, units, store, events, start, stop, registry, at },
    house: (command: object): Promise<HouseChange> => passing(registry().house.set(command)),
    set: (index: number, command: object) => passing(registry().set(at(index).serial, command)),
    state: (index: number) => registry().get(at(index).serial)?.state ?? {},
    pass: (ms: number) => clock.advance(ms),
    /** In so many milliseconds from now. */
    later: (ms: number) => new Date(clock.now() + ms).toISOString(),
    /** At the device's own keys. */
    wall: (index: number, id: number, value: number) => {
      at(index).time.catchUp(at(index).unit.device)
      at(index).unit.setLocally(id, value)
    },
    parameter: (index: number, id: number) => {
      at(index).time.catchUp(at(index).unit.device)
      return at(index).unit.parameter(id)
    },
    /** Off the network, until the bridge has noticed. */
    unplug: async (...indices: number[]) => {
      for (const index of indices) at(index).link.unplugged = true
      while (indices.some((index) => registry().get(at(index).serial)?.online)) await clock.advance(15_000)
    },
    plugIn: async (...indices: number[]) => {
      for (const index of indices) at(index).link.unplugged = false
      while (indices.some((index) => !registry().get(at(index).serial)?.online)) await clock.advance(15_000)
      await clock.advance(2_000)
    },
  }
}

export const outcomesOf = ({ devices }: Pick<HouseChange, 'devices'>): readonly string[] =>
  devices.map(({ outcome }) => outcome)
