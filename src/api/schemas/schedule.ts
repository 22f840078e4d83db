/** The weekly schedules as JSON Schema. The devices check the details, since they know model and limits. */
import type { TSchema } from 'typebox'
import * as Type from 'typebox'
import {
  DAYS,
  type Day,
  MAX_PERIODS,
  SCHEDULE_KINDS,
  type ScheduleKind,
  type ScheduleWeek,
} from '../../devices/ports.ts'
import { SCHEDULE_COMMAND, WEEK } from '../example-values.ts'
import { houseSchemas } from './house-schedules.ts'
import type { ProblemSchema } from './problem.ts'

const EACH_DAY = (schema: TSchema) => Object.fromEntries(DAYS.map((day) => [day, schema]))

/** What schedules are made of. */
function parts() {
  const day = Type.Unsafe<Day>(Type.Enum([...DAYS]))
  const kind = Type.Unsafe<ScheduleKind>(Type.Enum([...SCHEDULE_KINDS]))
  const time = Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    description: 'Local time of the device; the period lasts until the next begins, across midnight too.',
  })
  const temperature = Type.Union([Type.Number(), Type.Literal('on'), Type.Literal('off')], {
    description: '°C; on or off for a load that is always on or always off, where the model has that (oz).',
  })
  const period = Type.Object({ time, temperature }, { $id: 'SchedulePeriod', additionalProperties: false })
  const periods = Type.Array(period, {
    minItems: 1,
    maxItems: MAX_PERIODS,
    description: 'The periods of a day, in ascending order of time.',
    examples: [WEEK.monday],
  })
  const week = Type.Unsafe<ScheduleWeek>(
    Type.Object(EACH_DAY(periods), {
      $id: 'ScheduleWeek',
      required: [...DAYS],
      additionalProperties: false,
      examples: [WEEK],
    }),
  )
  return { day, kind, time, temperature, periods, week }
}

type Parts = ReturnType<typeof parts>

/** Both schedules of a device, and its place in the one that it follows. */
function views({ day, kind, time, temperature, week }: Parts) {
  const known = Type.Union([week, Type.Null()], {
    description: 'null: the device has no such schedule, or it has not been read yet.',
  })
  const weeks = { floor: known, air: known }
  const place = { day, time, temperature }
  const now = Type.Object(
    {
      kind: Type.Unsafe<ScheduleKind>({ ...kind, description: 'The schedule that belongs to the control type.' }),
      followed: Type.Boolean({ description: 'Whether it decides the setpoint now.' }),
      local_time: Type.Union([Type.String(), Type.Null()], {
        description: 'The time on the clock of the device, ISO without a zone.',
      }),
      period: Type.Object(place),
      next: Type.Object({
        ...place,
        at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
          description: 'When it begins, in UTC; null while the clock of the device is unknown.',
        }),
      }),
    },
    { $id: 'ScheduleNow', description: 'The period in force and the next one, by the clock of the device.' },
  )
  return { weeks, view: { ...weeks, now: Type.Union([now, Type.Null()]) } }
}

/** A command as it is documented. The devices check it, and say more than a schema can. */
function documentedCommand({ day, periods }: Parts) {
  const copy = Type.Object(
    { from: day, to: Type.Array(day, { minItems: 1 }) },
    { description: 'Copies one day, from the same command or else from the device, to others.' },
  )
  const ofKind = Type.Object(
    { ...EACH_DAY(Type.Optional(periods)), copy: Type.Optional(copy) },
    { $id: 'ScheduleDays', minProperties: 1, additionalProperties: false },
  )
  return Type.Object(
    { floor: Type.Optional(ofKind), air: Type.Optional(ofKind) },
    {
      $id: 'ScheduleCommand',
      description:
        'The days to replace; the others stay. All are checked before any is written. The answer of GET can be sent back: null and now are ignored.',
      minProperties: 1,
      examples: [SCHEDULE_COMMAND],
    },
  )
}

export function scheduleSchemas(problem: ProblemSchema) {
  const all = parts()
  const { day, kind, periods, week } = all
  const { weeks, view } = views(all)
  const named = Type.Object({ kind, day })
  const rounded = Type.Optional(
    Type.Unsafe<Record<string, { asked: number; set: number }>>(
      Type.Object(
        {},
        {
          additionalProperties: Type.Object({ asked: Type.Number(), set: Type.Number() }),
          description: 'Temperatures that were rounded to what the device can hold, by kind.day.time.',
        },
      ),
    ),
  )
  return {
    ...houseSchemas({ week, named, rounded, problem }),
    deviceSchedule: Type.Object(weeks, { $id: 'DeviceSchedule' }),
    schedule: Type.Object(view, { $id: 'Schedule' }),
    scheduleResult: Type.Object(
      {
        ...view,
        written: Type.Array(named, {
          description: 'Days that were written and read back; with dry_run, those that would be.',
        }),
        unchanged: Type.Array(named, { description: 'Days that were already the same.' }),
        rounded,
      },
      { $id: 'ScheduleResult', description: 'The schedules read back, and what was done.' },
    ),
    scheduleCommand: Type.Unsafe<Record<string, unknown>>(Type.Object({}, { minProperties: 1, maxProperties: 8 })),
    documentedScheduleCommand: documentedCommand(all),
    day: Type.Unsafe<unknown[]>(Type.Array(Type.Unknown())),
    documentedDay: periods,
    dayOf: { kind, day },
  }
}
