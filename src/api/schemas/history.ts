/** The history of a device as JSON Schema. */
import type { Static, TSchema } from 'typebox'
import * as Type from 'typebox'
import { SERIAL_PATTERN } from '../../core/serial.ts'
import { type HistoryKey, MOST_PERIODS, MOST_SAMPLES, PERIODS, type Period } from '../../history/types.ts'

const MOMENT = '[0-9]{1,11}(\\.[0-9]{1,3})?|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,12}(Z|[+-][0-9]{2}:[0-9]{2})'

const value = (description: string, example: number) =>
  Type.Optional(Type.Union([Type.Number(), Type.Null()], { description, examples: [example] }))

const temperature = (what: string, example: number) => value(`°C; ${what}.`, example)

export type HistoryJson = Static<ReturnType<typeof historySchemas>['history']>
export type HouseHistoryJson = Static<ReturnType<typeof historySchemas>['houseHistory']>

const at = (description: string, example: string) =>
  Type.String({ format: 'date-time', description, examples: [example] })

export function historySchemas() {
  const history = Type.Object(
    {
      serial: Type.String(),
      recording: Type.Boolean({ description: 'Whether history is being recorded now.', examples: [true] }),
      from: at('As asked for.', '2026-01-15T00:00:00.000Z'),
      to: at('As asked for.', '2026-01-16T00:00:00.000Z'),
      step: Type.Integer({
        description:
          'Seconds. Longer than requested if the range goes back more than 26 hours (at least 5 minutes) or 31 days (at least an hour).',
        examples: [300],
      }),
      samples: Type.Array(sampleSchema(), {
        description:
          'In chronological order, at multiples of step, so the first may begin before `from`. There are none for times without data.',
      }),
    },
    { $id: 'History' },
  )
  return { history, historyQuery: querySchema(), houseHistory: houseSchema(), ...energySchemas() }
}

function houseSchema() {
  const line = (description: string, examples: (number | null)[]) =>
    Type.Array(Type.Union([Type.Number(), Type.Null()]), { description, examples: [examples] })
  return Type.Object(
    {
      recording: Type.Boolean({ description: 'Whether history is being recorded now.', examples: [true] }),
      from: at('Start of the first hour.', '2026-01-15T00:00:00.000Z'),
      to: at('The present.', '2026-01-16T00:00:00.000Z'),
      step: Type.Integer({ description: 'Seconds from one value to the next.', examples: [3600] }),
      devices: Type.Array(
        Type.Object({
          serial: Type.String(),
          current_temperature: line('°C; mean of each hour at the sensor that controls.', [22.4, null, 22.6]),
          load: line('Share of each hour during which the load was on.', [0.35, null, 0]),
        }),
      ),
    },
    {
      $id: 'HouseHistory',
      description: 'One value for each hour, oldest first, in every line; null for an hour without data.',
    },
  )
}

function sampleSchema() {
  const values = {
    current_temperature: temperature('mean at the sensor that controls', 22.4),
    current_temperature_min: temperature('lowest', 21.9),
    current_temperature_max: temperature('highest', 23),
    target_temperature: temperature('mean of the setpoint', 23),
    floor_temperature: temperature('mean of the floor', 22.4),
    floor_temperature_min: temperature('lowest', 21.9),
    floor_temperature_max: temperature('highest', 23),
    air_temperature: temperature('mean of the air', 20.1),
    air_temperature_min: temperature('lowest', 20),
    air_temperature_max: temperature('highest', 20.3),
    load: value('Share of the time during which the load was on.', 0.35),
    power: value('W; mean.', 455),
    energy: value('kWh; the count at the end.', 123.456),
    voltage: value('V; mean.', 229.4),
    voltage_min: value('V; lowest.', 227),
    voltage_max: value('V; highest.', 231),
  } satisfies Record<HistoryKey, TSchema>
  return Type.Object(
    {
      at: at('Start of the sample.', '2026-01-15T12:00:00.000Z'),
      known: Type.Number({ description: 'Seconds of the sample for which there is data.', examples: [300] }),
      ...values,
      energy_used: value('kWh; used in the sample. Those of a range add up to what was used in it.', 0.076),
    },
    {
      $id: 'HistorySample',
      description:
        'The data of `step` seconds. A key without any value in the whole range is left out of every sample.',
    },
  )
}

