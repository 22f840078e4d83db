/** The whole bridge against a virtual house, over real sockets, for tests from end to end. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Desk } from '../../src/app/settings/desk.ts'
import { loadEffective } from '../../src/app/settings/kept.ts'
import { type App, type AppAddresses, createApp } from '../../src/app.ts'
import { baseTopic, type LoadedSettings, loadSettings, secretsOf } from '../../src/config/index.ts'
import type { Clock } from '../../src/core/clock.ts'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { LogBuffer } from '../../src/core/logging/log-buffer.ts'
import { createLogger, type Logger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { type HouseOptions, VirtualHouse, type VirtualThermostat } from '../../src/simulator/index.ts'
import { openSettings } from '../../src/store/settings.ts'
import { QUICK_PASSWORDS, type SignedIn, signIn } from './api.ts'
import { FastClock } from './fast-clock.ts'
import { Listener } from './listener.ts'
import type { Teardown } from './simulator.ts'
import { unusedPort } from './unused-port.ts'

export { eventually } from './eventually.ts'

/** How much of the log is shown when a test fails. */
const LINES_OF_A_FAILURE = 60

export const ADMIN = 'e2e-admin-password'

/** A folder that is gone when the test ends. */
export async function tempFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'thermo2mqtt-e2e-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The files in a folder and in those below it, by their path within it. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []))
}

/** With a port for each that nobody else is given while it is unplugged. */
async function withPorts<Unit extends { readonly host?: string }>(units: number | readonly Unit[]) {
  if (typeof units === 'number') return units
  return Promise.all(units.map(async (unit) => ({ port: await unusedPort(unit.host), ...unit })))
}

/** A house on 127.0.0.1 that is gone when the test ends; its devices are locked, and known to its clouds. */
export async function startHouse(
  t: Teardown,
  options: Partial<HouseOptions> & Pick<HouseOptions, 'thermostats'>,
): Promise<VirtualHouse> {
  const { addressing = 'ports', thermostats, relays = 0 } = options
  const house = new VirtualHouse({
    ...{ clock: new FastClock(), addressing, logSize: 500, ...options },
    ...(addressing === 'ports' && { thermostats: await withPorts(thermostats), relays: await withPorts(relays) }),
  })
  await house.start()
  t.teardown(() => house.stop())
  return house
}

/** The thermostat of a house by its place in it. */
export function unit(house: VirtualHouse, index = 0): VirtualThermostat {
  const found = house.thermostats[index]
  if (!found) throw new RangeError(`no thermostat ${index} in this house`)
  return found
}

/** The settings that name the house's accounts. */
export function accountsOf(house: VirtualHouse): JsonObject[] {
  return house
    .describe()
    .clouds.map(({ provider, url, email, password }) => ({ id: provider, provider, url, username: email, password }))
}

/** The settings that name where the house's devices are. */
export function devicesOf(house: VirtualHouse): JsonObject[] {
  return house.thermostats.map(({ serial, host, port }) => ({ serial, host, port }))
}

export interface BridgeOptions {
  readonly clock?: Clock
  /** Default: a new one, gone when the test ends. */
  readonly dataDir?: string
  /** Over what is set for all tests. */
  readonly settings?: JsonObject
  readonly devicePort?: number
  /** See `AppOptions`. */
  readonly quiet?: number
  /** The folder of the built page. */
  readonly page?: string
  /** User name of the client that listens at the broker; nobody when left out. */
  readonly listenAs?: string
  /** Where newer versions are announced; nobody asks when left out. */
  readonly releases?: URL
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly body: JsonObject
}

/** What all tests set: any free ports, everything logged, devices asked often, and no beacons. */
const SETTINGS: JsonObject = {
  device: { poll_interval: '2s', min_spacing: '400ms', timeout: '20s' },
  discovery: { enabled: false, host: '127.0.0.1', port: 0 },
  mqtt: { embedded: { port: 0 } },
  api: { port: 0, admin_password: ADMIN },
  log: { level: 'trace', format: 'json' },
}

/** Settings with single ones replaced, at any depth. */
export function merged(base: JsonObject, changes: JsonObject): JsonObject {
  const both = Object.entries(changes).map(([key, value]) => {
    const old = base[key]
    return [key, isObject(old) && isObject(value) ? merged(old, value) : value] as const
  })
  return { ...base, ...Object.fromEntries(both) }
}

/** From the file and from what is kept in the folder. */
async function settingsIn(dataDir: string, changes: JsonObject, clock: Clock): Promise<LoadedSettings> {
  await writeFile(join(dataDir, 'config.yaml'), JSON.stringify(merged(SETTINGS, changes)))
  return loadEffective(clock, { flags: { data_dir: dataDir }, env: {}, cwd: dataDir })
}

