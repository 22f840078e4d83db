/** A thermostat on a fake link. */
import { indexRows } from '../../src/devices/facts/rows.ts'
import { Thermostat } from '../../src/devices/thermostat.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeLink, silent } from './support.ts'

const SERIAL = '058016000543464839373520000159'
export const address = { host: '127.0.0.1', port: 80 }

export function setUp(name: string, identity: Partial<ConstructorParameters<typeof Thermostat>[0]> = {}) {
  const clock = new FakeClock()
  const link = new FakeLink(name)
  const seen = { states: 0, identities: 0, availability: [] as boolean[] }
  let counterBase = (_: '2000' | 'unix') => {}
  const thermostat = new Thermostat(
    {
      serial: SERIAL,
      hw: name,
      name: null,
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
      ...identity,
    },
    {
      clock,
      random: () => 0.5,
      logger: silent,
      pollInterval: 15_000,
      rows: indexRows,
      connect: (_address, owner) => {
        counterBase = (base) => owner.onCounterBase(base)
        return link
      },
      keySource: () => null,
      onState: () => seen.states++,
      onAvailability: (changed) => seen.availability.push(changed.online),
      onIdentity: () => seen.identities++,
    },
  )
  return { clock, link, seen, thermostat, learnBase: (base: '2000' | 'unix') => counterBase(base) }
}

export async function online(name: string, identity = {}) {
  const all = setUp(name, identity)
  all.thermostat.locate(address)
  await all.clock.advance(0)
  return all
}
