/** The shapes of devices in REST: what it shows, accepts, and answers to a command. */
import * as Type from 'typebox'
import { SERIAL_PATTERN } from '../../core/serial.ts'
import { NAME_SOURCES, type NameSource } from '../../devices/facts/called.ts'
import { LONGEST_NAME } from '../../devices/facts/given-name.ts'
import { ACTIONS } from '../../devices/ports.ts'
import { dictionary, type ProblemSchema } from './problem.ts'
import { scheduleSchemas } from './schedule.ts'
import { commandSchema, looseCommandSchema, stateSchema } from './state.ts'

export function deviceSchemas(problem: ProblemSchema) {
  const state = stateSchema()
  const { dayOf, ...schedules } = scheduleSchemas(problem)
  const device = deviceSchema(problem, state, schedules.deviceSchedule)
  return {
    ...schedules,
    device,
    result: resultSchema(state),
    command: looseCommandSchema(),
    documentedCommand: commandSchema(),
    devices: Type.Object({ devices: Type.Array(device) }),
    deviceParams: Type.Object({ id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }) }),
    scheduleDayParams: Type.Object({
      id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }),
      ...dayOf,
    }),
    deviceChange: Type.Object(
      {
        name: Type.Optional(
          Type.Union([Type.String({ minLength: 1, maxLength: 4 * LONGEST_NAME }), Type.Null()], {
            description: `The name, up to ${LONGEST_NAME} characters; null restores the default name.`,
            examples: ['Bathroom'],
          }),
        ),
        room: Type.Optional(
          Type.Union([Type.String({ minLength: 1, maxLength: 4 * LONGEST_NAME }), Type.Null()], {
            description: `The room that it is in, up to ${LONGEST_NAME} characters; null for none. A room begins with its first device.`,
            examples: ['Bathroom'],
          }),
        ),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    actionParams: Type.Object({
      id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }),
      action: Type.Unsafe<(typeof ACTIONS)[number]>(Type.Enum([...ACTIONS])),
    }),
  }
}

type StateSchema = ReturnType<typeof stateSchema>
type DeviceScheduleSchema = ReturnType<typeof scheduleSchemas>['deviceSchedule']

function deviceSchema(problem: ProblemSchema, state: StateSchema, schedule: DeviceScheduleSchema) {
  return Type.Object(
    {
      serial: Type.String({ pattern: SERIAL_PATTERN }),
      name: Type.String(),
      name_source: Type.Unsafe<NameSource>({
        ...Type.Enum([...NAME_SOURCES]),
        description:
          'Where the name comes from: the settings (can’t be changed here), a name given here (given), its account, or nobody.',
      }),
      room: Type.Union([Type.String(), Type.Null()], { description: 'The room that it is in; null for none.' }),
      suggested_room: Type.Union([Type.String(), Type.Null()], {
        description: 'The room that its name suggests; null if it is in a room, or has a default name.',
      }),
      model: Type.String({ description: 'Model id of the catalog, such as ax or oz.' }),
      hw: Type.Union([Type.String(), Type.Null()], { description: 'The model name in its beacons.' }),
      firmware: Type.Union([Type.String(), Type.Null()], {
        description: 'Its version from its account, otherwise what the device itself shows of it (before 2.4).',
      }),
      address: Type.Union([Type.Object({ host: Type.String(), port: Type.Integer() }), Type.Null()], {
        description: 'Its address on the LAN; null while only an account lists it.',
      }),
      online: Type.Boolean(),
      setpoint_step: Type.Number({ description: 'The step of the setpoint in force, in °C.' }),
      timezone: Type.Union([Type.String({ examples: ['Europe/Kyiv'] }), Type.Null()], {
        description:
          'IANA name of the time zone that its local times (away, schedule) are in; null if it is that of the bridge, which GET /api/v1/info tells.',
      }),
      state,
      schedule,
      health: healthSchema(problem),
      sources: Type.Array(Type.String(), { description: 'How it became known: config, beacon, account:<id>.' }),
    },
    { $id: 'Device' },
  )
}

/** The connection between the bridge and a device. */
function healthSchema(problem: ProblemSchema) {
  return Type.Object(
    {
      last_seen: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description: 'When the device last gave a good reply; null before the first.',
      }),
      last_published: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description:
          'When the bridge last used a message that the device itself published over MQTT (`native_mqtt`); null if there was none since the start.',
      }),
      failures: Type.Integer({ minimum: 0, description: 'Failed polls since then.' }),
      error: Type.Union([problem, Type.Null()], {
        description: 'Why the device is offline or can’t be controlled; null if all is well.',
      }),
      key_source: Type.Union([Type.String(), Type.Null()], {
        description: 'Source of the signing key: an account, or config; null if there is no key.',
      }),
      clock_offset: Type.Union([Type.Number(), Type.Null()], {
        description: 'Clock of the device minus clock of the bridge, in seconds.',
      }),
      counter_base: Type.Union([Type.Literal('2000'), Type.Literal('unix'), Type.Null()], {
        description: 'The start from which the device counts its TOTP steps, once learned.',
      }),
      second_address: Type.Union([Type.String(), Type.Null()], {
        description:
          'Host that answers under the serial of the device while the device is at its address; null for none.',
      }),
    },
    { $id: 'DeviceHealth' },
  )
}

/** The answer to a command. */
function resultSchema(state: StateSchema) {
  return Type.Object(
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
}