/** What is changed by REST is checked and kept; nothing starts anew with it. */
function deskIn(
  dataDir: string,
  loaded: LoadedSettings,
  parts: { clock: Clock; logger: Logger; secrets: SecretValues },
) {
  return new Desk({
    ...parts,
    loaded,
    load: (values) =>
      loadSettings({
        flags: { data_dir: dataDir },
        env: {},
        cwd: dataDir,
        page: async () => ({ values, warnings: [] }),
      }),
    open: () => {
      const opened = openSettings({ dataDir, ...parts })
      if (!opened) throw new Error('there is no store yet')
      return opened
    },
    apply: () => undefined,
    failed: null,
  })
}

const bearer = (token: string): SignedIn => ({ authorization: `Bearer ${token}` })

/** A running bridge with a client at its broker. */
export class Bridge {
  readonly app: App
  readonly addresses: AppAddresses
  readonly dataDir: string
  readonly mqtt: Listener
  /** The lines of its log, as they are written. */
  readonly log: readonly string[]
  readonly #stop: () => Promise<void>
  #signedIn: Promise<SignedIn> | undefined

  constructor(parts: Pick<Bridge, 'app' | 'addresses' | 'dataDir' | 'mqtt' | 'log' | 'stop'>) {
    this.app = parts.app
    this.addresses = parts.addresses
    this.dataDir = parts.dataDir
    this.mqtt = parts.mqtt
    this.log = parts.log
    this.#stop = parts.stop
  }

  /** Stops it; again does nothing. */
  stop(): Promise<void> {
    return this.#stop()
  }

  /** Signed in as admin unless told otherwise. @param token sent as bearer; null for none */
  async rest(method: string, path: string, body?: unknown, token?: string | null): Promise<Answer> {
    if (token !== undefined) return this.#ask(method, path, body, token === null ? {} : bearer(token))
    this.#signedIn ??= signIn(this.addresses.api.url, ADMIN)
    const answer = await this.#ask(method, path, body, await this.#signedIn)
    if (answer.status !== 401) return answer
    // The clock is fast: a quarter of an hour is soon over.
    this.#signedIn = signIn(this.addresses.api.url, ADMIN)
    return this.#ask(method, path, body, await this.#signedIn)
  }

  async #ask(method: string, path: string, body: unknown, authorization: Partial<SignedIn>): Promise<Answer> {
    const { host, port } = this.addresses.api
    const response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: {
        ...authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const parsed = parseJson(text)
    return { status: response.status, text, body: isObject(parsed) ? parsed : {} }
  }

  /** Changes the state of a device by REST. */
  patch(serial: string, command: unknown): Promise<Answer> {
    return this.rest('PATCH', `/api/v1/devices/${serial}/state`, command)
  }

  /** A device as REST shows it. */
  async device(serial: string): Promise<JsonObject> {
    return (await this.rest('GET', `/api/v1/devices/${serial}`)).body
  }

  /** Resolves with the states once every one of these devices is online and has shown its mode. */
  async online(...serials: string[]): Promise<JsonObject[]> {
    await Promise.all(serials.map((serial) => this.mqtt.next(`${serial}/availability`, (text) => text === 'online')))
    return Promise.all(serials.map((serial) => this.mqtt.state(serial, ({ mode }) => mode !== null)))
  }
}

/** Starts the bridge, and stops it when the test ends. */
export async function startBridge(t: Teardown, options: BridgeOptions = {}): Promise<Bridge> {
  const dataDir = options.dataDir ?? (await tempFolder(t))
  const clock = options.clock ?? new FastClock()
  const loaded = await settingsIn(dataDir, options.settings ?? {}, clock)
  const { settings } = loaded
  const secrets = new SecretValues()
  for (const secret of secretsOf(settings)) secrets.remember(secret)
  const log: string[] = []
  const buffer = new LogBuffer()
  const write = (line: string) => {
    log.push(line)
    buffer.push(line)
  }
  const logger = createLogger({ level: settings.log.level, secrets, write })
  const app = createApp({
    settings,
    version: '0.0.0-e2e',
    clock,
    random: () => 0,
    logger,
    secrets,
    desk: deskIn(dataDir, loaded, { clock, logger, secrets }),
    log: buffer,
    backupWork: 1,
    restart: () => undefined,
    announce: () => undefined,
    passwordCost: QUICK_PASSWORDS,
    ...(options.quiet === undefined ? {} : { quiet: options.quiet }),
    ...(options.devicePort === undefined ? {} : { devicePort: options.devicePort }),
    ...(options.page === undefined ? {} : { page: options.page }),
    ...(options.releases === undefined ? {} : { releases: options.releases }),
  })
  const addresses = await app.start()
  const { broker } = addresses
  const url = broker ? `mqtt://${broker.host}:${broker.port}` : String(settings.mqtt.url[0])
  const mqtt = await Listener.open(url, baseTopic(settings), options.listenAs)
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= app.stop().then(() => mqtt.close())
    return stopping
  }
  t.teardown(async () => {
    await stop()
    if (t.passing?.() === false) process.stderr.write(log.slice(-LINES_OF_A_FAILURE).join(''))
  })
  return new Bridge({ app, addresses, dataDir, mqtt, log, stop })
}
