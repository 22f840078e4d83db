/** The shapes of events, keys, backups and diagnostics. */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE } from '../../core/passwords/passphrase.ts'
import { SERIAL_PATTERN } from '../../core/serial.ts'

/** The default number of events in one answer. */
export const EVENTS_PAGE = 50

type Schemas = ReturnType<typeof housekeepingSchemas>
export type LoggedEventJson = Static<Schemas['event']>
export type MessageTestJson = Static<ReturnType<typeof messageTestsSchema>>['results'][number]
export type EventPage = Static<Schemas['events']>
export type HeldKeyJson = Static<Schemas['key']>
export type UploadJson = Static<Schemas['uploaded']>
export type RestoredJson = Static<Schemas['restored']>

const time = () => Type.String({ format: 'date-time' })
const strict = { additionalProperties: false }

export function housekeepingSchemas() {
  return {
    ...eventSchemas(),
    ...keySchemas(),
    ...backupSchemas(),
    diagnostics: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'For people who help; it changes from version to version.',
      examples: [{ made: '2026-01-15T12:00:00.000Z', note: 'Secrets are masked.' }],
    }),
  }
}

function eventSchemas() {
  const event = Type.Object(
    {
      id: Type.Integer({ examples: [412] }),
      at: time(),
      type: Type.String({ description: 'As on MQTT, such as device_offline.', examples: ['device_offline'] }),
      serial: Type.Union([Type.String(), Type.Null()], { description: 'null if it concerns no device.' }),
      account: Type.Union([Type.String({ examples: ['home'] }), Type.Null()]),
      message: Type.String({ examples: ['Bathroom does not answer.'] }),
      details: Type.Union([Type.Unsafe<Record<string, unknown>>({ type: 'object', examples: [{}] }), Type.Null()]),
    },
    { $id: 'LoggedEvent' },
  )
  return {
    event,
    events: Type.Object({
      events: Type.Array(event, { description: 'The newest first.' }),
      next: Type.Union([Type.Integer({ examples: [363] }), Type.Null()], {
        description: 'Value for before to read on; null at the end.',
      }),
    }),
    eventsQuery: Type.Object(
      {
        limit: Type.Optional(
          Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: `1 to 999; ${EVENTS_PAGE} without it.` }),
        ),
        before: Type.Optional(
          Type.String({
            pattern: '^[1-9][0-9]{0,14}$',
            description: 'Only events with a smaller id.',
            examples: ['413'],
          }),
        ),
      },
      strict,
    ),
    eventsParams: Type.Object({
      id: Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the device.' }),
    }),
  }
}

function keySchemas() {
  const key = Type.Object(
    {
      serial: Type.String(),
      name: Type.String({ description: 'Of the device.' }),
      source: Type.String({ description: 'The account that provided it, or config.', examples: ['home'] }),
      since: Type.Union([time(), Type.Null()], {
        description: 'When it was stored; null for a key from the settings.',
      }),
      last_accepted: Type.Union([time(), Type.Null()], {
        description: 'When the device last accepted a command signed with it, to the hour; null if none is known.',
      }),
      refused: Type.Boolean({ description: 'The device has refused it since.', examples: [false] }),
      used: Type.Boolean({ description: 'Whether this key signs commands.' }),
      masked: Type.String({
        description: 'Its first two characters, to tell two keys apart.',
        examples: ['AA********'],
      }),
    },
    { $id: 'HeldKey' },
  )
  return { key, keys: Type.Object({ keys: Type.Array(key) }) }
}

function backupSchemas() {
  const passphrase = Type.String({
    minLength: SHORTEST_PASSPHRASE,
    maxLength: LONGEST_PASSPHRASE,
    description: 'Passphrase of the backup. It can’t be opened without it.',
    examples: ['seven words that only the two of us know'],
  })
  const password = Type.String({
    minLength: 1,
    maxLength: 1024,
    description: 'Password of the user who asks, since a backup contains every key of the house.',
  })
  const version = Type.String({ description: 'Of the bridge that made it.', examples: ['0.1.0'] })
  return {
    backup: Type.Object({ passphrase, password }, strict),
    restore: Type.Object({ passphrase, password }, strict),
    uploadParams: Type.Object({
      id: Type.String({
        pattern: '^[0-9a-f-]{36}$',
        description: 'Id of the upload.',
        examples: ['0f8fad5b-d9cb-469f-a165-70867728950e'],
      }),
    }),
    uploaded: Type.Object({
      id: Type.String({ description: 'Id for the second step.', examples: ['0f8fad5b-d9cb-469f-a165-70867728950e'] }),
      size: Type.Integer({ minimum: 0, description: 'Bytes.', examples: [348160] }),
      created: Type.Union([time(), Type.Null()], {
        description: 'When it was made, according to the backup; null if that is known only once it is opened.',
      }),
      version: Type.Union([version, Type.Null()]),
    }),
    restored: Type.Object({
      created: time(),
      version,
      devices: Type.Integer({ minimum: 0, examples: [12] }),
      keys: Type.Integer({ minimum: 0, examples: [12] }),
      users: Type.Array(Type.String({ examples: ['admin'] }), { description: 'Who can sign in afterwards.' }),
      restarting: Type.Boolean({ description: 'Whether the bridge restarts by itself now; otherwise restart it.' }),
    }),
  }
}

const CHANNELS = ['ntfy', 'telegram', 'email', 'webhook'] as const

/** What came of test messages. */
export function messageTestsSchema() {
  return Type.Object({
    results: Type.Array(
      Type.Object({
        channel: Type.Unsafe<(typeof CHANNELS)[number]>(Type.Enum([...CHANNELS])),
        to: Type.Union([Type.String(), Type.Null()], {
          description: 'The recipient of an e-mail; null for other ways.',
          examples: [null],
        }),
        problem: Type.Union([Type.String(), Type.Null()], {
          description: 'Why the service has not taken the message; null if it has.',
          examples: [null],
        }),
      }),
    ),
  })
}
