/** The settings of one cloud account and of one device: the items of the schema's two lists. */
import { Refusal } from '../errors.ts'
import {
  BASE32,
  BOOLEAN,
  choice,
  HOST,
  HTTP_URL,
  JSON_PATH,
  kind,
  matching,
  REMOTE_PORT,
  SERIAL,
  shownText,
  TOPIC,
  text,
} from './kinds.ts'
import { optional, required, setting, type Values } from './setting.ts'

export const PROVIDERS = ['terneo', 'welrok', 'bearer', 'omnitron', 'txty'] as const
/** The document of bearer’s login says username; some servers expect email. */
const USERNAME_FIELDS = ['username', 'email'] as const
export type ProviderName = (typeof PROVIDERS)[number]

/** Providers without a known server address. */
export const PROVIDERS_WITHOUT_URL: ReadonlySet<ProviderName> = new Set(['bearer', 'omnitron'])
/** Providers whose documents describe no device list: its path and contents must be set. */
export const PROVIDERS_WITHOUT_LIST: ReadonlySet<ProviderName> = new Set(['bearer', 'omnitron', 'txty'])

const ID = matching(/^[A-Za-z0-9_-]{1,64}$/, 'is not an id', '1 to 64 letters, digits, _ or -')
const PATH = matching(
  /^\/[^\s#\\]{0,511}$/,
  'is not a path',
  'a path on the server, beginning with /, such as /api/v1/devices/',
)
const KEY = matching(/^[\x20-\x7e]{16}$/, 'is not 16 printable ASCII characters', '16 printable ASCII characters')

const MOST_WATTS = 100_000

/** The power of a load in watts. */
const WATTS = kind({
  allowed: `watts, above 0 up to ${MOST_WATTS}`,
  json: { type: 'number', exclusiveMinimum: 0, maximum: MOST_WATTS },
  read: (raw) => {
    if (typeof raw !== 'number' || !(raw > 0 && raw <= MOST_WATTS)) throw new Refusal('is not a power in watts')
    return raw
  },
})

const ZONE = text(1, 64)

/** The name of a time zone. */
const TIMEZONE = kind({
  ...ZONE,
  allowed: 'UTC, or the name of a time zone, such as Europe/Kyiv',
  read: (raw) => {
    const name = ZONE.read(raw)
    try {
      new Intl.DateTimeFormat('en', { timeZone: name })
    } catch {
      throw new Refusal('is not a time zone')
    }
    return name
  },
})

const DEVICE_LIST = {
  path: optional(PATH, {
    doc: 'Path of the list of devices on the server.',
    unset: 'the provider’s default; bearer, omnitron and txty have none',
    example: '/api/device/',
  }),
  items: optional(JSON_PATH, {
    doc: 'Where the answer has the list itself.',
    unset: 'the provider’s default, or the answer itself',
    example: 'data.list',
  }),
  serial: optional(JSON_PATH, {
    doc: 'Where an entry of the list has the serial number.',
    unset: 'the provider’s default, or sn',
    example: 'sn',
  }),
  key: optional(JSON_PATH, {
    doc: 'Where an entry of the list has the TOTP key.',
    unset: 'the provider’s default, or totp_key',
    example: 'secret.totp',
  }),
  name: optional(JSON_PATH, {
    doc: 'Where an entry of the list has the name.',
    unset: 'the provider’s default, or name',
    example: 'name',
  }),
  next: optional(JSON_PATH, {
    doc: 'Where the answer has the address of the next page.',
    unset: 'the provider’s default, or next',
    example: 'next',
  }),
}

export const ACCOUNT = {
  id: required(ID, {
    doc: 'Name of the account in topics, routes and logs. Each account needs its own.',
    otherwise: 'provider',
    unset: 'the provider',
    example: 'home',
  }),
  provider: required(choice(PROVIDERS), {
    doc: 'Which service the account belongs to.',
    env: 'T2M_CLOUD_PROVIDER',
    example: 'terneo',
  }),
  username: required(text(1, 254), {
    doc: 'E-mail address or user name of the account.',
    env: 'T2M_CLOUD_USERNAME',
    example: 'me@example.com',
  }),
  username_field: setting(choice(USERNAME_FIELDS), 'username', {
    doc: 'For provider bearer: what its sign-in calls the user name.',
  }),
  password: required(text(1, 1024), {
    doc: 'Password of the account.',
    env: 'T2M_CLOUD_PASSWORD',
    sensitive: true,
    example: 'change me please',
  }),
  url: optional(HTTP_URL, {
    doc: 'Address of the service. Terneo’s is https://my.hmarex.com or https://my.terneo.ua. http:// is allowed only for this machine, or with allow_insecure.',
    env: 'T2M_CLOUD_URL',
    unset: 'the provider’s default; bearer and omnitron have none',
    example: 'https://my.hmarex.com',
  }),
  totp_secret: optional(BASE32, {
    doc: 'Secret of the account’s second factor. With it the bridge makes the codes itself.',
    env: 'T2M_CLOUD_TOTP_SECRET',
    sensitive: true,
    example: 'JBSWY3DPEHPK3PXP',
  }),
  allow_insecure: setting(BOOLEAN, false, {
    doc: 'Allows sending the password over plain http:// to another machine.',
  }),
  devices: DEVICE_LIST,
}

export const DEVICE = {
  serial: required(SERIAL, {
    doc: 'Serial number. Each device may be listed only once.',
    example: '404CCAAAD4E8A89860609800000149',
  }),
  host: optional(HOST, {
    doc: 'Address of the device.',
    unset: 'learned from its beacons',
    example: '192.168.1.50',
  }),
  port: setting(REMOTE_PORT, 80, { doc: 'Port of the device.' }),
  name: optional(shownText(1, 64), {
    doc: 'Name of the device.',
    unset: 'the name in the cloud',
    example: 'Bathroom',
  }),
  totp_key: optional(KEY, {
    doc: 'TOTP key for signing commands to the device.',
    sensitive: true,
    unset: 'from the cloud',
    example: 'AAD4EXAJX4E8A8XT',
  }),
  power: optional(WATTS, {
    doc: 'Power of the load while it is on, in watts. The bridge counts energy by it.',
    unset: 'the rated power set on the device; a relay has none',
    example: 1800,
  }),
  timezone: optional(TIMEZONE, {
    doc: 'Time zone of the device’s clock. Its schedule follows that clock.',
    unset:
      'reported by the device (OZ, MS), otherwise UTC or the zone of this machine, whichever fits its clock when it is first read',
    example: 'Europe/Kyiv',
  }),
  relay_on_value: optional(BOOLEAN, {
    doc: 'For a D2W: the value of its parameter 119 that switches it on. The vendor’s documents contradict each other about it.',
    unset: 'learned: the value while the relay is closed',
    example: false,
  }),
  low_voltage_unit: optional(choice(['second', 'tenth']), {
    doc: 'For a D2W: the unit of its parameter 13, the low voltage time: whole seconds or tenths of a second.',
    unset: 'learned; tenths until the device has shown it',
    example: 'tenth',
  }),
  native_topic: optional(TOPIC, {
    doc: 'Topic on which the device publishes, if none of native_mqtt.topics fits: “Publish prefix” and “Client ID” of the device’s own page.',
    unset: 'as native_mqtt.topics says',
    example: 'terneo/bathroom',
  }),
  native_command_topic: optional(TOPIC, {
    doc: 'Topic on which the device takes commands over MQTT: “Subscribe path” and “Client ID” of its own page.',
    unset: 'as native_mqtt.command_topic says',
    example: 'terneo/bathroom',
  }),
}

export type AccountSettings = Values<typeof ACCOUNT>
export type DeviceSettings = Values<typeof DEVICE>
