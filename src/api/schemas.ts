/** The shapes of REST: what requests are validated against, and what OpenAPI shows of requests and answers. */
import Type, { type Static, type TSchema, type TSchemaOptions } from 'typebox'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { SERIAL_PATTERN } from '../core/serial.ts'
import { LONGEST_NAME, NAME_SOURCES, type NameSource } from '../devices/names.ts'
import { ACCOUNT_STATES, ACTIONS } from '../devices/ports.ts'
import { catalogSchema } from './catalog-schema.ts'
import { historySchemas } from './history-schema.ts'
import { housekeepingSchemas } from './housekeeping-schema.ts'
import { infoSchema } from './info-schema.ts'
import { scheduleSchemas } from './schedule-schema.ts'
import { settingsSchemas } from './settings-schemas.ts'
import { signInSchemas } from './sign-in-schemas.ts'
import { commandSchema, looseCommandSchema, stateSchema } from './state-schema.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]

/** An object with any keys. Not a Record of TypeBox, whose patterns OpenAPI tools don't show. */
function dictionary<Value extends TSchema>(value: Value, options: TSchemaOptions = {}) {
  return Type.Unsafe<Record<string, Static<Value>>>(Type.Object({}, { ...options, additionalProperties: value }))
}

export type ApiSchemas = ReturnType<typeof apiSchemas>

