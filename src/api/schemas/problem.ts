/** A problem, as in errors and in the state of what they concern. */
import type { Static, TSchema, TSchemaOptions } from 'typebox'
import * as Type from 'typebox'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'

/** Every error code. */
export const CODES = Object.keys(ERRORS) as ErrorCode[]

/** An object with any keys. Not a Record of TypeBox, whose patterns OpenAPI tools don't show. */
export function dictionary<Value extends TSchema>(value: Value, options: TSchemaOptions = {}) {
  return Type.Unsafe<Record<string, Static<Value>>>(Type.Object({}, { ...options, additionalProperties: value }))
}

export type ProblemSchema = ReturnType<typeof problemSchema>

export function problemSchema() {
  return Type.Object(
    {
      code: Type.Unsafe<ErrorCode>(Type.Enum(CODES)),
      message: Type.String({ description: 'What happened, what it means and what to do.' }),
      details: Type.Optional(dictionary(Type.Unknown())),
    },
    { $id: 'Problem', description: 'What is wrong; the same codes as on MQTT.' },
  )
}
