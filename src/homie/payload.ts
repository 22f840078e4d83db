/** Values as payloads of Homie 5, and back ("Payloads"). */
import { BridgeError } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'

/** The types of the convention that catalog rows need. */
export type Datatype = 'integer' | 'float' | 'boolean' | 'enum' | 'string' | 'datetime'

/** The representation of an empty text, since an empty payload deletes ("Empty string values"). */
const EMPTY = '\0'

const INTEGER = /^-?\d{1,19}$/
const FLOAT = /^-?(\d+\.?\d*|\.\d+)([eE]-?\d+)?$/

/** Undefined for null, for which the convention has no payload. */
export function show(value: JsonValue): string | undefined {
  if (value === '') return EMPTY
  return value === null || typeof value === 'object' ? undefined : String(value)
}

const refuse = (datatype: Datatype, allowed: string) =>
  new BridgeError('BAD_REQUEST', `The payload is no ${datatype} of the Homie convention: ${allowed}.`)

/** @throws BridgeError `BAD_REQUEST` for a payload that the convention does not allow for the type */
export function read(text: string, datatype: Datatype, values: readonly string[]): string | number | boolean {
  switch (datatype) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw refuse(datatype, 'true or false')
      return text === 'true'
    case 'integer':
    case 'float': {
      const fits = (datatype === 'integer' ? INTEGER : FLOAT).test(text) && Number.isFinite(Number(text))
      if (!fits) throw refuse(datatype, datatype === 'integer' ? 'a whole number' : 'a number')
      return Number(text)
    }
    case 'enum':
      if (!values.includes(text)) throw refuse(datatype, `one of ${values.join(', ')}`)
      return text
    case 'datetime':
    case 'string':
      return text === EMPTY ? '' : text
  }
}
