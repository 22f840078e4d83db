/** The thermostats themselves: how each is made when it becomes known, and what is kept of it. */
import type { EventBus } from '../../core/events.ts'
import type { StoredBoost } from '../boost/facts.ts'
import { type NamedZone, zonesOf } from '../clock/zones.ts'
import { Energy } from '../energy/energy.ts'
import { indexOnce } from '../facts/rows.ts'
import { Rooms } from '../house/rooms.ts'
import type { DeviceAddress } from '../link/link.ts'
import { Announcer } from '../news/announcer.ts'
import type { News } from '../news/news.ts'
import type { DeviceEvents, StoredDevice } from '../ports.ts'
import { sharedFacts } from '../state/facts.ts'
import { Thermostat } from '../thermostat.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { withSource } from './account-lists.ts'
import { unknownDevice } from './explained.ts'
import { Names } from './names.ts'
import { isOthers } from './newcomers.ts'
import type { RegistryOptions } from './options.ts'
import { newcomer, Saving } from './saving.ts'

/** Milliseconds between the first polls of two devices, so that a thousand of them do not answer at the same moment. */
const START_SPACING = 10

export interface FleetOptions extends RegistryOptions {
  readonly events: EventBus<DeviceEvents>
  readonly told: News
}

export class Fleet {
  readonly names: Names
  readonly rooms: Rooms
  readonly #options: FleetOptions
  readonly #thermostats = new Map<string, Thermostat>()
  readonly #zones: ReadonlyMap<string, NamedZone>
  readonly #rowsOf = indexOnce()
  readonly #shared = sharedFacts()
  readonly #energy: Energy
  /** The boosts that ran when the bridge stopped. */
  readonly #boosts = new Map<string, StoredBoost>()
  readonly #saving: Saving
  readonly #announcer: Announcer
  #started = 0
  #remembering = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#saving = new Saving(options)
    this.#announcer = new Announcer({
      clock: options.clock,
      events: options.events,
      news: options.told,
      knows: (device) => this.#thermostats.get(device.serial) === device,
      save: (device) => this.#remembering || this.#saving.soon(device),
    })
    this.#energy = new Energy({
      ...options,
      memory: options.energy,
      figures: new Map(options.configured.flatMap(({ serial, power }) => (power ? [[serial, power]] : []))),
    })
    this.#zones = zonesOf(options.configured)
    this.names = new Names(options)
    this.rooms = new Rooms(options.rooms)
  }

  /** All thermostats by serial. */
  get all(): ReadonlyMap<string, Thermostat> {
    return this.#thermostats
  }

  /** How many devices answer. */
  get online(): number {
    return this.#announcer.online
  }

  /** Creates the thermostats that the store remembers and the settings name. */
  start(): void {
    const { boosts, memory, configured } = this.#options
    this.#energy.start()
    this.names.start()
    this.rooms.start()
    for (const boost of boosts?.load() ?? []) this.#boosts.set(boost.serial, boost)
    this.#remembering = true
    for (const stored of memory.load()) {
      const thermostat = this.add(stored)
      if (stored.host && stored.port) this.#locate(thermostat, { host: stored.host, port: stored.port })
    }
    this.#remembering = false
    for (const { serial, host, port } of configured) {
      const thermostat = this.learnOf(serial, 'config')
      if (host) this.#locate(thermostat, { host, port }, true)
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#thermostats.values()].map((thermostat) => thermostat.stop()))
    this.#saving.stop()
    this.#energy.stop()
  }

  /** The thermostat with a serial. @throws BridgeError `UNKNOWN_DEVICE` */
  need(serial: string): Thermostat {
    const thermostat = this.#thermostats.get(serial)
    if (thermostat) return thermostat
    throw unknownDevice(serial)
  }

  /** A device became known from one more source. */
  learnOf(serial: string, source: string): Thermostat {
    const known = this.#thermostats.get(serial)
    known?.identify({ sources: withSource(known.identity, source) })
    return known ?? this.add(newcomer(serial, source))
  }

  add(stored: StoredDevice): Thermostat {
    const { clock, random, logger, connect, connectUnlocated, decided, pollInterval, heardInterval } = this.#options
    const { onState, onSchedule, onAvailability, onIdentity, onOwn, onChangeAtDevice, onWait } = this.#announcer
    const { serial } = stored
    const thermostat = new Thermostat(stored, {
      onState,
      onSchedule,
      onAvailability,
      onIdentity,
      onOwn,
      onChangeAtDevice,
      onWait,
      clock,
      random,
      logger,
      connect,
      connectUnlocated,
      decided,
      pollInterval,
      heardInterval,
      ask: this.#options.ask,
      quiet: this.#options.quiet,
      silence: this.#options.silence,
      timezone: this.#zones.get(serial),
      energy: this.#energy.of(serial),
      boosts: this.#options.boosts,
      boost: this.#boosts.get(serial),
      rows: this.#rowsOf,
      shared: this.#shared,
      keySource: () => this.#options.keys.get(serial)?.source ?? null,
      called: (_, own) => this.names.of(serial, own),
      room: this.rooms.of,
      isOthers: (address) => isOthers(this.#thermostats, serial, address),
      onMove: (device, address, hw) => this.#moved(device, address, hw),
    })
    this.#boosts.delete(serial)
    this.#thermostats.set(serial, thermostat)
    onIdentity(thermostat)
    this.#options.events.emit('info', undefined)
    return thermostat
  }

  /** Forgets a thermostat: from here on, nothing that it still says counts. */
  forget(thermostat: Thermostat): void {
    const { serial } = thermostat
    this.#options.memory.forget(serial)
    this.#thermostats.delete(serial)
    this.#announcer.forget(serial)
    this.#saving.forget(thermostat)
    this.#energy.forget(serial)
    this.names.forget(serial)
    this.rooms.forget(serial)
    this.#options.onForgotten?.(serial)
  }

  #moved(device: KnownDevice, address: DeviceAddress, hw: string | null): void {
    const thermostat = this.#thermostats.get(device.serial)
    if (thermostat !== device) return
    const before = thermostat.address
    if (hw) thermostat.identify({ hw })
    this.#locate(thermostat, address)
    this.#options.told.place(thermostat.view(), before)
  }

  #locate(thermostat: Thermostat, address: DeviceAddress, named = false): void {
    thermostat.locate(address, START_SPACING * this.#started++, named)
    this.#options.onLocated(thermostat.serial, address)
  }
}
