/** Schedules of several thermostats at once, as JSON Schema: copied, exported, imported. */
import type { TSchema } from 'typebox'
import * as Type from 'typebox'
import { SERIAL_PATTERN } from '../../core/serial.ts'
import { SCHEDULE_KINDS, type ScheduleDay, type ScheduleKind, type ScheduleWeek } from '../../devices/ports.ts'
import { FIELDS, WEEK } from '../example-values.ts'
import type { ProblemSchema } from './problem.ts'

const SERIAL = String(FIELDS.serial)

/** The most thermostats to copy to at once. */
const MOST_COPIES = 1_000

interface Parts<Rounded extends TSchema, Named extends TSchema> {
  readonly week: TSchema
  readonly named: Named
  readonly rounded: Rounded
  readonly problem: ProblemSchema
}

export function houseSchemas<Rounded extends TSchema, Named extends TSchema>(parts: Parts<Rounded, Named>) {
  const { week, named, rounded, problem } = parts
  const days = (description: string) => Type.Unsafe<ScheduleDay[]>(Type.Array(named, { description }))
  const outcome = Type.Object(
    {
      serial: Type.String(),
      name: Type.Union([Type.String(), Type.Null()], { description: 'null for a device that is not known.' }),
      ok: Type.Boolean({ description: 'Whether everything is as requested, or would be after a dry run.' }),
      written: days('Days that were written and read back, or in a dry run would be written.'),
      unchanged: days('Days that were already the same.'),
      rounded,
      error: Type.Union([problem, Type.Null()], { description: 'Why not; null when ok.' }),
    },
    { $id: 'ScheduleOutcome', description: 'The result of one device.' },
  )
  const entry = Type.Object(
    { name: Type.String(), model: Type.String(), floor: Type.Optional(week), air: Type.Optional(week) },
    { $id: 'FiledSchedule', description: 'Name and model are for people. A schedule that is not known is left out.' },
  )
  const file = Type.Object(
    {
      version: Type.Literal(1),
      schedules: Type.Unsafe<Record<string, { name: string; model: string; floor?: ScheduleWeek; air?: ScheduleWeek }>>(
        Type.Object({}, { additionalProperties: entry, description: 'By serial.' }),
      ),
    },
    {
      $id: 'ScheduleFile',
      examples: [{ version: 1, schedules: { [SERIAL]: { name: 'Bathroom', model: 'az', floor: WEEK } } }],
    },
  )
  return {
    scheduleFile: file,
    /** Checked by the code that reads it: YAML arrives as text. */
    looseScheduleFile: Type.Unsafe<unknown>(Type.Any()),
    dryRunQuery: Type.Object(
      {
        dry_run: Type.Optional(
          Type.Unsafe<'true' | 'false'>({
            ...Type.Enum(['true', 'false']),
            description: 'true: reads what the devices have, and only reports what would be written.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    exportQuery: Type.Object(
      {
        format: Type.Optional(
          Type.Unsafe<'json' | 'yaml'>({
            ...Type.Enum(['json', 'yaml']),
            description: 'Instead of the header Accept.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    scheduleCopy: Type.Object(
      {
        to: Type.Array(Type.String({ pattern: SERIAL_PATTERN }), {
          minItems: 1,
          maxItems: MOST_COPIES,
          description: 'Serials of the devices to copy to.',
        }),
        kind: Type.Optional(
          Type.Unsafe<ScheduleKind>({
            ...Type.Enum([...SCHEDULE_KINDS]),
            description: 'The schedule to copy; without it, all schedules of the device.',
          }),
        ),
        dry_run: Type.Optional(Type.Boolean({ description: 'Only reports what would be written.' })),
      },
      { additionalProperties: false, examples: [{ to: [SERIAL], kind: 'floor', dry_run: true }] },
    ),
    schedulesApplied: Type.Object(
      {
        ok: Type.Boolean({ description: 'Whether every device is, or would be, as requested.' }),
        dry_run: Type.Boolean(),
        devices: Type.Array(outcome),
      },
      { $id: 'SchedulesApplied' },
    ),
  }
}
