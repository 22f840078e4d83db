/** Builds every part of the bridge from its settings; none of them runs yet. */
import { baseTopic, clientIdAt, type Settings } from '../config/index.ts'
import type { Mirror } from '../conventions/index.ts'
import { Overview } from '../devices/registry/overview.ts'
import { HistoryRecorder } from '../history/recorder.ts'
import { HomeAssistant } from '../homeassistant/index.ts'
import { MqttBridge } from '../mqtt/index.ts'
import type { NativeMqtt } from '../native/index.ts'
import { clientId, homeAssistantSeen, lastConnected } from '../store/installation.ts'
import { openStore, type Store } from '../store/store.ts'
import { openHistory } from '../store/tables/history.ts'
import { Updates } from '../updates/index.ts'
import { buildConventions } from './conventions.ts'
import { buildDevices, type DeviceParts } from './devices.ts'
import { LateGuardian } from './guardian.ts'
import { buildHousekeeping, type HousekeepingParts } from './housekeeping.ts'
import { LazyMessages } from './messages.ts'
import { buildNative } from './native.ts'
import type { AppOptions } from './options.ts'

export interface Parts extends AppOptions, DeviceParts, HousekeepingParts {
  readonly store: Store
  readonly overview: Overview
  readonly history: HistoryRecorder
  readonly guardian: LateGuardian
  readonly messages: LazyMessages
  readonly mqtt: MqttBridge
  readonly homeassistant: HomeAssistant
  /** Absent if the settings or whoever starts the bridge don't want it. */
  readonly updates: Updates | undefined
  /** null if the settings switch it off. */
  readonly native: NativeMqtt | null
  /** Conventions of other systems; those that are switched off do nothing. */
  readonly conventions: readonly Mirror[]
}

/** @throws BridgeError `INTERNAL` if the store can't be opened; `BAD_REQUEST` for contradictory settings */
export function buildParts(options: AppOptions): Parts {
  const { settings, clock, random, logger, secrets } = options
  const store = openStore({
    dataDir: settings.data_dir,
    keyFile: settings.store.key_file ?? undefined,
    clock,
    logger,
    secrets,
    // Thermostats are still controlled, with the keys that can be read.
    evenUnwritable: true,
    free: true,
  })
  const devices = buildDevices(options, store, (lan, owner) => native?.wrap(lan, owner) ?? lan)
  const { registry, clouds } = devices
  const housekeeping = buildHousekeeping(options, { store, ...devices })
  const updates = buildUpdates(options, store, () => registry.events.emit('info', undefined))
  const overview = new Overview({
    clock,
    version: options.version,
    site: settings.site,
    devices: registry,
    accounts: clouds,
    update: updates && (() => updates.view()),
    restart: options.restart,
  })
  const history = new HistoryRecorder({
    clock,
    logger,
    devices: registry,
    enabled: settings.history.enabled,
    keep: settings.history.keep,
    tariff: tariffOf(settings.energy),
    open: () => openHistory({ dataDir: settings.data_dir, clock, logger }),
  })
  const guardian = new LateGuardian({
    ...{ clock, logger, registry, history },
    enabled: settings.guardian.enabled && settings.history.enabled,
    keep: settings.history.keep,
  })
  const messages = new LazyMessages({ clock, logger, events: registry.events, store, settings })
  const mqtt = new MqttBridge({
    settings: {
      ...settings.mqtt,
      client_id: clientIdAt(settings, settings.mqtt.client_id ?? clientId(store, logger)),
      base_topic: baseTopic(settings),
    },
    devices: registry,
    accounts: clouds,
    bridge: overview,
    clock,
    random,
    logger,
    secrets,
    lastConnected: lastConnected(store, logger),
    durable: () => store.durable(),
    awaitsPort: options.awaitsPort ?? false,
  })
  const homeassistant = new HomeAssistant({
    enabled: settings.homeassistant.enabled,
    prefix: settings.homeassistant.discovery_prefix,
    site: settings.site,
    page: settings.api.public_url,
    locale: settings.locale,
    statusTopic: settings.homeassistant.status_topic,
    seen: homeAssistantSeen(store, logger),
    mqtt,
    topics: mqtt.topics,
    devices: registry,
    bridge: overview,
    clock,
    random,
    logger,
  })
  const conventions = buildConventions(options, { devices: registry, bridge: overview, mqtt })
  const native = buildNative(options, registry, mqtt)
  const made = { store, overview, updates, history, guardian, messages, mqtt, homeassistant, conventions, native }
  return { ...options, ...devices, ...housekeeping, ...made }
}

function buildUpdates(options: AppOptions, store: Store, changed: () => void): Updates | undefined {
  const { settings, releases, version, clock, random, logger } = options
  if (!settings.updates.check || !releases) return undefined
  return new Updates({ feed: releases, version, clock, random, logger, values: store.values, changed })
}

/** The settings check that the hours are such as 23:00. */
const tariffOf = ({ price, night_price, night_from, night_to, currency }: Settings['energy']) => ({
  price,
  nightPrice: night_price,
  night: { from: Number.parseInt(night_from, 10), to: Number.parseInt(night_to, 10) },
  currency,
})
