/** The shapes of the settings in REST. The settings themselves say which values are allowed. */
import type { Static } from 'typebox'
import * as Type from 'typebox'

/** Every value of a setting is one of these; a list contains texts. */
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
          description: 'Values by key, as in a configuration file; null resets what was set here.',
          examples: [
            { 'mqtt.url': ['mqtt://broker.lan:1883'], 'mqtt.username': 'thermo2mqtt', 'mqtt.password': 'secret' },
          ],
        },
      ),
    ),
    ...brokerSchemas(),
    ...accountSchemas(),
    ...deviceSchemas(),
    found: Type.Object({ devices: Type.Integer({ minimum: 0, description: 'Number of devices known now.' }) }),
    madeItem: Type.Object({ id: Type.String() }),
  }
}

/** All settings, as shown. */
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
        description: 'Settings made here that can’t be used now, by key or by the key of their account or device.',
      }),
      applying: Type.Boolean({ description: 'Whether the bridge is about to restart with the changes.' }),
      failed: Type.Union(
        [Type.Object({ at: Type.String({ format: 'date-time' }), message: Type.String() }), Type.Null()],
        {
          description: 'Why it did not start with the last change, which was undone.',
        },
      ),
    },
    { $id: 'Settings' },
  )
}

function settingSchema() {
  return Type.Object(
    {
      key: Type.String({ description: 'Such as mqtt.url; for an account or device without the list.' }),
      value: Type.Unsafe<unknown>({ description: 'As in a configuration file; null if it is not set or secret.' }),
      set: Type.Boolean({ description: 'Whether a value is set, even if it is not shown.' }),
      secret: Type.Boolean(),
      source: Type.String({
        description: 'default, page, or the source that fixes it, such as environment variable T2M_MQTT_URL.',
      }),
      fixed: Type.Boolean({
        description: 'Whether a file, the environment or a flag sets it, so that it can be changed only there.',
      }),
      settable: Type.Boolean({ description: 'Whether it can be set here.' }),
      default: Type.Unsafe<unknown>({}),
      unset: Type.Union([Type.String(), Type.Null()], { description: 'The default in words.' }),
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

/** The test of a broker, and its result. */
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
        description: 'Values that are left out are those in force.',
        examples: [{ url: 'mqtt://broker.lan:1883', username: 'thermo2mqtt', password: 'secret' }],
      },
    ),
    brokerTested: Type.Object(
      {
        ok: Type.Boolean({ description: 'Whether one of the brokers accepts the bridge.' }),
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

/** An account to add or change. */
function accountSchemas() {
  const list = Type.Object(
    {
      path: orNull('Path of the list of devices on the server.'),
      items: orNull('Where the answer has the list itself.'),
      serial: orNull('Where an entry of the list has the serial number.'),
      key: orNull('Where an entry of the list has the TOTP key.'),
      name: orNull('Where an entry of the list has the name.'),
      next: orNull('Where the answer has the address of the next page.'),
    },
    closed,
  )
  const ofAccount = {
    username: text('An e-mail address or a user name.'),
    username_field: text('For provider bearer: what its sign-in calls the user name.'),
    password: text('Never shown again.'),
    url: orNull('Address of the service.'),
    totp_secret: orNull('Secret of the second factor. Never shown again.'),
    allow_insecure: Type.Optional(Type.Boolean()),
    devices: Type.Optional(list),
  }
  return {
    accountAnswer: accountAnswer(),
    signInParams: Type.Object({
      id: Type.String({
        maxLength: 64,
        description: '`sign_in` of an answer.',
        examples: ['0b7e2f9c-6d1a-4c5e-9a3b-2f8d4e6a1c07'],
      }),
    }),
    newAccount: Type.Object(
      { id: text('Default: the provider.'), provider: Type.String({ maxLength: 64 }), ...ofAccount },
      { ...closed, examples: [{ provider: 'welrok', username: 'me@example.com', password: 'secret' }] },
    ),
    accountChanges: Type.Object(
      { provider: text('Which service the account belongs to.'), ...ofAccount },
      { ...closed, minProperties: 1, examples: [{ password: 'another secret' }] },
    ),
  }
}

/** What comes of a sign-in with which an account is tried before it is saved. */
const accountAnswer = () =>
  Type.Object(
    {
      id: Type.Union([Type.String(), Type.Null()], {
        description: 'The account; null for a new one that is not saved yet.',
      }),
      sign_in: Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
        description: 'The sign-in that waits for a code; null when the account is saved.',
      }),
      code_from: Type.Union([Type.Enum(['email', 'phone', 'app']), Type.Null()], {
        description: 'Where a code comes from; null if the service has none.',
      }),
      devices: Type.Integer({ minimum: 0, description: 'Number of devices in its list.' }),
      lists_devices: Type.Boolean({
        description:
          'Whether it is known where its device list is: without one, the account brings neither thermostats nor keys.',
      }),
    },
    { $id: 'AccountAnswer' },
  )

/** A device in the settings, to add or change. */
function deviceSchemas() {
  const ofDevice = {
    host: orNull('Address of the device.'),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    name: orNull('Name of the device.'),
    totp_key: orNull('TOTP key for signing its commands. Never shown again.'),
    timezone: orNull('Time zone of its clock, such as Europe/Kyiv.'),
    native_topic: orNull('Topic on which the device publishes.'),
    native_command_topic: orNull('Topic on which the device accepts commands.'),
    power: Type.Optional(Type.Union([Type.Number(), Type.Null()], { description: 'Power of its load, in watts.' })),
  }
  return {
    newDevice: Type.Object(
      { serial: Type.String({ maxLength: 64 }), ...ofDevice },
      { ...closed, examples: [{ serial: '404CCAAAD4E8A89860609800000150', host: '192.168.1.50', name: 'Bathroom' }] },
    ),
    deviceTest: Type.Object(
      {
        serial: Type.String({ minLength: 1, maxLength: 64 }),
        host: Type.String({ minLength: 1, maxLength: 253, description: 'Its IP address or host name.' }),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: 'Default 80.' })),
      },
      { ...closed, examples: [{ serial: '404CCAAAD4E8A89860609800000150', host: '192.168.1.50' }] },
    ),
    deviceTested: Type.Object(
      {
        ok: Type.Boolean({ description: 'Whether the device answers there.' }),
        problem: Type.Union([Type.String(), Type.Null()], {
          description: 'other_device for one with another serial, or the code of the error.',
        }),
        message: Type.String(),
      },
      { $id: 'DeviceTest' },
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
export type DeviceTestJson = Static<SettingsSchemas['deviceTested']>
export type DeviceTestBody = Static<SettingsSchemas['deviceTest']>

export type AccountAnswer = Static<ReturnType<typeof accountAnswer>>

export type SettingsList = 'cloud.accounts' | 'devices'
/** Values by name, as in a configuration file. */
export type ItemValues = Readonly<Record<string, unknown>>

/** The settings as REST sees them. Every rejection is a `BridgeError`; nothing is saved unless everything is valid. */
export interface SettingsDesk {
  view(): SettingsJson
  /**
   * @throws BridgeError `UNKNOWN_KEY`, `READ_ONLY` for settings fixed elsewhere, `BAD_REQUEST` for values that are not
   * allowed
   */
  change(values: Readonly<Record<string, SettingValue>>): Promise<void>
  /** Resolves with its id. @throws BridgeError like `change` */
  addDevice(values: ItemValues): Promise<string>
  /** @throws BridgeError as `change` does */
  changeDevice(id: string, values: ItemValues): Promise<void>
  /**
   * Signs a new account in, and saves it when it is signed in, at once or after `submitCode`.
   * @throws BridgeError like `change`, or why it can't sign in; nothing is kept then
   */
  addAccount(values: ItemValues): Promise<AccountAnswer>
  /** Likewise for changes; where the list of its devices is can be changed without a sign-in. @throws BridgeError likewise */
  changeAccount(id: string, values: ItemValues): Promise<AccountAnswer>
  /**
   * @param signIn `sign_in` of an answer
   * @throws BridgeError why the code is not accepted; `reason` is `over` when no other code helps
   */
  submitCode(signIn: string, code: string): Promise<AccountAnswer>
  /** Gives a sign-in up. @throws BridgeError `BAD_REQUEST` if there is none */
  cancelSignIn(signIn: string): Promise<void>
  /** @throws BridgeError `READ_ONLY` */
  remove(list: SettingsList, id: string): Promise<void>
  /** Connects with these values, for ten seconds at most; changes nothing. @throws BridgeError `BAD_REQUEST` */
  testBroker(values: BrokerTestBody): Promise<BrokerTestJson>
  /** Asks the device there who it is; changes nothing. Never rejects. */
  testDevice(values: DeviceTestBody): Promise<DeviceTestJson>
}
