/** The shapes of what REST says of the settings and takes of them. What a value may be, the settings themselves say. */
import type { Static } from 'typebox'
import * as Type from 'typebox'

/** Every value of a setting is one of these; a list is of texts. */
const valueSchema = () =>
  Type.Union([
    Type.String({ maxLength: 4096 }),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
    Type.Array(Type.String({ maxLength: 512 }), { maxItems: 32 }),
  ])

const text = (description: string, options = {}) =>
  Type.Optional(Type.String({ maxLength: 2048, description, ...options }))
const orNull = (description: string) =>
  Type.Optional(Type.Union([Type.String({ maxLength: 2048 }), Type.Null()], { description }))

export type SettingsSchemas = ReturnType<typeof settingsSchemas>

const closed = { additionalProperties: false }

export function settingsSchemas() {
  return {
    settings: settingsSchema(),
    settingChanges: Type.Unsafe<Record<string, SettingValue>>(
      Type.Object(
        {},
        {
          additionalProperties: valueSchema(),
          minProperties: 1,
          maxProperties: 64,
          description: 'Values by key, as in a configuration file; null takes back what was set here.',
          examples: [
            { 'mqtt.url': ['mqtt://broker.lan:1883'], 'mqtt.username': 'thermo2mqtt', 'mqtt.password': 'secret' },
          ],
        },
      ),
    ),
    ...brokerSchemas(),
    ...accountSchemas(),
    ...deviceSchemas(),
    found: Type.Object({ devices: Type.Integer({ minimum: 0, description: 'How many devices are known now.' }) }),
    madeItem: Type.Object({ id: Type.String() }),
  }
}

/** All settings, as they are shown. */
function settingsSchema() {
  const setting = settingSchema()
  const item = Type.Object(
    { id: Type.String(), source: Type.String(), fixed: Type.Boolean(), values: Type.Array(setting) },
    { $id: 'SettingsItem', description: 'An account or a device of the settings.' },
  )
  return Type.Object(
    {
      settings: Type.Array(setting),
      accounts: Type.Array(item),
      devices: Type.Array(item),
      left_out: Type.Array(Type.Object({ key: Type.String(), message: Type.String() }), {
        description: 'What was set here and can not be used now, by its key or that of its account or device.',
      }),
      applying: Type.Boolean({ description: 'The bridge is about to start anew with what was changed.' }),
      failed: Type.Union(
        [Type.Object({ at: Type.String({ format: 'date-time' }), message: Type.String() }), Type.Null()],
        {
          description: 'Why it did not start with the last change, which was taken back.',
        },
      ),
    },
    { $id: 'Settings' },
  )
}

function settingSchema() {
  return Type.Object(
    {
      key: Type.String({ description: 'Such as mqtt.url; of an account or a device without the list.' }),
      value: Type.Unsafe<unknown>({ description: 'As in a configuration file; null when it is not set, or secret.' }),
      set: Type.Boolean({ description: 'Whether there is a value, also when it is not shown.' }),
      secret: Type.Boolean(),
      source: Type.String({
        description: 'default, page, or what fixes it, such as environment variable T2M_MQTT_URL.',
      }),
      fixed: Type.Boolean({ description: 'A file, the environment or a flag sets it; it can be changed only there.' }),
      settable: Type.Boolean({ description: 'Whether it can be set here.' }),
      default: Type.Unsafe<unknown>({}),
      unset: Type.Union([Type.String(), Type.Null()], { description: 'What happens without a value.' }),
      doc: Type.String(),
      allowed: Type.String(),
      schema: Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'JSON Schema of the value.',
      }),
    },
    { $id: 'Setting' },
  )
}

/** A broker that is tried, and what came of that. */
function brokerSchemas() {
  return {
    brokerTest: Type.Object(
      {
        url: Type.Optional(
          Type.Union([Type.String({ maxLength: 4096 }), Type.Array(Type.String({ maxLength: 512 }), { maxItems: 4 })]),
        ),
        username: orNull('User name at the broker.'),
        password: orNull('Password; the one in force is used only with the address in force.'),
        ca: orNull('File with certificates (PEM).'),
        cert: orNull('File with the client certificate (PEM).'),
        key: orNull('File with its private key (PEM).'),
      },
      {
        ...closed,
        description: 'What is left out is as it is in force.',
        examples: [{ url: 'mqtt://broker.lan:1883', username: 'thermo2mqtt', password: 'secret' }],
      },
    ),
    brokerTested: Type.Object(
      {
        ok: Type.Boolean({ description: 'Whether one of the brokers takes the bridge.' }),
        brokers: Type.Array(
          Type.Object({
            url: Type.String(),
            ok: Type.Boolean(),
            problem: Type.Union([Type.String(), Type.Null()], {
              description: 'auth, tls, refused, not_found, timeout, closed, rights or other.',
            }),
            message: Type.String(),
          }),
        ),
      },
      { $id: 'BrokerTest' },
    ),
  }
}

