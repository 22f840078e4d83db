/** Keeps Home Assistant up to date about the bridge and every thermostat. */

import type { Locale } from '../catalog/locales/index.ts'
import type { Clock, Timer } from '../core/clock.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import { isSerial } from '../core/serial.ts'
import { Slices } from '../core/slices.ts'
import { offerDependencies } from '../devices/plan/offers.ts'
import type { AccountView, Bridge, Devices, DeviceView } from '../devices/ports.ts'
import { isDecided } from '../devices/reading/poller.ts'
import type { MqttPort } from '../mqtt/port.ts'
import type { Topics } from '../mqtt/topics.ts'
import type { Announcement } from './announcement.ts'
import { ComponentSets } from './components.ts'
import { bridgeDocument, bridgeId } from './document/bridge.ts'
import { deviceDocument, deviceId, discoveryTopic } from './document/index.ts'
import { Parts, type PartsOptions } from './parts.ts'

/**
 * A device may be found before its account's list arrives: its first document waits this long for the lists, so that it has
 * its name.
 */
const LISTS_WAIT = 10_000

/** After its start Home Assistant is busy; answering at once would make it worse. */
const LONGEST_BIRTH_WAIT = 5_000

export interface HomeAssistantOptions {
  readonly enabled: boolean
  /** The discovery prefix, `homeassistant` unless changed in Home Assistant. */
  readonly prefix: string
  /** The name of the site; absent or empty if there is none. */
  readonly site?: string
  /** The address of the page for browsers; null if not set. */
  readonly page?: string | null
  /** Language of names and options. */
  readonly locale: Locale
  /** The topic on which Home Assistant publishes `online` and `offline`. */
  readonly statusTopic: string
  /** Keeps the time, Unix ms, at which Home Assistant last said that it runs. */
  readonly seen?: { get(): number | undefined; set(time: number): void }
  readonly mqtt: MqttPort
  readonly topics: Topics
  readonly devices: Devices
  readonly bridge: Bridge
  readonly clock: Clock
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number
  readonly logger: Logger
}

interface Thermostat {
  readonly announcement: Parts
  dependsOn: string
}

/** Whether an account may still give its first list. */
const isAwaited = ({ state, last_sync, error }: AccountView): boolean =>
  last_sync === null && error === null && (state === 'signed_out' || state === 'signing_in')

const isListed = ({ sources }: DeviceView): boolean => sources.some((source) => source.startsWith('account:'))

/** Why a device stays known, as text; undefined for one that nothing knows any more. */
function whyBack({ online, sources }: DeviceView): string | undefined {
  if (online) return 'it answers'
  const account = sources.find((source) => source.startsWith('account:'))
  if (account) return `account ${account.slice('account:'.length)} lists it`
  return sources.includes('config') ? 'the settings name it' : undefined
}

export class HomeAssistant {
  readonly #options: HomeAssistantOptions
  readonly #bridgeId: string
  readonly #bridge: Parts
  readonly #thermostats = new Map<string, Thermostat>()
  /** The documents of a whole house are due at the same time. */
  readonly #slices: Slices
  readonly #components = new ComponentSets()
  readonly #ready = new Set<Announcement>()
  #accounts = ''
  /** Runs while waiting for the first lists of the accounts. */
  #lists: Timer | undefined
  #birth: Timer | undefined
  #subscriptions: Unsubscribe[] = []

