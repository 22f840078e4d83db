/** Values as payloads of Wiren Board's conventions, and back ("Control Types"). */

import { BridgeError } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'

/** The types of the conventions that catalog rows need. */
export type ControlType = 'switch' | 'alarm' | 'value' | 'text' | 'pushbutton'

/** Undefined for null, which the conventions can't express. */
export function show(value: JsonValue): string | undefined {
  if (value === null || typeof value === 'object') return undefined
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
}

/** @throws BridgeError `BAD_REQUEST` for a payload that the conventions do not allow for the type */
export function read(text: string, type: ControlType): string | number | boolean {
  switch (type) {
    case 'switch':
    case 'alarm':
    case 'pushbutton':
      if (text !== '1' && (text !== '0' || type === 'pushbutton')) {
        throw new BridgeError('BAD_REQUEST', `A ${type} takes ${type === 'pushbutton' ? '1' : '0 or 1'}.`)
      }
      return text === '1'
    case 'value': {
      const number = text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isFinite(number)) throw new BridgeError('BAD_REQUEST', 'A control of type value takes a number.')
      return number
    }
    case 'text':
      return text
  }
}