function querySchema() {
  const moment = `An ISO time with its zone, or Unix seconds`
  return Type.Object(
    {
      from: Type.Optional(
        Type.String({
          pattern: `^(${MOMENT}|-[0-9]{1,6}[smhd])$`,
          maxLength: 40,
          description: `${moment}; or how long before \`to\`, such as -7d. Default -1d.`,
          examples: ['-1d'],
        }),
      ),
      to: Type.Optional(
        Type.String({
          pattern: `^(${MOMENT})$`,
          maxLength: 40,
          description: `${moment}; not included itself. Default now.`,
          examples: ['2026-01-16T00:00:00Z'],
        }),
      ),
      step: Type.Optional(
        Type.String({
          pattern: '^[0-9]{1,6}[smhd]$',
          description: `Length of each sample, from 10s; an answer has at most ${MOST_SAMPLES} of them. Default: a length that gives no more than a thousand.`,
          examples: ['5m'],
        }),
      ),
      format: Type.Optional(
        Type.Unsafe<'json' | 'csv'>(
          Type.Enum(['json', 'csv'], {
            description: 'Default: json, or csv for a request that accepts text/csv.',
            examples: ['json'],
          }),
        ),
      ),
    },
    { additionalProperties: false },
  )
}

function energySchemas() {
  const used = {
    energy: Type.Union([Type.Number(), Type.Null()], {
      description: 'kWh; null where nothing is known.',
      examples: [4.321],
    }),
    cost: Type.Union([Type.Number(), Type.Null()], {
      description:
        'By the prices of `energy.*` in the settings, in fractions of a cent so that costs add up; null without a price.',
      examples: [18.67],
    }),
  }
  const energy = Type.Object(
    {
      by: Type.Unsafe<Period>(Type.Enum([...PERIODS])),
      timezone: Type.String({ examples: ['Europe/Kyiv'] }),
      currency: Type.Union([Type.String(), Type.Null()], {
        description: 'null while no price is set.',
        examples: ['UAH'],
      }),
      parts: Type.Array(
        Type.Object({
          from: at('When it begins.', '2026-01-14T22:00:00.000Z'),
          ...used,
        }),
        { description: 'Each day, week or month, oldest first, up to and including the present one.' },
      ),
      devices: Type.Array(Type.Object({ serial: Type.String(), ...used }), {
        description: 'Each device over all parts together.',
      }),
    },
    {
      $id: 'Energy',
      description: 'Counted by the hour, so days add up to weeks and months, and devices to the house.',
    },
  )
  return { energy, energyQuery: energyQuery() }
}

function energyQuery() {
  return Type.Object(
    {
      by: Type.Optional(
        Type.Unsafe<Period>(Type.Enum([...PERIODS], { description: 'Default day.', examples: ['day'] })),
      ),
      last: Type.Optional(
        Type.String({
          pattern: '^[1-9][0-9]{0,2}$',
          description: `How many, the present one included: up to ${MOST_PERIODS.day} days, ${MOST_PERIODS.week} weeks or ${MOST_PERIODS.month} months. Default 31 days, 12 weeks or 12 months.`,
          examples: ['31'],
        }),
      ),
      timezone: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 64,
          description: 'The time zone of days and of the night price. Default: that of the bridge.',
          examples: ['Europe/Kyiv'],
        }),
      ),
      serial: Type.Optional(
        Type.String({ pattern: SERIAL_PATTERN, description: 'Serial of the only device; default all.' }),
      ),
    },
    { additionalProperties: false },
  )
}
