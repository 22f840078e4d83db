/** The catalog as JSON Schema. */
import * as Type from 'typebox'
import type { DatapointType, Kind, Limits, LockWay, ScheduleKind } from '../../catalog/index.ts'

const TYPES: readonly DatapointType[] = ['number', 'boolean', 'enum', 'text', 'timestamp', 'timeOfDay']
const CATEGORIES = ['control', 'measured', 'config', 'diagnostic', 'fault'] as const
const KINDS: readonly Kind[] = ['thermostat', 'relay', 'voltage_relay']
const LIMITS: readonly Limits[] = ['floor', 'air', 'control']
const LOCK_WAYS: readonly LockWay[] = ['terneo_menu', 'welrok_menu', 'right_button', 'unknown']
const SCHEDULES: readonly ScheduleKind[] = ['floor', 'air']

/** The use of a datapoint: everyday control, measurement, one-time setting, or diagnosis. */
export type Category = (typeof CATEGORIES)[number]

export function catalogSchema() {
  const number = Type.Optional(Type.Number())
  const datapoint = Type.Object(
    {
      key: Type.String({ description: 'Key in the state and in commands.' }),
      name: Type.String(),
      text: Type.String({ description: 'Its meaning, in a sentence.' }),
      type: Type.Unsafe<DatapointType>(Type.Enum([...TYPES])),
      access: Type.Unsafe<'read' | 'write'>(Type.Enum(['read', 'write'])),
      category: Type.Unsafe<Category>(Type.Enum([...CATEGORIES])),
      raw: Type.Optional(
        Type.String({
          description: 'Where it is on the device: the number of a parameter, or the field of its telemetry.',
          examples: ['5'],
        }),
      ),
      unit: Type.Optional(Type.String()),
      min: number,
      max: number,
      step: number,
      limits: Type.Optional(
        Type.Unsafe<Limits>({
          ...Type.Enum([...LIMITS]),
          description: 'A setpoint; its limits are parameters of the device itself.',
        }),
      ),
      values: Type.Optional(Type.Array(Type.String(), { description: 'The possible values of an enum.' })),
    },
    { $id: 'Datapoint' },
  )
  const model = Type.Object(
    {
      id: Type.String(),
      name: Type.String(),
      vendor: Type.String(),
      kind: Type.Unsafe<Kind>(Type.Enum([...KINDS])),
      schedules: Type.Array(Type.Unsafe<ScheduleKind>(Type.Enum([...SCHEDULES]))),
      lock_way: Type.Unsafe<LockWay>({
        ...Type.Enum([...LOCK_WAYS]),
        description: 'How to change its lock at the device itself: in a menu or with its right button.',
      }),
      own_page: Type.Boolean({
        description: 'Whether it has its own page, http://<address>/index.html, for its connection to the cloud.',
      }),
      datapoints: Type.Array(datapoint),
    },
    { $id: 'Model' },
  )
  return Type.Object({ models: Type.Array(model) }, { $id: 'Catalog' })
}
