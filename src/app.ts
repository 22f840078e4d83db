/**
 * Builds the bridge from its settings and starts and stops it in order. Nothing else constructs.
 */
import type { AccessOptions } from './api/auth/index.ts'
import { Clouds } from './cloud/cloud.ts'
import { Keyring } from './cloud/keyring.ts'
import type { Settings } from './config/index.ts'
import type { Clock } from './core/clock.ts'
import { asBridgeError } from './core/errors.ts'
import type { Logger } from './core/logger.ts'
import type { SecretValues } from './core/secrets.ts'
import { Overview } from './devices/overview.ts'
import { Registry } from './devices/registry.ts'
import { HomeAssistant } from './homeassistant/index.ts'
import { Discovery } from './lan/discovery.ts'
import { LanDevice } from './lan/lan-device.ts'
import { beaconMetrics } from './lan/metrics.ts'
import { MqttBridge } from './mqtt/index.ts'
import { mqttMetrics } from './mqtt/metrics.ts'
import { clientId } from './store/installation.ts'
import { openStore, type Store } from './store/store.ts'

/** Where the devices' own web servers listen. Only virtual ones listen elsewhere. */
const DEVICE_PORT = 80

/** Milliseconds that REST waits for the MQTT broker. */
const LONGEST_MQTT_FIRST = 500

export interface AppOptions {
  readonly settings: Settings
  readonly version: string
  readonly clock: Clock
  /** From 0 up to 1; spreads polls and retries. */
  readonly random: () => number
  readonly logger: Logger
  readonly secrets: SecretValues
  /** Ends the process, for the supervisor to start it again. */
  readonly restart: () => void
  /** Shows a line to whoever starts the bridge, past the log, such as the password made on the first start. */
  readonly announce: (line: string) => void
  readonly devicePort?: number
  /** Only tests take less than what is recommended. */
  readonly passwordCost?: AccessOptions['passwordCost']
  /** The folder of the built page; where the build puts it when left out. */
  readonly page?: string
}

export interface AppAddresses {
  readonly api: { readonly host: string; readonly port: number; readonly url: string }
  /** Of the embedded broker; null when another one is used. */
  readonly broker: { readonly host: string; readonly port: number } | null
  /** UDP port on which beacons are heard; null when discovery is off or could not start. */
  readonly beacons: number | null
}

export interface App {
  /** @throws BridgeError when something can't be had without which there is no bridge: store, port of the API. */
  start(): Promise<AppAddresses>
  /** Finishes the write in flight, says `offline`, closes the store. Within 5 s; safe to call at any time. */
  stop(): Promise<void>
  readonly registry: Registry
  readonly clouds: Clouds
}

export function createApp(options: AppOptions): App {
  const { settings, clock, random, logger, secrets } = options
  const store = openStore({
    dataDir: settings.data_dir,
    keyFile: settings.store.key_file ?? undefined,
    clock,
    logger,
    secrets,
  })
  const clouds = new Clouds({
    accounts: settings.cloud.accounts,
    syncInterval: settings.cloud.sync_interval,
    store,
    clock,
    random,
    logger,
    secrets,
  })
  const configured = new Map(settings.devices.flatMap(({ serial, totp_key: key }) => (key ? [[serial, key]] : [])))
  const keys = new Keyring({ configured, keys: store.keys, source: clouds, clock, logger, secrets })
  const discovery = settings.discovery.enabled
    ? new Discovery({
        host: settings.discovery.host,
        port: settings.discovery.port,
        devicePort: options.devicePort ?? DEVICE_PORT,
        mayBeNameless: (serial) => registry.mayBeNameless(serial),
        timeout: settings.device.timeout,
        clock,
        random,
        logger,
      })
    : null
  const registry = new Registry({
    clock,
    random,
    logger,
    memory: store.devices,
    energy: store.energy,
    keys,
    configured: settings.devices,
    pollInterval: settings.device.poll_interval,
    onLocated: (serial, address) => discovery?.know(serial, address),
    onForgotten: (serial) => discovery?.forget(serial),
    connect: (address, owner) =>
      new LanDevice({
        serial: owner.serial,
        address,
        clock,
        random,
        logger,
        keys,
        timeout: settings.device.timeout,
        minSpacing: settings.device.min_spacing,
        keepAlive: settings.device.keep_alive,
        counterBase: owner.counterBase,
        dialect: () => owner.dialect,
        onCounterBase: (base) => owner.onCounterBase(base),
        onKeyAccepted: (key) => keys.accepted(owner.serial, key),
      }),
  })
  const overview = new Overview({
    clock,
    version: options.version,
    devices: registry,
    accounts: clouds,
    restart: options.restart,
  })
  const mqtt = new MqttBridge({
    settings: { ...settings.mqtt, client_id: settings.mqtt.client_id ?? clientId(store) },
    devices: registry,
    accounts: clouds,
    bridge: overview,
    clock,
    random,
    logger,
    secrets,
  })
  const homeassistant = new HomeAssistant({
    enabled: settings.homeassistant.enabled,
    prefix: settings.homeassistant.discovery_prefix,
    statusTopic: settings.homeassistant.status_topic,
    mqtt,
    topics: mqtt.topics,
    devices: registry,
    bridge: overview,
    clock,
    random,
    logger,
  })
  return new RunningApp({ ...options, store, clouds, discovery, registry, overview, mqtt, homeassistant })
}

