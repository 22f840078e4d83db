/** What all parts of the benchmark share: folders, broker, devices, and bridges to measure. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectAsync, type MqttClient } from 'mqtt'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import type { Broker } from './broker.ts'
import type { Figure } from './figures.ts'
import { numberIn, Peer, textIn } from './rpc.ts'

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const PROBE = new URL('./probe.mjs', import.meta.url).href

export interface VirtualDevice {
  readonly serial: string
  readonly host: string
  readonly port: number
  readonly key: string
}

export interface BridgePlan {
  readonly name: string
  readonly url: string
  readonly devices: readonly VirtualDevice[]
  /** As the setting has it, such as `10s`. */
  readonly poll: string
  /** As the setting has it; default `0`. */
  readonly spacing?: string
  /** UDP port for beacons; default none. */
  readonly beacons?: number
  /** Settings in place of the usual ones. */
  readonly more?: JsonObject
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The processes that a run of the benchmark is made of. */
export class Bench {
  readonly broker: Broker
  readonly house = Peer.fork('house.ts')
  readonly bare = Peer.fork('bare.ts')
  readonly #folder: string

  constructor(options: { broker: Broker; folder: string }) {
    this.broker = options.broker
    this.#folder = options.folder
  }

  async stop(): Promise<void> {
    await Promise.all([this.house.stop(), this.bare.stop()])
    await this.broker.stop()
  }

  /** Replaces the devices that there were before. The last `unlocked` of them take unsigned commands. */
  async open(devices: number, unlocked = 0): Promise<VirtualDevice[]> {
    const reply = await this.house.call('open', { devices, unlocked })
    const list: readonly unknown[] = Array.isArray(reply.devices) ? reply.devices : []
    return list.filter(isObject).map((device) => ({
      serial: textIn(device, 'serial'),
      host: textIn(device, 'host'),
      port: numberIn(device, 'port'),
      key: textIn(device, 'key'),
    }))
  }

  /** Makes the data folder of a bridge, with its settings. */
  furnish({ name, url, devices, poll, spacing = '0', beacons, more = {} }: BridgePlan): string {
    const folder = join(this.#folder, name)
    mkdirSync(folder, { recursive: true })
    const settings = {
      device: { poll_interval: poll, min_spacing: spacing },
      discovery: beacons === undefined ? { enabled: false } : { host: '127.0.0.1', port: beacons },
      mqtt: { url, base_topic: name },
      api: { port: 0, admin_password: 'only-for-the-benchmark' },
      devices: devices.map(({ serial, host, port, key }) => ({ serial, host, port, totp_key: key })),
      ...more,
    }
    writeFileSync(join(folder, 'config.yaml'), JSON.stringify(settings))
    return folder
  }

  /** Starts the built bridge; resolves when all its devices are online. Left `alone` it has no probe, which takes memory. */
  async startBridge(plan: BridgePlan, alone = false): Promise<Peer> {
    const folder = this.furnish(plan)
    const client = await connectAsync(plan.url)
    const online = this.#allOnline(client, plan)
    const peer = Peer.spawn([...(alone ? [] : ['--import', PROBE]), MAIN, 'run', `--data_dir=${folder}`], {
      cwd: folder,
      alone,
    })
    await Promise.race([
      online,
      pause(60_000).then(() => Promise.reject(new Error(`the devices of ${plan.name} do not come online`))),
    ])
    await client.endAsync(true)
    return peer
  }

  async #allOnline(client: MqttClient, { name, devices }: BridgePlan): Promise<void> {
    const online = new Promise<void>((resolve) => {
      client.on('message', (_topic, payload) => {
        const info = parseJson(payload.toString())
        const counts = isObject(info) && isObject(info.devices) ? info.devices : {}
        if (counts.online === devices.length) resolve()
      })
    })
    await client.subscribeAsync(`${name}/bridge/info`)
    await online
  }
}

export type Part = (bench: Bench) => Promise<readonly Figure[]>
