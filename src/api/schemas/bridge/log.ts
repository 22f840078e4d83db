/** The shapes of the log. */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { RECORDED, type Recorded } from '../../../core/logging/more-detail.ts'

/** How many lines one answer has without being told. */
export const LOG_LINES = 200
/** How long more detail is recorded at most: a day. */
const LONGEST_MINUTES = 1440

export type LogLineJson = Static<ReturnType<typeof logSchemas>['line']>
export type LogJson = Static<ReturnType<typeof logSchemas>['answer']>
export type RecordingJson = Static<ReturnType<typeof logSchemas>['recording']>

const LEVELS = [...RECORDED, 'fatal', 'silent'] as const
const strict = { additionalProperties: false }

export function logSchemas() {
  const level = (description: string) =>
    Type.Unsafe<(typeof LEVELS)[number]>({ ...Type.Enum([...LEVELS]), description, examples: ['info'] })
  const line = Type.Object({
    seq: Type.Integer({ minimum: 1, description: 'Its number in this log.', examples: [412] }),
    at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    level: Type.String({ examples: ['info'] }),
    message: Type.String({ examples: ['thermo2mqtt is running'] }),
    fields: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'What it is about. Secrets are masked.',
      examples: [{ version: '0.1.0' }],
    }),
  })
  const recording = Type.Object({
    level: level('What is recorded now: lines of this level and above.'),
    usual: level('What the settings say.'),
    until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the level of the settings is back; null while it is in force.',
    }),
  })
  return {
    line,
    recording,
    answer: Type.Object({
      log: Type.String({
        description: 'Which log the numbers are of; they begin again when the bridge is started anew.',
        examples: ['0f8fad5b-d9cb-469f-a165-70867728950e'],
      }),
      last: Type.Integer({ minimum: 0, description: 'The number of the newest line of all: read on after it.' }),
      left_out: Type.Integer({
        minimum: 0,
        description: 'How many more lines match before these. Ask for more, or look closer.',
        examples: [0],
      }),
      lines: Type.Array(line, { description: 'The newest last.' }),
      recording,
    }),
    query: Type.Object(
      {
        level: Type.Optional(
          Type.Unsafe<Recorded>({
            ...Type.Enum([...RECORDED]),
            description: 'Only lines of this level and above; all without it.',
            examples: ['warn'],
          }),
        ),
        search: Type.Optional(
          Type.String({
            maxLength: 200,
            description: 'Only lines that contain it, in small or capital letters.',
            examples: ['bathroom'],
          }),
        ),
        after: Type.Optional(
          Type.String({
            pattern: '^(0|[1-9][0-9]{0,14})$',
            description: 'Only lines after this number.',
            examples: ['0'],
          }),
        ),
        limit: Type.Optional(
          Type.String({ pattern: '^([1-9][0-9]{0,2}|1000)$', description: `1 to 1000; ${LOG_LINES} without it.` }),
        ),
      },
      strict,
    ),
    record: Type.Object(
      {
        level: Type.Unsafe<Recorded>({
          ...Type.Enum([...RECORDED]),
          description: 'Lines of this level and above.',
          examples: ['debug'],
        }),
        minutes: Type.Integer({
          minimum: 1,
          maximum: LONGEST_MINUTES,
          description: 'For how long. After that the level of the settings is back.',
          examples: [15],
        }),
      },
      strict,
    ),
  }
}