/** An account added, and one changed. */
function accountSchemas() {
  const list = Type.Object(
    {
      path: orNull('Where the list of devices is, after the address of the cloud.'),
      items: orNull('Where in the answer the list itself is.'),
      serial: orNull('Where in a device its serial number is.'),
      key: orNull('Where in a device its TOTP key is.'),
      name: orNull('Where in a device its name is.'),
      next: orNull('Where in the answer the address of the next page is.'),
    },
    closed,
  )
  const ofAccount = {
    username: text('An e-mail address or a user name.'),
    username_field: text('Of provider bearer: what its login calls the user name.'),
    password: text('Never shown again.'),
    url: orNull('Address of the cloud.'),
    totp_secret: orNull('Secret of the second factor. Never shown again.'),
    allow_insecure: Type.Optional(Type.Boolean()),
    devices: Type.Optional(list),
  }
  return {
    newAccount: Type.Object(
      { id: text('The provider when left out.'), provider: Type.String({ maxLength: 64 }), ...ofAccount },
      { ...closed, examples: [{ provider: 'welrok', username: 'me@example.com', password: 'secret' }] },
    ),
    accountChanges: Type.Object(
      { provider: text('Whose cloud it is.'), ...ofAccount },
      { ...closed, minProperties: 1, examples: [{ password: 'another secret' }] },
    ),
  }
}

/** A device named in the settings, and what they say of it changed. */
function deviceSchemas() {
  const ofDevice = {
    host: orNull('Where the device is.'),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    name: orNull('What people call it.'),
    totp_key: orNull('TOTP key that signs its commands. Never shown again.'),
    timezone: orNull('Time zone of its clock, such as Europe/Kyiv.'),
    native_topic: orNull('Topic on which it publishes by itself.'),
    native_command_topic: orNull('Topic on which it takes commands.'),
    power: Type.Optional(Type.Union([Type.Number(), Type.Null()], { description: 'What its load draws, in watts.' })),
  }
  return {
    newDevice: Type.Object(
      { serial: Type.String({ maxLength: 64 }), ...ofDevice },
      { ...closed, examples: [{ serial: '404CCAAAD4E8A89860609800000150', host: '192.168.1.50', name: 'Bathroom' }] },
    ),
    deviceChanges: Type.Object(ofDevice, { ...closed, minProperties: 1, examples: [{ name: 'Hall' }] }),
  }
}

export type SettingValue = Static<ReturnType<typeof valueSchema>>
export type SettingsJson = Static<SettingsSchemas['settings']>
export type SettingJson = SettingsJson['settings'][number]
export type SettingsItemJson = SettingsJson['accounts'][number]
export type BrokerTestJson = Static<SettingsSchemas['brokerTested']>
export type BrokerTestBody = Static<SettingsSchemas['brokerTest']>

export type SettingsList = 'cloud.accounts' | 'devices'
/** Values by name, as in a configuration file. */
export type ItemValues = Readonly<Record<string, unknown>>

/** The settings as REST sees them. Every rejection is a `BridgeError`; nothing is kept unless all of it is right. */
export interface SettingsDesk {
  view(): SettingsJson
  /** @throws BridgeError `UNKNOWN_KEY`, `READ_ONLY` for what is fixed elsewhere, `BAD_REQUEST` for what is not allowed */
  change(values: Readonly<Record<string, SettingValue>>): Promise<void>
  /** Resolves with its id. @throws BridgeError as `change` does */
  add(list: SettingsList, values: ItemValues): Promise<string>
  /** @throws BridgeError as `change` does */
  changeItem(list: SettingsList, id: string, values: ItemValues): Promise<void>
  /** @throws BridgeError `READ_ONLY` */
  remove(list: SettingsList, id: string): Promise<void>
  /** Connects with these values, for ten seconds at most; changes nothing. @throws BridgeError `BAD_REQUEST` */
  testBroker(values: BrokerTestBody): Promise<BrokerTestJson>
}