interface Parts extends AppOptions {
  readonly store: Store
  readonly clouds: Clouds
  readonly discovery: Discovery | null
  readonly registry: Registry
  readonly overview: Overview
  readonly mqtt: MqttBridge
  readonly homeassistant: HomeAssistant
}

class RunningApp implements App {
  readonly #parts: Parts
  #api: { stop(): Promise<void> } | undefined
  #discovering = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get registry(): Registry {
    return this.#parts.registry
  }

  get clouds(): Clouds {
    return this.#parts.clouds
  }

  async start(): Promise<AppAddresses> {
    const { registry, clouds, mqtt, homeassistant, logger, version } = this.#parts
    this.#wire()
    try {
      registry.start()
      await mqtt.start()
      homeassistant.start()
      const beacons = await this.#discover()
      clouds.start()
      // Loading the web framework holds up everything else for a moment; MQTT must not wait for that.
      await mqtt.whenConnected(LONGEST_MQTT_FIRST)
      const api = await this.#startApi()
      logger.info({ version, api: api.url, devices: registry.list().length }, 'thermo2mqtt runs')
      return { api, broker: this.#embeddedBroker(), beacons }
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    const { registry, clouds, mqtt, homeassistant, discovery, store } = this.#parts
    try {
      // Devices before the broker: the result of the write in flight still has to get out.
      await Promise.all([discovery?.stop(), clouds.stop(), this.#api?.stop(), registry.stop()])
    } finally {
      // Whatever failed above, who listens is told, and the store is closed.
      homeassistant.stop()
      await mqtt.stop()
      store.close()
    }
  }

  /** The parts tell each other what they learn; none of them knows who listens. */
  #wire(): void {
    const { registry, clouds, discovery, logger } = this.#parts
    clouds.events.on('devices', ({ account, devices }) => {
      registry.accountLists(account, devices)
      logger.debug({ account, devices: devices.length }, 'the account listed its devices')
    })
    clouds.events.on('key', ({ serial, account, previous }) => {
      if (previous) registry.keyChanged(serial, account)
    })
    clouds.events.on('account', (account) => registry.accountChanged(account))
    discovery?.on('alive', ({ beacon }) => registry.alive(beacon))
    discovery?.on('found', ({ serial, address, hw }) => registry.found(serial, address, hw))
  }

  #embeddedBroker(): AppAddresses['broker'] {
    const { mqtt, settings } = this.#parts
    return mqtt.brokerPort === undefined ? null : { host: settings.mqtt.embedded.host, port: mqtt.brokerPort }
  }

  /** Without beacons the bridge still serves every device whose address it knows. */
  async #discover(): Promise<number | null> {
    const { discovery, logger } = this.#parts
    if (!discovery) return null
    try {
      const { port } = await discovery.start()
      this.#discovering = true
      return port
    } catch (error) {
      logger.error({ err: error }, `No beacons can be heard: ${asBridgeError(error).message}`)
      return null
    }
  }

  async #startApi() {
    const { settings, registry, clouds, overview, logger, secrets, clock, version } = this.#parts
    // Loaded last, so that the bridge is online on MQTT before the web framework is even read from disk.
    const { createApi } = await import('./api/index.ts')
    const api = createApi({
      host: settings.api.host,
      port: settings.api.port,
      tls: settings.api.tls,
      trustProxy: settings.api.trust_proxy,
      allowedOrigins: settings.api.allowed_origins,
      access: this.#access(),
      devices: registry,
      accounts: clouds,
      bridge: overview,
      readiness: () => this.#readiness(),
      metrics: [() => mqttMetrics(this.#parts.mqtt.counters()), () => beaconMetrics(this.#parts.discovery?.stats())],
      logger,
      secrets,
      clock,
      version,
      page: this.#parts.page,
    })
    this.#api = api
    return api.start()
  }

  #access(): AccessOptions {
    const { store, settings, announce, passwordCost } = this.#parts
    const { users, userSessions: sessions, apiTokens, audit, values } = store
    return {
      users,
      sessions,
      apiTokens,
      audit,
      values,
      configured: settings.api.admin_password,
      announce,
      passwordCost,
    }
  }

  #readiness() {
    const { mqtt, discovery, store } = this.#parts
    return {
      store: store.sound ? { ok: true } : { ok: false, detail: 'nothing can be remembered: see the log' },
      mqtt: mqtt.connected ? { ok: true } : { ok: false, detail: 'no broker is connected' },
      discovery: this.#discovering || !discovery ? { ok: true } : { ok: false, detail: 'no beacons can be heard' },
    }
  }
}
