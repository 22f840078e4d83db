import type { Clock } from '../core/clock.ts'
import { VIRTUAL_HOUSE } from '../core/network/addresses.ts'
import { VirtualCloud } from './clouds/index.ts'
import type { Lock } from './device/index.ts'
import { type ThermostatOptions, VirtualThermostat } from './device/thermostat.ts'
import { randomKey, randomSerial, seededRandom } from './random.ts'
import { type RelayOptions, VirtualRelay } from './relays/index.ts'
import type { VirtualUnit } from './unit.ts'

/** One thermostat of a house; what is left out comes from the seed. */
export type HouseThermostat = Pick<ThermostatOptions, 'model'> & Partial<ThermostatOptions>

/** One relay of a house; what is left out comes from the seed. */
export type HouseRelay = Pick<RelayOptions, 'model'> & Partial<RelayOptions>

export interface HouseOptions {
  readonly clock: Clock
  /** The same seed gives the same house. Default 1. */
  readonly seed?: number
  /** How many, of all models in turn; or which. */
  readonly thermostats: number | readonly HouseThermostat[]
  /** How many relays, of both models in turn; or which. Default none. */
  readonly relays?: number | readonly HouseRelay[]
  /**
   * `addresses`: each on its own loopback address (127.23.x.y) and all on one port, like real ones, so that their beacons
   * reveal their addresses; if the machine has no such addresses, `ports` is used. `ports`: all on 127.0.0.1. Default
   * `addresses`.
   */
  readonly addressing?: 'addresses' | 'ports'
  /** The port of all when each has its address; default 8023. */
  readonly port?: number
  /** UDP port on 127.0.0.1 that beacons go to; without one there are none. */
  readonly beaconPort?: number
  /** ms; default 20 s. */
  readonly beaconInterval?: number
  /** Records a page of the clouds; default 10. */
  readonly pageSize?: number
  /** How many requests each device remembers; default 20. */
  readonly logSize?: number
}

export interface HouseDescription {
  readonly clouds: readonly { provider: 'terneo' | 'welrok'; url: string; email: string; password: string }[]
  readonly thermostats: readonly UnitDescription[]
  readonly relays: readonly UnitDescription[]
}

export interface UnitDescription {
  readonly serial: string
  readonly model: string
  readonly name: string
  readonly host: string
  readonly port: number
  readonly lock: Lock
  readonly key: string
}

const ROOMS = ['Bathroom', 'Kitchen', 'Hall', 'Living room', 'Bedroom', 'Nursery', 'Study', 'Guest room', 'Sauna']
const MODELS = ['ax', 'oz', 'sx', 'az', 'old', 'rx', 'bx'] as const
const RELAY_MODELS = ['ms', 'd2w'] as const
const RELAY_PLACES = ['Boiler', 'Mains', 'Pump', 'Fridge', 'Garage', 'Garden']
const VENDORS = ['terneo', 'welrok'] as const
const PASSWORD = 'virtual-house'
/** What the clouds say of all. */
const FIRMWARE = '2.5.1'

/** ms that real units want between two requests. */
const SPACING = 200

/** Addresses of the house in 127.23.0.0/16: the third and the fourth byte both start at 1. */
const addressOf = (index: number): string =>
  `${VIRTUAL_HOUSE.network}${1 + Math.floor(index / 250)}.${1 + (index % 250)}`

/** Thermostats in their rooms, the clouds that list them, and their beacons. */
export class VirtualHouse {
  readonly thermostats: readonly VirtualThermostat[]
  readonly relays: readonly VirtualRelay[]
  readonly clouds: readonly VirtualCloud[]
  readonly #options: HouseOptions

