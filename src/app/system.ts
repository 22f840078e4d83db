/** What the parts of the bridge say of themselves: for `/readyz`, the page and the metrics. */
import type { ApiOptions, Check } from '../api/index.ts'
import { baseTopic } from '../config/index.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import type { Replaced } from '../store/copies/replacement.ts'
import type { StoreProblem } from '../store/database/health.ts'
import type { Parts } from './parts.ts'

type SystemState = ReturnType<ApiOptions['system']>

/** What each means for the house, and what to do; without paths, since anybody may read it. */
export const STORE_PROBLEMS: Readonly<Record<StoreProblem, string>> = {
  full: 'The disk is full: what is learned and counted now is not remembered. Thermostats are controlled all the same. Free some space; that is noticed within half a minute.',
  read_only:
    'The database may not be written: what is learned and counted now is not remembered. Thermostats are controlled all the same. Make the data folder writable for the user of the bridge; that is noticed within half a minute.',
  damaged:
    'The database is damaged: some of what was remembered can’t be read, and nothing new is remembered for certain. Thermostats are controlled all the same. Restart the bridge, which sets the damaged file aside and puts the newest sound copy in its place, or restore a backup.',
  busy: 'Another program holds the database: what is learned and counted now is not remembered. Thermostats are controlled all the same. End that program, such as a backup or another bridge on the same data folder.',
  failed:
    'The database can’t be written: what is learned and counted now is not remembered. Thermostats are controlled all the same. Look at the disk and at the log of the bridge.',
}

/** As above: who the other bridge is, and which topics it is about, stands in the log, in `bridge/info` and in Home Assistant. */
const PROBLEMS: Readonly<Record<BridgeProblem['code'], string>> = {
  another_bridge:
    'Another bridge runs under the same topics at this broker. This one was here first and goes on. Stop the other; or, if both are meant to run, give each a name of its own (site).',
  standing_by:
    'Another bridge runs under the same topics at this broker and was here first, so this one stands by: it says nothing over MQTT and takes no commands there until the other has ended. Stop one of the two; or, if both are meant to run, give each a name of its own (site).',
  client_id_taken:
    'Another client uses the client id of this bridge at the broker, and the two throw each other out. Mostly that is a second bridge with a copy of the data folder: stop one of them, or give one another mqtt.client_id.',
  mqtt_no_read:
    'The MQTT broker does not let the bridge read topics that it needs, so that commands may not arrive. The log names them: give its user that right.',
  mqtt_no_write:
    'The MQTT broker does not let the bridge write topics that it needs, so that devices may be missing in Home Assistant. The log names them: give its user that right.',
  mqtt_too_large:
    'Messages of the bridge are larger than the MQTT broker takes, and are left out. The log names them: raise the limit of the broker for the size of packets.',
}

const OK: Check = { ok: true }

const isOfBroker = (code: BridgeProblem['code']): boolean => code.startsWith('mqtt_')

const toldOf = (problem: BridgeProblem | undefined): Check =>
  problem ? { ok: false, code: problem.code, detail: PROBLEMS[problem.code] } : OK

/** What a damaged database has cost, and what to do. */
export const missing = ({ since, at }: Replaced): string =>
  `The database was damaged at the start of ${new Date(at).toISOString()}, and the copy of ${new Date(since).toISOString()} is in its place. What was learned, set and changed in between is missing: look at users, API tokens and settings. All else works; this is said for a week.`

/** What `/readyz` shows. `discovering` tells whether beacons are listened for. */
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
          detail: 'No MQTT broker is connected; it is tried again and again. The log says why it refuses.',
        },
    bridges: toldOf(conflict),
    discovery:
      discovering || !discovery
        ? OK
        : {
            ok: false,
            code: 'no_beacons',
            detail: 'No beacons can be heard, so that only devices with a known address are reached. The log says why.',
          },
    history:
      history.recording || !settings.history.enabled
        ? OK
        : {
            ok: false,
            code: 'no_history',
            detail: 'No history is recorded now; all else goes on. Look at the disk and at the log of the bridge.',
          },
    accounts:
      waiting.length === 0
        ? OK
        : {
            ok: false,
            code: 'account_waits',
            detail: 'A cloud account waits for a code or for another password. Devices whose keys are held work on.',
          },
  } satisfies Readonly<Record<string, Check>>
}

/** What `GET /api/v1/info` shows beyond what REST knows itself. */
export function systemState({ mqtt, discovery, store, settings }: Parts, discovering: boolean): SystemState {
  const { connected, url, since } = mqtt.status()
  const { received, sent, dropped, waiting } = mqtt.counters()
  const { enabled, host, port } = settings.discovery
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
    homeassistant: { enabled: settings.homeassistant.enabled },
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
    store: { ok: store.sound, problem: store.health.problem, size: sizeOf(store) },
  }
}

/** A database that can't be read has no size; that it can't be read is said beside it. */
export function sizeOf(store: Parts['store']): number | null {
  try {
    return store.size
  } catch {
    return null
  }
}
