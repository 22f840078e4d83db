/** Payloads of commands: bytes from anybody, turned into something that can be checked. */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'

/** Largest payload of a command, in bytes. */
export const LARGEST_COMMAND = 16 * 1024

/** Not JSON, but what people and programs write for the numbers that JSON has not. */
const NO_NUMBER = /^[+-]?(nan|inf|infinity)$/i

export interface ObjectPayload {
  readonly body: JsonObject
  /** What to echo in the answer; undefined when none was given. */
  readonly transaction: unknown
}

/** Throws `BridgeError` BAD_REQUEST. */
export function requireAcceptable(payload: Buffer, retained: boolean): void {
  if (retained) {
    throw new BridgeError(
      'BAD_REQUEST',
      'Commands must not be retained: this one would be repeated at every start. Clear it by an empty retained message, and send without the retain flag.',
    )
  }
  if (payload.length > LARGEST_COMMAND) {
    throw new BridgeError(
      'BAD_REQUEST',
      `The payload has ${payload.length} bytes; a command has at most ${LARGEST_COMMAND}.`,
    )
  }
}

/** A JSON object, its `transaction` taken out. Throws `BridgeError` BAD_REQUEST. */
export function readObject(text: string): ObjectPayload {
  const parsed = parseJson(text)
  if (!isObject(parsed)) {
    throw new BridgeError('BAD_REQUEST', 'The payload is not a JSON object such as {"target_temperature": 21}.')
  }
  const { transaction, ...body } = parsed
  return { body, transaction }
}

/** As `readObject`, but an empty payload is an empty object. */
export function readOptionalObject(text: string): ObjectPayload {
  return text.trim() === '' ? { body: {}, transaction: undefined } : readObject(text)
}

/** The object that a command's values are in. Throws `BridgeError` BAD_REQUEST when one is no finite number, or none are there. */
export function readCommand(text: string): ObjectPayload {
  const payload = readObject(text)
  const values = Object.entries(payload.body)
  if (values.length === 0) throw new BridgeError('BAD_REQUEST', 'The payload names nothing to set.')
  for (const [key, value] of values) {
    // JSON can say 1e400, which JavaScript reads as infinite.
    if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite(key)
  }
  return payload
}

/**
 * A bare value, as `set/<key>` takes it: JSON if it is a JSON scalar (`24.0`, `true`, `"heat"`), else the text itself
 * (`heat`, `ON`). Throws `BridgeError` BAD_REQUEST when it is empty or no finite number.
 */
export function readValue(key: string, text: string): string | number | boolean | null {
  const bare = text.trim()
  if (bare === '') throw new BridgeError('BAD_REQUEST', `The payload for ${key} is empty.`)
  if (NO_NUMBER.test(bare)) throw notFinite(key)
  const parsed = parseJson(bare)
  switch (typeof parsed) {
    case 'number':
      if (!Number.isFinite(parsed)) throw notFinite(key)
      return parsed
    case 'string':
    case 'boolean':
      return parsed
    default:
      return parsed === null ? null : bare
  }
}

/** The word of an action, bare, as JSON text, or as `{"action": …, "transaction": …}`. */
export function readAction(text: string): { readonly action: unknown; readonly transaction: unknown } {
  const bare = text.trim()
  const parsed = parseJson(bare)
  if (isObject(parsed)) return { action: parsed.action, transaction: parsed.transaction }
  return { action: typeof parsed === 'string' ? parsed : bare, transaction: undefined }
}

/** The `transaction` in `text`, if it is a JSON object that has one. */
export function readTransaction(text: string): unknown {
  const parsed = text.trimStart().startsWith('{') ? parseJson(text) : undefined
  return isObject(parsed) ? parsed.transaction : undefined
}

function notFinite(key: string): BridgeError {
  return new BridgeError('BAD_REQUEST', `The value for ${key} is not a finite number.`)
}
