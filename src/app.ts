/**
 * Builds the bridge from its settings (`app/`), and starts and stops its parts in order. Nothing else constructs parts.
 */
import { buildApi } from './app/api.ts'
import type { AppOptions } from './app/options.ts'
import { buildParts, type Parts } from './app/parts.ts'
import { tellOfStore } from './app/store-news.ts'
import type { Clouds } from './cloud/cloud.ts'
import { asBridgeError } from './core/errors.ts'
import type { Registry } from './devices/registry/registry.ts'

export type { AppOptions } from './app/options.ts'

/** Milliseconds that REST waits for the MQTT broker. */
const LONGEST_MQTT_FIRST = 500

export interface AppAddresses {
  readonly api: { readonly host: string; readonly port: number; readonly url: string }
  /** Address of the embedded broker; null if another broker is used. */
  readonly broker: { readonly host: string; readonly port: number } | null
  /** UDP port for beacons; null if discovery is off or could not start. */
  readonly beacons: number | null
}

export interface App {
  /**
   * @throws BridgeError if the store can't be opened or the API port can't be used: the bridge can't run without them.
   */
  start(): Promise<AppAddresses>
  /** Says that it runs. Whoever reads that may look for it at once, so it is said when the bridge can be found. */
  announce(addresses: AppAddresses): void
  /** Finishes the write in flight, says `offline`, closes the store. Within 5 s; safe to call at any time. */
  stop(): Promise<void>
  readonly registry: Registry
  readonly clouds: Clouds
}

export function createApp(options: AppOptions): App {
  return new RunningApp(buildParts(options))
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
    const { registry, clouds, history, mqtt, homeassistant, native, conventions, updates } = this.#parts
    this.#wire()
    try {
      this.#parts.backups.start()
      this.#parts.dailyBackups.start()
      this.#parts.copies.start()
      this.#parts.eventLog.start()
      updates?.start()
      // Before anything happens that they could be about.
      await this.#parts.messages.start()
      native?.start()
      registry.start()
      // Before the states are published, so that the document that a state needs goes out first.
      homeassistant.start()
      await mqtt.start()
      for (const convention of conventions) convention.start()
      const beacons = await this.#discover()
      clouds.start()
      // Loading the web framework blocks everything else for a moment; MQTT must not wait for it.
      await mqtt.whenOnline(LONGEST_MQTT_FIRST)
      history.start()
      this.#parts.guardian.start()
      const api = await this.#startApi()
      return { api, broker: this.#embeddedBroker(), beacons }
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  announce({ api }: AppAddresses): void {
    const { logger, version, registry } = this.#parts
    logger.info({ version, api: api.url, devices: registry.count.total }, 'thermo2mqtt is running')
  }

  async stop(): Promise<void> {
    const { registry, clouds, history, mqtt, homeassistant, native, conventions, updates, discovery, store } =
      this.#parts
    try {
      // Devices stop before the broker, so that the result of a write in flight can still be published.
      await Promise.all([discovery?.stop(), clouds.stop(), this.#api?.stop(), registry.stop()])
    } finally {
      // Whatever failed above, listeners are told and the store is closed.
      homeassistant.stop()
      updates?.stop()
      native?.stop()
      for (const convention of conventions) convention.stop()
      this.#parts.guardian.stop()
      history.stop()
      await Promise.all([mqtt.stop(), this.#parts.messages.stop()])
      this.#parts.dailyBackups.stop()
      this.#parts.backups.stop()
      await this.#parts.copies.stop()
      this.#parts.eventLog.stop()
      this.#parts.moreDetail.stop()
      store.close()
    }
  }

  /** The parts pass on what they learn without knowing who listens. */
  #wire(): void {
    const { registry, clouds, discovery, store, clock, logger } = this.#parts
    tellOfStore({ store, clock, logger, tell: (event) => registry.events.emit('event', event) })
    clouds.events.on('devices', ({ account, devices }) => {
      void registry.accountLists(account, devices)
      logger.debug({ account, devices: devices.length }, 'the account listed its devices')
    })
    clouds.events.on('key', ({ serial, account, previous }) => {
      if (previous) registry.keyChanged(serial, account)
    })
    clouds.events.on('account', (account) => registry.accountChanged(account))
    discovery?.on('heard', ({ host, beacon }) => registry.heard(beacon.serial, host))
    discovery?.on('alive', ({ beacon }) => registry.alive(beacon))
    discovery?.on('found', ({ serial, address, hw, identity }) => registry.found(serial, address, hw, identity))
    discovery?.on('unconfirmed', ({ serial, host, reason, message }) =>
      registry.events.emit('event', { type: 'device_unconfirmed', serial, message, details: { host, reason } }),
    )
  }

  #embeddedBroker(): AppAddresses['broker'] {
    const { mqtt, settings } = this.#parts
    return mqtt.brokerPort === undefined ? null : { host: settings.mqtt.embedded.host, port: mqtt.brokerPort }
  }

  /** Without beacons, the bridge still serves every device whose address it knows. */
  async #discover(): Promise<number | null> {
    const { discovery, logger } = this.#parts
    if (!discovery) return null
    try {
      const { port } = await discovery.start()
      this.#discovering = true
      return port
    } catch (error) {
      logger.error({ err: error }, `Beacons can't be received: ${asBridgeError(error).message}`)
      return null
    }
  }

  async #startApi() {
    const api = await buildApi(this.#parts, () => this.#discovering)
    this.#api = api
    return api.start()
  }
}
