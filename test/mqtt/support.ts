import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Aedes, type AedesOptions } from 'aedes'
import { connect, type IClientOptions, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { SystemClock, type Timer } from '../../src/core/clock.ts'
import type { Logger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { forwardOnce } from '../../src/mqtt/broker/forward-once.ts'
import { MqttBridge, type MqttBridgeOptions, type MqttOptions } from '../../src/mqtt/index.ts'
import { eventually } from '../support/eventually.ts'
import { FakeAccounts } from '../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FastClock } from '../support/fast-clock.ts'
import { unusedPort } from '../support/unused-port.ts'

export interface Line {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** A logger that keeps what it is told. */
export class MemoryLogger implements Logger {
  readonly lines: Line[] = []

  readonly trace = this.#at('trace')
  readonly debug = this.#at('debug')
  readonly info = this.#at('info')
  readonly warn = this.#at('warn')
  readonly error = this.#at('error')

  child(): Logger {
    return this
  }

  isLevelEnabled(): boolean {
    return true
  }

  having(text: string): readonly Line[] {
    return this.lines.filter((line) => line.message.includes(text))
  }

  #at(level: string): (first: object | string, second?: string) => void {
    return (first, second) => {
      const fields = typeof first === 'string' ? {} : { ...first }
      this.lines.push({ level, fields, message: second ?? String(first) })
    }
  }
}

/** Real time in which the process could run, but waits are a tenth as long. */
export class QuickClock extends FastClock {
  constructor() {
    super(1)
  }

  override timer(ms: number, run: () => void): Timer {
    return super.timer(ms / 10, run)
  }
}

/** Real time, but nobody waits; how long they meant to is kept. */
export class HastyClock extends SystemClock {
  readonly waits: number[] = []

  override timer(ms: number, run: () => void): Timer {
    this.waits.push(ms)
    return super.timer(1, run)
  }
}

export const until = async (what: string, condition: () => boolean): Promise<void> => {
  await eventually(what, condition)
}

export interface Message {
  readonly topic: string
  readonly text: string
  readonly packet: IPublishPacket
}

/** A client as somebody's automation would be. */
export class TestClient {
  readonly messages: Message[] = []
  readonly client: MqttClient

  private constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, payload, packet) => this.messages.push({ topic, text: payload.toString(), packet }))
    client.on('error', () => undefined)
  }

  static async open(url: string, options: IClientOptions = {}): Promise<TestClient> {
    const client = connect(url, { protocolVersion: 4, reconnectPeriod: 0, ...options })
    const made = new TestClient(client)
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve())
      client.once('error', reject)
      client.once('close', () => reject(new Error('closed')))
    })
    return made
  }

  async subscribe(filter: string): Promise<void> {
    await this.client.subscribeAsync(filter, { qos: 1 })
  }

  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1, ...options })
  }

  on(topic: string): readonly string[] {
    return this.messages.filter((message) => message.topic === topic).map(({ text }) => text)
  }

  async next(topic: string, count = 1): Promise<string> {
    await until(`message ${count} on ${topic}`, () => this.on(topic).length >= count)
    return this.on(topic)[count - 1] ?? ''
  }

  async json(topic: string, count = 1): Promise<Record<string, unknown>> {
    return JSON.parse(await this.next(topic, count))
  }

  async end(): Promise<void> {
    await this.client.endAsync(true)
  }
}

/** CONNACK of MQTT 3.1.1: unacceptable protocol version. */
const UNACCEPTABLE_VERSION = Buffer.from([0x20, 2, 0, 1])

/** What a broker of old says to a client that speaks MQTT 5. */
export const refuseVersion5: NonNullable<AedesOptions['preConnect']> = ({ conn }, { protocolVersion }, done) => {
  if (protocolVersion !== 5) return done(null, true)
  conn.end(UNACCEPTABLE_VERSION)
}

/**
 * aedes as a broker of old, which speaks 3.1.1 only, to be stopped and started on the same port. Nobody else is given that one,
 * and no bridge of another test that has lost its own broker comes by: see `unusedPort`.
 */
export class TestBroker {
  readonly #options: AedesOptions
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  aedes: Aedes | undefined
  port = 0

  constructor(options: AedesOptions = {}) {
    this.#options = options
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  /** `persistence` of an earlier broker keeps its sessions and retained messages. */
  async start(options: AedesOptions = {}): Promise<this> {
    const aedes = new Aedes({ preConnect: refuseVersion5, ...this.#options, ...options })
    forwardOnce(aedes)
    await aedes.listen()
    this.aedes = aedes
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    this.port = await listen(this.#server, this.port || (await unusedPort()))
    return this
  }

  async stop(): Promise<void> {
    const { aedes } = this
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server?.close(resolve))
  }
}

export function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

export const hasMosquitto = spawnSync('mosquitto', ['-h'], { env: withSbin() }).error === undefined
export const NO_MOSQUITTO = hasMosquitto ? {} : { skip: 'mosquitto is not installed: apt-get install mosquitto' }

function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
}

/** A real Mosquitto; `config` is added to its configuration, whose listener is `port`. */
export class Mosquitto {
  readonly port: number
  readonly #file: string
  #process: ChildProcess | undefined

  constructor(folder: string, port: number, config = 'allow_anonymous true') {
    this.port = port
    this.#file = join(folder, 'mosquitto.conf')
    const user = process.getuid?.() === 0 ? 'user root\n' : ''
    writeFileSync(this.#file, `${user}listener ${port} 127.0.0.1\n${config}\n`)
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  async start(): Promise<this> {
    this.#process = spawn('mosquitto', ['-c', this.#file], { env: withSbin(), stdio: 'ignore' })
    await eventually('mosquitto takes connections', () => accepts(this.port))
    return this
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export const BASE = 'thermo2mqtt'
export const STATE = `${BASE}/bridge/state`
export const device = (rest: string, serial = EXAMPLE_SERIAL) => `${BASE}/${serial}/${rest}`
let clients = 0

/** A bridge on fakes; `settings` replaces single ones. */
export function makeBridge(settings: Partial<MqttOptions> = {}, options: Partial<MqttBridgeOptions> = {}) {
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const bridge = new FakeBridge(devices, accounts)
  const logger = new MemoryLogger()
  const secrets = new SecretValues()
  const mqtt = new MqttBridge({
    settings: {
      url: [],
      client_id: `bridge-${++clients}`,
      base_topic: BASE,
      embedded: { host: '127.0.0.1', port: 0 },
      ...settings,
    },
    devices,
    accounts,
    bridge,
    clock: new QuickClock(),
    random: () => 0,
    logger,
    secrets,
    ...options,
  })
  return { mqtt, devices, accounts, bridge, logger, secrets }
}
