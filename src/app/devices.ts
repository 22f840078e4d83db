/** Builds what the devices need: accounts, keys, beacons and the registry. */

import { Keyring } from '../cloud/account/keyring.ts'
import { Clouds } from '../cloud/cloud.ts'
import { CloudStats } from '../cloud/metrics.ts'
import { Shared } from '../core/shared.ts'
import type { DeviceAddress, DeviceLink, LinkOwner } from '../devices/link/link.ts'
import { Nowhere } from '../devices/link/nowhere.ts'
import { Registry } from '../devices/registry/registry.ts'
import { answersAs } from '../lan/discovery/identify.ts'
import { Discovery } from '../lan/discovery/index.ts'
import { Lines } from '../lan/exchange/lines.ts'
import { LanDevice } from '../lan/lan-device.ts'
import { RequestStats } from '../lan/metrics.ts'
import type { LanDeviceOptions } from '../lan/options.ts'
import type { Week } from '../protocol/schedule.ts'
import type { Store } from '../store/store.ts'
import type { AppOptions } from './options.ts'

/** The port of the devices' own web servers. Only virtual devices use another. */
const DEVICE_PORT = 80

export interface DeviceParts {
  readonly clouds: Clouds
  /** null if the settings switch it off. */
  readonly discovery: Discovery | null
  readonly registry: Registry
  readonly keys: Keyring
  /** Statistics of the requests to devices. */
  readonly requests: RequestStats
  readonly cloudStats: CloudStats
}

/** @param wayTo returns the link to use for a device, given its LAN link */
export function buildDevices(
  options: AppOptions,
  store: Store,
  wayTo: (lan: DeviceLink, owner: LinkOwner) => DeviceLink = (lan) => lan,
): DeviceParts {
  const { settings, clock, random, logger, secrets } = options
  const clouds = new Clouds({
    accounts: settings.cloud.accounts,
    syncInterval: settings.cloud.sync_interval,
    store,
    clock,
    random,
    logger,
    secrets,
  })
  const cloudStats = new CloudStats(
    settings.cloud.accounts.map(({ id }) => id),
    clouds.events,
  )
  const requests = new RequestStats()
  const lines = new Lines(clock)
  const weeks = new Shared<Week>()
  const { timeout, min_spacing: minSpacing } = settings.device
  const configured = new Map(settings.devices.flatMap(({ serial, totp_key: key }) => (key ? [[serial, key]] : [])))
  const decided = new Map(
    settings.devices.map(({ serial, relay_on_value: relayOnValue, low_voltage_unit: lowVoltageUnit }) => [
      serial,
      { relayOnValue, lowVoltageUnit },
    ]),
  )
  const keys = new Keyring({ configured, keys: store.keys, source: clouds, clock, logger, secrets })
  const discovery = settings.discovery.enabled
    ? new Discovery({
        host: settings.discovery.host,
        port: settings.discovery.port,
        devicePort: options.devicePort ?? DEVICE_PORT,
        mayBeNameless: (serial) => registry.mayBeNameless(serial),
        timeout,
        minSpacing,
        lines,
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
    boosts: store.boosts,
    names: store.devices,
    rooms: store.rooms,
    house: store.house,
    news: store.events,
    scrub: (text) => secrets.scrub(text),
    keys,
    configured: settings.devices,
    decided: (serial) => decided.get(serial),
    pollInterval: settings.device.poll_interval,
    heardInterval: settings.native_mqtt.poll_interval,
    quiet: options.quiet,
    silence: options.silence,
    ask: (serial, address) =>
      answersAs(serial, address, {
        clock,
        random,
        timeout,
        minSpacing,
        lines,
        mayBeNameless: registry.mayBeNameless(serial),
      }),
    onLocated: (serial, address) => discovery?.know(serial, address),
    onForgotten: (serial) => {
      discovery?.forget(serial)
      requests.forget(serial)
    },
    connect: (address, owner) => wayTo(lanDevice(options, { keys, requests, lines, weeks }, address, owner), owner),
    connectUnlocated: (owner) => wayTo(new Nowhere(), owner),
  })
  return { clouds, discovery, registry, keys, requests, cloudStats }
}

function lanDevice(
  { settings: { device }, clock, random, logger }: AppOptions,
  {
    keys,
    requests,
    lines,
    weeks,
  }: Pick<DeviceParts, 'keys' | 'requests'> & Required<Pick<LanDeviceOptions, 'lines' | 'weeks'>>,
  address: DeviceAddress,
  owner: LinkOwner,
): LanDevice {
  return new LanDevice({
    serial: owner.serial,
    address,
    clock,
    random,
    logger,
    keys,
    lines,
    weeks,
    timeout: device.timeout,
    minSpacing: device.min_spacing,
    keepAlive: device.keep_alive,
    onExchange: requests.of(owner.serial),
    counterBase: owner.counterBase,
    clearance: owner.clearance,
    dialect: () => owner.dialect,
    model: () => owner.model,
    onCounterBase: (base) => owner.onCounterBase(base),
    onKeyAccepted: (key) => keys.accepted(owner.serial, key),
  })
}
