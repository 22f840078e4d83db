/** What every fault has to work with: a folder, a virtual house, bridges and brokers; all of it gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock } from '../../src/core/clock.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { type HouseOptions, VirtualHouse, type VirtualThermostat } from '../../src/simulator/index.ts'
import { Mosquitto } from '../mqtt/support.ts'
import { accountsOf, merged } from '../support/e2e.ts'
import { Listener } from '../support/listener.ts'
import type { Teardown } from '../support/simulator.ts'
import { unusedPort } from '../support/unused-port.ts'
import { ADMIN, type BridgePlan, BridgeProcess } from './bridge-process.ts'

export class Rig {
  readonly folder: string
  readonly #closing: (() => Promise<unknown>)[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<Rig> {
    return new Rig(await mkdtemp(join(tmpdir(), 'thermo2mqtt-faults-')))
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Runs when all is over, the last one first. */
  after(close: () => Promise<unknown>): void {
    this.#closing.push(close)
  }

  /** For what the tests share and clean up after a test. */
  get teardown(): Teardown {
    return { teardown: (close) => this.after(async () => close()) }
  }

  /** A house on 127.0.0.1 whose devices are locked, each with a port of its own, and known to its clouds. */
  async house(options: Partial<HouseOptions> & Pick<HouseOptions, 'thermostats'>): Promise<VirtualHouse> {
    const house = new VirtualHouse({ clock: new SystemClock(), addressing: 'ports', logSize: 2000, ...options })
    await house.start()
    this.after(() => house.stop())
    return house
  }

  /** A bridge with an embedded broker that knows the house by its settings; not started yet. */
  async bridge(
    house: VirtualHouse,
    changes: JsonObject = {},
    plan: Partial<Omit<BridgePlan, 'settings' | 'apiPort'>> = {},
  ): Promise<BridgeProcess> {
    const apiPort = await unusedPort()
    const settings: JsonObject = {
      cloud: { accounts: accountsOf(house) },
      devices: house.thermostats.map(({ serial, host, port }) => ({ serial, host, port })),
      device: { poll_interval: '2s', min_spacing: '200ms', timeout: '3s' },
      discovery: { enabled: false },
      mqtt: { embedded: { port: await unusedPort() } },
      api: { port: apiPort, admin_password: ADMIN },
      log: { level: 'info', format: 'json' },
    }
    const folder = plan.folder ?? join(this.folder, `bridge-${this.#closing.length}`)
    const bridge = new BridgeProcess({ ...plan, folder, apiPort, settings: merged(settings, changes) })
    this.after(() => bridge.kill())
    return bridge
  }

  /** A client that hears everything. */
  async listener(url: string, base?: string): Promise<Listener> {
    const listener = await Listener.open(url, base)
    this.after(() => listener.close())
    return listener
  }

  async mosquitto(config?: string): Promise<Mosquitto> {
    const broker = new Mosquitto(this.folder, await unusedPort(), config)
    await broker.start()
    this.after(() => broker.stop())
    return broker
  }
}

/** Real time, in ms: what is tried here are real programs. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The address of the embedded broker of a bridge that has these settings. */
export const embeddedUrl = (port: number): string => `mqtt://127.0.0.1:${port}`

/** The first thermostat of a house. */
export function first(house: VirtualHouse): VirtualThermostat {
  const [thermostat] = house.thermostats
  if (!thermostat) throw new RangeError('the house is empty')
  return thermostat
}
