/** What the parts of the bridge report about themselves: for `/readyz`, the page and the metrics. */
import type { ApiOptions, Check } from '../api/index.ts'
import { baseTopic } from '../config/index.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import type { Replaced } from '../store/copies/replacement.ts'
import type { StoreProblem } from '../store/database/health.ts'
import type { Parts } from './parts.ts'

type SystemState = ReturnType<ApiOptions['system']>

/** What each problem means for the house, and what to do. Without paths, since anybody may read it. */
export const STORE_PROBLEMS: Readonly<Record<StoreProblem, string>> = {
  full: 'The disk is full, so new data is not saved. Thermostats are still controlled. Free some space; the bridge notices within half a minute.',
  read_only:
    'The database is read-only, so new data is not saved. Thermostats are still controlled. Make the data folder writable for the user of the bridge; the bridge notices within half a minute.',
  damaged:
    'The database is damaged: some data can’t be read, and new data may not be saved. Thermostats are still controlled. Restart the bridge, which sets the damaged file aside and replaces it with the newest intact copy, or restore a backup.',
  busy: 'Another program has locked the database, so new data is not saved. Thermostats are still controlled. Stop that program, such as a backup or another bridge with the same data folder.',
  failed:
    'The database can’t be written, so new data is not saved. Thermostats are still controlled. Check the disk and the log of the bridge.',
}

/** Also without details: the log, `bridge/info` and Home Assistant name the other bridge and the topics. */
const PROBLEMS: Readonly<Record<BridgeProblem['code'], string>> = {
  another_bridge:
    'Another bridge uses the same topics at this broker. This one was here first and keeps running. Stop the other, or give each its own name (site) if you need both.',
  standing_by:
    'Another bridge uses the same topics at this broker and was here first. This one is on standby: until the other stops, it publishes nothing and accepts no commands over MQTT. Stop one of the two, or give each its own name (site) if you need both.',
  client_id_taken:
    'Another client uses the client id of this bridge at the broker, and the two keep disconnecting each other. Usually it is a second bridge with a copy of the data folder: stop one of them, or give one a different mqtt.client_id.',
  mqtt_no_read:
    'The MQTT broker does not let the bridge read topics that it needs, so commands may not arrive. The log names them: grant the bridge’s user that right.',
  mqtt_no_write:
    'The MQTT broker does not let the bridge write topics that it needs, so devices may be missing in Home Assistant. The log names them: grant the bridge’s user that right.',
  mqtt_too_large:
    'Some messages of the bridge are larger than the MQTT broker accepts and are left out. The log names them: raise the broker’s packet size limit.',
  mqtt_port_taken:
    'Another program, probably an MQTT broker, uses the port of the built-in broker, so nothing but the page and REST reaches the thermostats. Use that broker (mqtt.url), or give the built-in one another port (mqtt.embedded.port). The bridge notices within half a minute when the port is free.',
}

const OK: Check = { ok: true }

const isOfBroker = (code: BridgeProblem['code']): boolean => code.startsWith('mqtt_')

const toldOf = (problem: BridgeProblem | undefined): Check =>
  problem ? { ok: false, code: problem.code, detail: PROBLEMS[problem.code] } : OK

/** What is missing after a damaged database was replaced, and what to do. */
export const missing = ({ since, at }: Replaced): string =>
  `The database was damaged at the start of ${new Date(at).toISOString()} and has been replaced with the copy from ${new Date(since).toISOString()}. Anything learned, set or changed in between is missing: check users, API tokens and settings. Everything else works. This notice stays for a week.`

/** What `/readyz` shows. `discovering` tells whether the bridge listens for beacons. */
export function readiness({ mqtt, discovery, store, clouds, history, settings }: Parts, discovering: boolean) {
  const waiting = clouds.list().filter(({ state }) => state === 'code_needed' || state === 'auth_failed')
  const { problem } = store.health
  const { replaced } = store
  const { problems } = mqtt.about()
  const conflict = problems.find(({ code }) => !isOfBroker(code))
  const obstacle = problems.find(({ code }) => isOfBroker(code))
  return {
    store:
      problem !== null
        ? { ok: false, code: `store_${problem}`, detail: STORE_PROBLEMS[problem] }
        : replaced
          ? {
              ok: false,
              code: 'store_replaced',
              since: new Date(replaced.since).toISOString(),
              detail: missing(replaced),
            }
          : OK,
    mqtt: mqtt.status().connected
      ? toldOf(obstacle)
      : {
          ok: false,
          code: 'no_broker',
          detail: 'No MQTT broker is connected; the bridge keeps trying. The log has the reason.',
        },
    bridges: toldOf(conflict),
    discovery:
      discovering || !discovery
        ? OK
        : {
            ok: false,
            code: 'no_beacons',
            detail:
              'Beacons can’t be received, so only devices with a known address are reached. The log has the reason.',
          },
    history:
      history.recording || !settings.history.enabled
        ? OK
        : {
            ok: false,
            code: 'no_history',
            detail: 'No history is being recorded; everything else works. Check the disk and the log of the bridge.',
          },
    accounts:
      waiting.length === 0
        ? OK
        : {
            ok: false,
            code: 'account_waits',
            detail:
              'A cloud account is waiting for a code or a new password. Devices whose keys are stored keep working.',
          },
  } satisfies Readonly<Record<string, Check>>
}

/** What `GET /api/v1/info` shows in addition to what REST itself knows. */
export function systemState(
  { mqtt, discovery, store, dailyBackups, messages, homeassistant, settings }: Parts,
  discovering: boolean,
): SystemState {
  const { connected, url, since } = mqtt.status()
  const { received, sent, dropped, waiting } = mqtt.counters()
  const { enabled, host, port } = settings.discovery
  const { seen } = homeassistant
  return {
    mqtt: {
      embedded: mqtt.brokerPort !== undefined,
      connected,
      address: url,
      since: new Date(since).toISOString(),
      base_topic: baseTopic(settings),
      received,
      sent,
      dropped,
      waiting,
    },
    homeassistant: {
      enabled: settings.homeassistant.enabled,
      seen: seen === undefined ? null : new Date(seen).toISOString(),
    },
    discovery: {
      enabled,
      listening: discovering,
      address: enabled ? `${host}:${port}` : null,
      dropped: Object.values(discovery?.stats() ?? {}).reduce((sum, count) => sum + count, 0),
      unconfirmed: (discovery?.unconfirmed() ?? []).map(({ since, ...device }) => ({
        ...device,
        since: new Date(since).toISOString(),
      })),
    },
    backup: backupState(dailyBackups),
    messages: messages.status,
    store: { ok: store.sound, problem: store.health.problem, size: sizeOf(store) },
  }
}

function backupState({ status }: Parts['dailyBackups']): SystemState['backup'] {
  const { last } = status
  return { ...status, last: last === null ? null : new Date(last).toISOString() }
}

/** A database that can't be read has no size; the problem itself is reported separately. */
export function sizeOf(store: Parts['store']): number | null {
  try {
    return store.size
  } catch {
    return null
  }
}