  constructor(options: HomeAssistantOptions) {
    this.#options = options
    this.#slices = new Slices(options.clock)
    this.#bridgeId = bridgeId(options.topics.base)
    this.#bridge = this.#announce(this.#bridgeId, {
      build: () => this.#bridgeDocument(),
      repeatStates: () => {
        options.mqtt.repeat(options.topics.bridgeState)
        options.mqtt.repeat(options.topics.bridgeInfo)
        options.mqtt.repeat(options.topics.bridgeHouse)
      },
    })
  }

  /** Does nothing and clears nothing if switched off in the settings. */
  start(): void {
    const { enabled, mqtt, devices, statusTopic } = this.#options
    if (!enabled) return
    this.#accounts = this.#accountIds()
    if (this.#awaitsLists()) this.#lists = this.#options.clock.timer(LISTS_WAIT, () => this.#listsDone())
    this.#bridge.listen()
    for (const view of devices.list()) this.#changed(view)
    this.#subscriptions = [
      devices.events.on('device', (view) => this.#changed(view)),
      devices.events.on('state', (view) => this.#stateChanged(view)),
      devices.events.on('availability', (view) => this.#changed(view)),
      devices.events.on('removed', ({ serial }) => this.#removed(serial)),
      devices.events.on('info', () => this.#infoChanged()),
      // A retained `online` is old: the connect below has already handled it.
      mqtt.subscribe(statusTopic, (_topic, payload, retained) => {
        if (payload.toString() !== 'online') return
        this.#options.seen?.set(this.#options.clock.now())
        if (!retained) this.#born()
      }),
      mqtt.onConnect(() => {
        for (const announcement of this.#all()) announcement.connected()
      }),
    ]
  }

  /** Leaves every document in place: the bridge's own state makes the entities unavailable. */
  stop(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#subscriptions = []
    this.#birth?.cancel()
    this.#lists?.cancel()
    for (const announcement of this.#all()) announcement.stop()
  }

  /** When Home Assistant last said at the broker that it runs, Unix ms; undefined if never. */
  get seen(): number | undefined {
    return this.#options.seen?.get()
  }

  #announce(id: string, parts: Pick<PartsOptions, 'build' | 'before' | 'repeatStates' | 'deleted'>): Parts {
    const { mqtt, clock, logger, prefix, site = '' } = this.#options
    const topicOf = (part: number) => discoveryTopic(prefix, site, part === 0 ? id : `${id}_part${part + 1}`)
    const shared = { slices: this.#slices, components: this.#components, ready: this.#ready }
    return new Parts({ topicOf, mqtt, clock, logger, ...shared, ...parts })
  }

  *#all(): Generator<Parts> {
    yield this.#bridge
    for (const { announcement } of this.#thermostats.values()) yield announcement
  }

  #bridgeDocument() {
    const { bridge, topics, locale, page = null } = this.#options
    return bridgeDocument({ bridge: bridge.info(), topics, locale, page, id: this.#bridgeId })
  }

  /** The thermostat's entry, created if new; none for a serial that can't be part of a topic. */
  #thermostat(view: DeviceView): Thermostat | undefined {
    const known = this.#thermostats.get(view.serial)
    if (known || !isSerial(view.serial)) return known
    const { serial } = view
    const { devices, topics, bridge, mqtt, locale, page = null, site } = this.#options
    const announcement = this.#announce(deviceId(serial, site), {
      build: () => {
        const current = devices.get(serial)
        // A document made before its first answer would need another at once.
        if (!current || !isDecided(current)) return undefined
        if (this.#lists && !isListed(current)) return undefined
        const { version } = bridge.info()
        const via = this.#bridgeId
        return deviceDocument({ view: current, topics, version, locale, page, via, ...(site ? { site } : {}) })
      },
      before: () => {
        if (!this.#bridge.sent) this.#bridge.now()
      },
      repeatStates: () => {
        mqtt.repeat(topics.availability(serial))
        mqtt.repeat(topics.state(serial))
      },
      deleted: () => this.#deleted(serial),
    })
    const entry = { announcement, dependsOn: offerDependencies(view) }
    this.#thermostats.set(serial, entry)
    announcement.listen()
    announcement.request()
    return entry
  }

  #changed(view: DeviceView): void {
    this.#thermostat(view)?.announcement.request()
  }

  #stateChanged(view: DeviceView): void {
    const entry = this.#thermostat(view)
    if (!entry) return
    const dependsOn = offerDependencies(view)
    if (entry.dependsOn === dependsOn) return
    entry.dependsOn = dependsOn
    // Before the state that needs it, which is published after this.
    entry.announcement.promptly()
  }

  /** A device that is gone from the network and from all accounts is forgotten; for others, the log says why they return. */
  #deleted(serial: string): boolean {
    const { devices, logger } = this.#options
    const view = devices.get(serial)
    if (!view) return false
    const reason = whyBack(view)
    if (reason !== undefined) {
      logger.info({ serial }, `${view.name} was deleted in Home Assistant; it returns, because ${reason}.`)
      return false
    }
    logger.info(
      { serial },
      `${view.name} was deleted in Home Assistant; it is forgotten, because it is offline and no account lists it.`,
    )
    devices
      .forget(serial)
      .catch((err: unknown) =>
        logger.error({ err, serial }, 'A device that was deleted in Home Assistant could not be forgotten'),
      )
    return true
  }

  #removed(serial: string): void {
    const entry = this.#thermostats.get(serial)
    if (!entry) return
    this.#thermostats.delete(serial)
    entry.announcement.remove()
  }

  #accountIds(): string {
    return JSON.stringify(this.#options.bridge.info().accounts.map(({ id }) => id))
  }

  #awaitsLists(): boolean {
    return this.#options.bridge.info().accounts.some(isAwaited)
  }

  /** Devices in none of the lists are announced with what is known of them. */
  #listsDone(): void {
    this.#lists?.cancel()
    this.#lists = undefined
    for (const { announcement } of this.#thermostats.values()) announcement.request()
  }

  #infoChanged(): void {
    if (this.#lists && !this.#awaitsLists()) this.#listsDone()
    const accounts = this.#accountIds()
    if (accounts === this.#accounts) return
    this.#accounts = accounts
    this.#bridge.request()
  }

  #born(): void {
    const { clock, random, logger } = this.#options
    this.#birth?.cancel()
    logger.info('Home Assistant has started; everything is announced again')
    this.#birth = clock.timer(random() * LONGEST_BIRTH_WAIT, () => {
      this.#birth = undefined
      for (const announcement of this.#all()) announcement.repeat(0)
    })
  }
}