  constructor(options: HouseOptions) {
    this.#options = options
    const random = seededRandom(options.seed ?? 1)
    const wanted =
      typeof options.thermostats === 'number'
        ? Array.from(
            { length: options.thermostats },
            (_, i): HouseThermostat => ({ model: MODELS[i % MODELS.length] ?? 'ax' }),
          )
        : options.thermostats
    this.thermostats = wanted.map((thermostat, index) => this.#furnish(thermostat, index, random))
    // Of a generator of their own, so that the same seed gives the same thermostats with relays and without.
    const other = seededRandom((options.seed ?? 1) ^ RELAY_SEED)
    this.relays = wantedRelays(options.relays ?? 0).map((relay, index) => this.#wire(relay, index, other))
    this.clouds = VENDORS.map(
      (vendor) =>
        new VirtualCloud({
          vendor,
          clock: options.clock,
          random: seededRandom(Math.floor(random() * 2 ** 32)),
          accounts: [{ email: emailOf(vendor), password: PASSWORD, devices: this.#listed(vendor) }],
          ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
        }),
    )
  }

  /** @throws what `listen` fails with */
  async start(): Promise<HouseDescription> {
    for (const cloud of this.clouds) await cloud.start()
    for (const unit of this.units) await settle(unit)
    const { beaconPort, beaconInterval } = this.#options
    if (beaconPort !== undefined) {
      for (const unit of this.units) {
        unit.startBeacons({ host: '127.0.0.1', port: beaconPort }, beaconInterval ?? 20_000)
      }
    }
    return this.describe()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.units, ...this.clouds].map((part) => part.stop()))
  }

  describe(): HouseDescription {
    return {
      clouds: this.clouds.map(({ vendor, url }) => ({
        provider: vendor,
        url,
        email: emailOf(vendor),
        password: PASSWORD,
      })),
      thermostats: this.thermostats.map((unit) => describe(unit, unit.device.lock)),
      relays: this.relays.map((unit) => describe(unit, unit.device.lock)),
    }
  }

  /** Everything that broadcasts: the thermostats, then the relays. */
  get units(): readonly VirtualUnit[] {
    return [...this.thermostats, ...this.relays]
  }

  relay(serial: string): VirtualRelay | undefined {
    return this.relays.find((relay) => relay.serial === serial)
  }

  thermostat(serial: string): VirtualThermostat | undefined {
    return this.thermostats.find((thermostat) => thermostat.serial === serial)
  }

  /** Binds a thermostat to its account again: the unit and the cloud get a new key, which is returned. */
  rebind(serial: string): string | undefined {
    const key = this.units.find((unit) => unit.serial === serial)?.rebind()
    if (key !== undefined) for (const cloud of this.clouds) cloud.rebind(serial, key)
    return key
  }

  #furnish(wanted: HouseThermostat, index: number, random: () => number): VirtualThermostat {
    const own = seededRandom(Math.floor(random() * 2 ** 32))
    const { addressing = 'addresses', port = VIRTUAL_HOUSE.port, logSize = 20, clock } = this.#options
    const round = Math.floor(index / ROOMS.length)
    return new VirtualThermostat({
      serial: randomSerial(own),
      key: randomKey(own),
      name: `${ROOMS[index % ROOMS.length]}${round > 0 ? ` ${round + 1}` : ''}`,
      clock,
      random: own,
      logSize,
      lock: 'lan',
      counterBase: own() < 0.8 ? '2000' : 'unix',
      clockOffset: Math.round((own() - 0.5) * 240),
      clockDrift: 1 + (own() - 0.5) * 1e-4,
      floorTemperature: 19 + own() * 8,
      airTemperature: 18 + own() * 5,
      ratedPower: 300 + 100 * Math.floor(own() * 12),
      ...(addressing === 'addresses' ? { host: addressOf(index), port } : {}),
      ...wanted,
      quirks: { minSpacing: SPACING, ...wanted.quirks },
    })
  }

  #wire(wanted: HouseRelay, index: number, random: () => number): VirtualRelay {
    const own = seededRandom(Math.floor(random() * 2 ** 32))
    const { addressing = 'addresses', port = VIRTUAL_HOUSE.port, logSize = 20, clock } = this.#options
    const round = Math.floor(index / RELAY_PLACES.length)
    return new VirtualRelay({
      serial: randomSerial(own),
      key: randomKey(own),
      name: `${RELAY_PLACES[index % RELAY_PLACES.length]}${round > 0 ? ` ${round + 1}` : ''}`,
      clock,
      random: own,
      logSize,
      lock: 'lan',
      clockOffset: Math.round((own() - 0.5) * 240),
      ratedPower: 500 + 100 * Math.floor(own() * 20),
      ...(addressing === 'addresses' ? { host: addressOf(this.thermostats.length + index), port } : {}),
      ...wanted,
      quirks: { minSpacing: SPACING, ...wanted.quirks },
    })
  }

  #listed(vendor: 'terneo' | 'welrok') {
    return this.units
      .filter(({ device }) => device.model.vendor === vendor)
      .map(({ serial, name, key, hw }, index) => ({
        id: index + 1,
        sn: serial,
        name,
        type: hw,
        totp_key: key,
        version_name: FIRMWARE,
      }))
  }
}

/** Apart from that of the thermostats. */
const RELAY_SEED = 0x5eed

function wantedRelays(relays: number | readonly HouseRelay[]): readonly HouseRelay[] {
  if (typeof relays !== 'number') return relays
  return Array.from(
    { length: relays },
    (_, i): HouseRelay => ({ model: RELAY_MODELS[i % RELAY_MODELS.length] ?? 'ms' }),
  )
}

function describe({ serial, hw, name, host, port, key }: VirtualUnit, lock: Lock): UnitDescription {
  return { serial, model: hw, name, host, port, lock, key }
}

const emailOf = (vendor: string): string => `house@${vendor}.example`

/** Listens at its address in the house, or on 127.0.0.1 if the machine lacks that address or it is in use. */
async function settle(thermostat: VirtualUnit): Promise<void> {
  try {
    await thermostat.start()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (thermostat.host === '127.0.0.1' || (code !== 'EADDRNOTAVAIL' && code !== 'EADDRINUSE')) throw error
    await thermostat.moveTo('127.0.0.1', 0)
    await thermostat.start()
  }
}
