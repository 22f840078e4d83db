/**
 * The only declaration of the settings. The loader, the type `Settings`, the reference, the example file and the JSON
 * Schema are made from it. To add a setting, add a row here and run `npm run generate`.
 */
import { ACCOUNT, DEVICE } from './accounts.ts'
import { API } from './api.ts'
import { BACKUP, MESSAGES } from './care.ts'
import { ENERGY } from './energy.ts'
import { BOOLEAN, choice, duration, HOST, list, matching, PATH, PORT, TOPIC } from './kinds.ts'
import { MQTT } from './mqtt.ts'
import { NATIVE_MQTT } from './native.ts'
import { optional, setting, type Values } from './setting.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const SCHEMA = {
  data_dir: setting(PATH, './data', {
    doc: 'Folder for everything that the bridge remembers: keys, tokens, energy, history. The bridge creates it if it is missing.',
    env: 'T2M_DATA_DIR',
  }),

  site: setting(
    matching(
      /^$|^(?!bridge$)[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/,
      'is not the name of a site',
      'empty, or 1 to 32 lower case letters, digits and - (not first or last), and not the word bridge',
    ),
    '',
    {
      doc: 'Name of the site, if several share a broker. Topics begin with `mqtt.base_topic` and this name. It is also part of the client id and of all ids in Home Assistant, Homie and Wiren Board, and a label of all metrics.',
      env: 'T2M_SITE',
      unset: 'empty: the only bridge at its broker',
      example: 'kyiv-1',
    },
  ),

  locale: setting(choice(['en', 'uk', 'ru', 'pl', 'de']), 'en', {
    doc: 'Language of names and states in Home Assistant and Homie. Topics and ids are the same in every language.',
    env: 'T2M_LOCALE',
    page: true,
  }),

  cloud: {
    accounts: setting(list(ACCOUNT, 32, 'id'), [], {
      doc: 'Cloud accounts. They give names and TOTP keys of devices. Devices without LAN lock need none.',
      unset: 'none',
      page: true,
    }),
    sync_interval: setting(duration(5 * MINUTE, 30 * DAY), 6 * HOUR, {
      doc: 'How often the bridge fetches the devices of each account.',
      env: 'T2M_CLOUD_SYNC_INTERVAL',
      page: true,
    }),
  },

  devices: setting(list(DEVICE, 1000, 'serial'), [], {
    doc: 'Devices to which you give a fixed address, a name or a key.',
    unset: 'none; discovery finds the rest',
    page: true,
  }),

  discovery: {
    enabled: setting(BOOLEAN, true, {
      doc: 'Whether to listen for the beacons that devices broadcast.',
      env: 'T2M_DISCOVERY_ENABLED',
      page: true,
    }),
    host: setting(HOST, '0.0.0.0', {
      doc: 'Address on which the bridge listens for beacons.',
      env: 'T2M_DISCOVERY_HOST',
    }),
    port: setting(PORT, 23500, {
      doc: 'UDP port of the beacons. Devices send only to 23500.',
      env: 'T2M_DISCOVERY_PORT',
    }),
  },

  device: {
    poll_interval: setting(duration(2 * SECOND, HOUR), 15 * SECOND, {
      doc: 'How often the bridge reads each device. Some devices stop answering after days of fast polling.',
      env: 'T2M_DEVICE_POLL_INTERVAL',
      page: true,
    }),
    timeout: setting(duration(500, MINUTE), 5 * SECOND, {
      doc: 'How long a device may take to answer.',
      env: 'T2M_DEVICE_TIMEOUT',
      page: true,
    }),
    min_spacing: setting(duration(0, 10 * SECOND), 500, {
      doc: 'Pause between the end of a request to a device and the start of the next.',
      env: 'T2M_DEVICE_MIN_SPACING',
      page: true,
    }),
    keep_alive: setting(BOOLEAN, false, {
      doc: 'Keeps connections to devices open. Some devices become unstable with that.',
      env: 'T2M_DEVICE_KEEP_ALIVE',
      page: true,
    }),
  },

  mqtt: MQTT,

  native_mqtt: NATIVE_MQTT,

  homeassistant: {
    enabled: setting(BOOLEAN, true, {
      doc: 'Whether to publish discovery messages for Home Assistant.',
      env: 'T2M_HOMEASSISTANT_ENABLED',
      page: true,
    }),
    discovery_prefix: setting(TOPIC, 'homeassistant', {
      doc: 'Topic under which Home Assistant looks for discovery messages.',
      env: 'T2M_HOMEASSISTANT_DISCOVERY_PREFIX',
    }),
    status_topic: setting(TOPIC, 'homeassistant/status', {
      doc: 'Topic on which Home Assistant announces that it has started.',
      env: 'T2M_HOMEASSISTANT_STATUS_TOPIC',
    }),
  },

  homie: {
    enabled: setting(BOOLEAN, false, {
      doc: 'Also publishes everything by the Homie 5 convention.',
      env: 'T2M_HOMIE_ENABLED',
    }),
    domain: setting(
      matching(/^[a-z0-9-]{1,64}$/, 'is not a Homie domain', 'lower case letters, digits and -'),
      'homie',
      {
        doc: 'First part of the topics of Homie.',
        env: 'T2M_HOMIE_DOMAIN',
      },
    ),
  },

  wirenboard: {
    enabled: setting(BOOLEAN, false, {
      doc: 'Also publishes everything by Wiren Board’s conventions (/devices/…/controls/…).',
      env: 'T2M_WIRENBOARD_ENABLED',
    }),
    prefix: setting(
      matching(/^[a-z0-9_]{1,64}$/, 'is not a device name', 'lower case letters, digits and _'),
      'thermo2mqtt',
      {
        doc: 'First word of the names of devices at Wiren Board, and the name of the bridge as a driver. If several bridges share a broker, each needs its own.',
        env: 'T2M_WIRENBOARD_PREFIX',
      },
    ),
  },

  history: {
    enabled: setting(BOOLEAN, true, {
      doc: 'Whether to record temperatures, setpoint, load, power and energy of the devices.',
      env: 'T2M_HISTORY_ENABLED',
      page: true,
    }),
    keep: setting(duration(DAY, 3650 * DAY), 3650 * DAY, {
      doc: 'How long the bridge keeps the history: a day in steps of 10 seconds, a month in steps of 5 minutes, the rest in steps of an hour.',
      env: 'T2M_HISTORY_KEEP',
    }),
  },

  energy: ENERGY,

  guardian: {
    enabled: setting(BOOLEAN, true, {
      doc: 'Whether to watch the history of each device and to tell what is unusual, such as a floor that does not warm. Needs `history.enabled`.',
      env: 'T2M_GUARDIAN_ENABLED',
      page: true,
    }),
  },

  updates: {
    check: setting(BOOLEAN, true, {
      doc: 'Whether to ask once a day at GitHub if there is a newer version. The bridge only tells; it installs nothing. As an app of Home Assistant it does not ask, because Home Assistant does.',
      env: 'T2M_UPDATES_CHECK',
      page: true,
    }),
  },

  backup: BACKUP,

  messages: MESSAGES,

  api: API,

  log: {
    level: setting(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info', {
      doc: 'The bridge logs messages of this severity and above.',
      env: 'T2M_LOG_LEVEL',
      page: true,
    }),
    format: setting(choice(['auto', 'pretty', 'json']), 'auto', {
      doc: 'pretty is for people, json for programs; auto means pretty on a terminal and json otherwise.',
      env: 'T2M_LOG_FORMAT',
    }),
  },

  store: {
    key_file: optional(PATH, {
      doc: 'File with the master key that encrypts the secrets in the store.',
      env: 'T2M_STORE_KEY_FILE',
      unset: 'a file in data_dir, created at the first start',
      example: '/run/secrets/thermo2mqtt-key',
    }),
  },
}

/** Every setting, checked. Durations are in milliseconds; null means not given and without a default. */
export type Settings = Values<typeof SCHEMA>
