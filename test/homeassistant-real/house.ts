/** The bridge with its simulated house and its broker, beside Home Assistant. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mqtt, { type MqttClient } from 'mqtt'
import { SystemClock } from '../../src/core/clock.ts'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { VirtualHouse } from '../../src/simulator/index.ts'
import { Program, until } from './processes.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const BEACONS = 23_500

export type BrokerKind = 'embedded' | 'mosquitto'

export class House {
  readonly bridge: Program
  /** None when the bridge's own is taken. */
  readonly broker: Program | undefined
  readonly house: VirtualHouse
  readonly apiPort: number
  readonly brokerPort: number
  /** What is retained, by topic. */
  readonly retained = new Map<string, string>()
  /** All messages, in their order. */
  readonly messages: { readonly topic: string; readonly payload: string; readonly at: number }[] = []
  readonly #folder: string
  #client: MqttClient | undefined

  constructor(kind: BrokerKind, ports: { api: number; broker: number }) {
    this.apiPort = ports.api
    this.brokerPort = ports.broker
    this.#folder = mkdtempSync(join(tmpdir(), 'thermo2mqtt-real-'))
    this.house = new VirtualHouse({
      clock: new SystemClock(),
      thermostats: 7,
      relays: 2,
      beaconPort: BEACONS,
      beaconInterval: 3_000,
    })
    const mosquitto = join(this.#folder, 'mosquitto.conf')
    writeFileSync(mosquitto, `listener ${ports.broker} 127.0.0.1\nallow_anonymous true\nuser root\n`)
    this.broker = kind === 'mosquitto' ? new Program('Mosquitto', ['mosquitto', '-c', mosquitto]) : undefined
    this.bridge = new Program('the bridge', [process.execPath, MAIN, 'run'], {
      T2M_CONFIG: join(this.#folder, 'config.json'),
      T2M_DATA_DIR: join(this.#folder, 'data'),
      T2M_LOG_FORMAT: 'pretty',
      T2M_UPDATES_CHECK: 'false',
    })
  }

  async start(): Promise<void> {
    this.broker?.start()
    await this.house.start()
    this.configure()
    this.bridge.start()
    await until('the broker takes a client', () => this.#listen(), 60)
    await until('the bridge is online', () => this.retained.get('thermo2mqtt/bridge/state') === 'online')
  }

  /** Writes the settings; in force with the next start of the bridge. */
  configure(changes: JsonObject = {}): void {
    const { clouds } = this.house.describe()
    const broker = this.broker
      ? { url: `mqtt://127.0.0.1:${this.brokerPort}` }
      : { embedded: { host: '127.0.0.1', port: this.brokerPort } }
    const settings = {
      cloud: {
        accounts: clouds.map(({ provider, url, email, password }) => ({
          ...{ id: provider, provider, url, username: email, password },
        })),
      },
      device: { poll_interval: '2s', min_spacing: '250ms' },
      discovery: { host: '127.0.0.1', port: BEACONS },
      mqtt: broker,
      api: {
        host: '127.0.0.1',
        port: this.apiPort,
        admin_password: 'homeassistant-real',
        public_url: `http://127.0.0.1:${this.apiPort}/`,
      },
      ...changes,
    }
    writeFileSync(join(this.#folder, 'config.json'), JSON.stringify(settings))
  }

  async restartBridge(): Promise<void> {
    await this.bridge.stop()
    const from = this.messages.length
    this.bridge.start()
    await this.bridgeOnline(from)
  }

  /** Resolves once the bridge has said that it is online, in a message after the first `from`: an earlier one may be out of date. */
  async bridgeOnline(from: number): Promise<void> {
    const said = (): boolean => {
      const news = this.messages.slice(from).filter(({ topic }) => topic === 'thermo2mqtt/bridge/state')
      return news.at(-1)?.payload === 'online'
    }
    await until('the bridge is online again', said)
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync(true)
    await this.bridge.stop()
    await this.broker?.stop()
    await this.house.stop()
    if (existsSync(this.#folder)) rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The state of a device as the bridge publishes it. */
  stateOf(serial: string): JsonObject {
    const state = parseJson(this.retained.get(`thermo2mqtt/${serial}/state`) ?? '')
    return isObject(state) ? state : {}
  }

  /** The last message on a topic, below the base topic. */
  lastOf(topic: string): string {
    return this.messages.findLast((message) => message.topic === `thermo2mqtt/${topic}`)?.payload ?? 'nothing'
  }

  /** The discovery documents, by the serial that they are of; `bridge` for the bridge's. */
  documents(): ReadonlyMap<string, JsonObject> {
    const found = [...this.retained].flatMap(([topic, payload]) => {
      if (!/^homeassistant\/device\/.*\/config$/.test(topic)) return []
      const document = parseJson(payload)
      if (!isObject(document) || !isObject(document.device)) return []
      return [[String(document.device.serial_number ?? 'bridge'), document] as const]
    })
    return new Map(found)
  }

  async publish(topic: string, payload: string): Promise<void> {
    await this.#client?.publishAsync(topic, payload, { qos: 1 })
  }

  async #listen(): Promise<boolean> {
    if (this.#client?.connected) return true
    this.bridge.check()
    await this.#client?.endAsync(true)
    const client = mqtt.connect(`mqtt://127.0.0.1:${this.brokerPort}`, { protocolVersion: 4, reconnectPeriod: 500 })
    this.#client = client
    client.on('error', () => undefined)
    client.on('message', (topic, bytes) => {
      const payload = bytes.toString()
      this.messages.push({ topic, payload, at: Date.now() })
      if (payload === '') this.retained.delete(topic)
      else this.retained.set(topic, payload)
    })
    client.on('connect', () => client.subscribe(['thermo2mqtt/#', 'homeassistant/#'], { qos: 1 }))
    return until('a connection', () => client.connected, 3).catch(() => false)
  }
}
