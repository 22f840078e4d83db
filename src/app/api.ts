/** Builds the REST API and the page from the parts they show. */
import type { AccessOptions } from '../api/auth/index.ts'
import { beaconMetrics } from '../lan/metrics.ts'
import { mqttMetrics } from '../mqtt/metrics.ts'
import { nativeMetrics } from '../native/metrics.ts'
import { backupMetrics, storeMetrics } from '../store/metrics.ts'
import type { Parts } from './parts.ts'
import { readiness, sizeOf, systemState } from './system.ts'

/** `discovering` tells whether the bridge listens for beacons now. */
export async function buildApi(parts: Parts, discovering: () => boolean) {
  const { settings, registry, clouds, overview, logger, secrets, clock, version } = parts
  // Loaded last, so that the bridge is online on MQTT before the web framework is read from disk.
  const { createApi } = await import('../api/index.ts')
  return createApi({
    host: settings.api.host,
    port: settings.api.port,
    tls: settings.api.tls,
    trustProxy: settings.api.trust_proxy,
    // Clients use a host name that the API listens on to reach it.
    hosts: [settings.api.host.toLowerCase(), ...settings.api.hosts],
    basePath: settings.api.base_path,
    ingress: settings.api.ingress,
    allowedOrigins: settings.api.allowed_origins,
    access: access(parts),
    devices: registry,
    accounts: clouds,
    bridge: overview,
    history: parts.history,
    housekeeping: parts.housekeeping,
    messages: parts.messages,
    durable: () => parts.store.durable(),
    readiness: () => readiness(parts, discovering()),
    system: () => systemState(parts, discovering()),
    metrics: [
      () => mqttMetrics(parts.mqtt),
      () => beaconMetrics(parts.discovery?.stats(), discovering()),
      () => parts.requests.metrics(),
      () => parts.cloudStats.metrics(),
      () => nativeMetrics(parts.native?.counters()),
      () => storeMetrics(parts.store, sizeOf(parts.store)),
      () => backupMetrics(parts.dailyBackups.status, clock.now()),
    ],
    logger,
    secrets,
    clock,
    version,
    page: parts.page,
    settings: parts.desk,
  })
}

function access({ store, settings, announce, passwordCost }: Parts): AccessOptions {
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