/** Made anew for every server, so that nothing is shared between two of them. */
export function apiSchemas() {
  const time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])

  const problem = Type.Object(
    {
      code: Type.Unsafe<ErrorCode>(Type.Enum(CODES)),
      message: Type.String({ description: 'What happened, what it means and what to do.' }),
      details: Type.Optional(dictionary(Type.Unknown())),
    },
    { $id: 'Problem', description: 'What is wrong; the same codes as on MQTT.' },
  )
  const error = Type.Object({ error: problem }, { $id: 'Error' })
  const state = stateSchema()
  const { dayOf, ...schedules } = scheduleSchemas()

  const health = Type.Object(
    {
      last_seen: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description: 'When the device last gave a good reply; null before the first.',
      }),
      last_published: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description:
          'When the device last published something over MQTT by itself that was taken (`native_mqtt`); null when it has not since the start.',
      }),
      failures: Type.Integer({ minimum: 0, description: 'Failed polls since then.' }),
      error: Type.Union([problem, Type.Null()], {
        description: 'Why the device is offline or what stands in the way of commands; null when all is well.',
      }),
      key_source: Type.Union([Type.String(), Type.Null()], {
        description: 'Where the key for signing came from: an account, or config; null when there is none.',
      }),
      clock_offset: Type.Union([Type.Number(), Type.Null()], {
        description: 'Clock of the device minus clock of the bridge, in seconds.',
      }),
      counter_base: Type.Union([Type.Literal('2000'), Type.Literal('unix'), Type.Null()], {
        description: 'From which start the device counts its TOTP steps, once learned.',
      }),
    },
    { $id: 'DeviceHealth' },
  )

  const device = Type.Object(
    {
      serial: Type.String({ pattern: SERIAL_PATTERN }),
      name: Type.String(),
      name_source: Type.Unsafe<NameSource>({
        ...Type.Enum([...NAME_SOURCES]),
        description:
          'Who named it: the settings, which nothing here can change; somebody here (given); its account; or nobody.',
      }),
      model: Type.String({ description: 'Model id of the catalog, such as ax or oz.' }),
      hw: Type.Union([Type.String(), Type.Null()], { description: 'What the device calls itself in beacons.' }),
      address: Type.Union([Type.Object({ host: Type.String(), port: Type.Integer() }), Type.Null()], {
        description: 'Where it is on the LAN; null while only an account names it.',
      }),
      online: Type.Boolean(),
      setpoint_step: Type.Number({ description: 'The step in °C in which the setpoint in force is changed.' }),
      state,
      schedule: schedules.deviceSchedule,
      health,
      sources: Type.Array(Type.String(), { description: 'How it became known: config, beacon, account:<id>.' }),
    },
    { $id: 'Device' },
  )

  const result = Type.Object(
    {
      state,
      rounded: Type.Optional(
        dictionary(Type.Object({ asked: Type.Number(), set: Type.Number() }), {
          description: 'Values that were rounded to what the device can hold.',
        }),
      ),
      superseded: Type.Optional(
        Type.Array(Type.String(), { description: 'Keys that a later command, merged into the same write, replaced.' }),
      ),
    },
    { $id: 'CommandResult', description: 'The state read back from the device after the write.' },
  )

  const account = Type.Object(
    {
      id: Type.String(),
      provider: Type.String(),
      state: Type.Unsafe<(typeof ACCOUNT_STATES)[number]>(Type.Enum([...ACCOUNT_STATES])),
      devices: Type.Integer({ minimum: 0, description: 'How many devices the last list named.' }),
      last_sync: time,
      error: Type.Union([problem, Type.Null()]),
    },
    { $id: 'Account' },
  )

  const check = Type.Object(
    {
      ok: Type.Boolean(),
      code: Type.Optional(Type.String({ description: 'What is wrong, for programs.' })),
      detail: Type.Optional(Type.String({ description: 'What is wrong, what it means and what to do.' })),
    },
    { $id: 'Check' },
  )

  return {
    signIn: signInSchemas(),
    settings: settingsSchemas(),
    catalog: catalogSchema(),
    info: infoSchema(),
    housekeeping: housekeepingSchemas(),
    ...schedules,
    ...historySchemas(),
    error,
    device,
    account,
    result,
    command: looseCommandSchema(),
    documentedCommand: commandSchema(),
    devices: Type.Object({ devices: Type.Array(device) }),
    accounts: Type.Object({ accounts: Type.Array(account) }),
    done: Type.Object({ ok: Type.Literal(true) }),
    code: Type.Object(
      {
        code: Type.String({
          minLength: 1,
          maxLength: 32,
          pattern: '^[A-Za-z0-9 -]+$',
          description: 'The code that the account waits for, as it came by e-mail, SMS or from an authenticator app.',
        }),
      },
      { additionalProperties: false },
    ),
    token: Type.Object(
      {
        token: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 32,
            pattern: '^[A-Za-z0-9 -]+$',
            description:
              'The code that an authenticator app shows; without it the bridge makes it of the secret it holds.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    totpSetup: Type.Object({
      secret_key: Type.String({ description: 'Secret of the second factor, base32. Shown this once.' }),
      provisioning_uri: Type.String({ description: 'The same for an authenticator app, as otpauth:// address.' }),
    }),
    totpActivated: Type.Object({
      recovery_codes: Type.Array(Type.String(), { description: 'Each signs in once without a code. Shown this once.' }),
    }),
    health: Type.Object({ status: Type.Literal('ok') }),
    readiness: Type.Object({ ready: Type.Boolean(), checks: dictionary(check) }, { $id: 'Readiness' }),
    deviceParams: Type.Object({ id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }) }),
    scheduleDayParams: Type.Object({
      id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }),
      ...dayOf,
    }),
    deviceChange: Type.Object(
      {
        name: Type.Union([Type.String({ minLength: 1, maxLength: 4 * LONGEST_NAME }), Type.Null()], {
          description: `What to call it, up to ${LONGEST_NAME} characters; null gives back the name that it has by itself.`,
          examples: ['Bathroom'],
        }),
      },
      { additionalProperties: false },
    ),
    actionParams: Type.Object({
      id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }),
      action: Type.Unsafe<(typeof ACTIONS)[number]>(Type.Enum([...ACTIONS])),
    }),
    accountParams: Type.Object({
      id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Id of the account in the settings.' }),
    }),
  }
}
