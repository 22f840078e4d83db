/** Payloads of commands: converts bytes from anybody into something that can be checked. */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'

/** Largest payload of a command, in bytes. */
export const LARGEST_COMMAND = 16 * 1024

/** Not JSON, but what people and programs write for numbers that JSON lacks. */
const NO_NUMBER = /^[+-]?(nan|inf|infinity)$/i

export interface ObjectPayload {
  readonly body: JsonObject
  /** The value to repeat in the answer; undefined if none was given. */
  readonly transaction: unknown
}

/** Throws `BridgeError` BAD_REQUEST. */
export function requireAcceptable(payload: Buffer, retained: boolean): void {
  if (retained) {
    throw new BridgeError(
      'BAD_REQUEST',
      'Commands must not be retained: this one would be repeated at every start. Clear it with an empty retained message, and send commands without the retain flag.',
    )
  }
  if (payload.length > LARGEST_COMMAND) {
    throw new BridgeError(
      'BAD_REQUEST',
      `The payload has ${payload.length} bytes, but a command may have at most ${LARGEST_COMMAND}.`,
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

/** Like `readObject`, but an empty payload is an empty object. */
export function readOptionalObject(text: string): ObjectPayload {
  return text.trim() === '' ? { body: {}, transaction: undefined } : readObject(text)
}

/**
 * The object with a command's values. Throws `BridgeError` BAD_REQUEST if one is not a finite number, or there are
 * none.
 */
export function readCommand(text: string): ObjectPayload {
  const payload = readObject(text)
  const values = Object.entries(payload.body)
  if (values.length === 0) throw new BridgeError('BAD_REQUEST', 'The payload contains nothing to set.')
  for (const [key, value] of values) {
    // JSON can contain 1e400, which JavaScript reads as infinite.
    if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite(key)
  }
  return payload
}

/**
 * A bare value for `set/<key>`: JSON if it is a JSON scalar (`24.0`, `true`, `"heat"`), otherwise the text itself
 * (`heat`, `ON`). `{"value": …, "via": …}` says besides who sends it. Throws `BridgeError` BAD_REQUEST if it is empty or not a finite number.
 */
export function readValue(key: string, text: string): Scalar {
  const bare = text.trim()
  if (bare === '') throw new BridgeError('BAD_REQUEST', `The payload for ${key} is empty.`)
  if (NO_NUMBER.test(bare)) throw notFinite(key)
  const parsed = parseJson(bare)
  const value = isObject(parsed) ? parsed.value : parsed
  if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite(key)
  return isScalar(value) ? value : bare
}

type Scalar = string | number | boolean | null

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** The word of an action, bare, as JSON text, or as `{"action": …, "transaction": …}`. */
export function readAction(text: string): { readonly action: unknown; readonly transaction: unknown } {
  const bare = text.trim()
  const parsed = parseJson(bare)
  if (isObject(parsed)) return { action: parsed.action, transaction: parsed.transaction }
  return { action: typeof parsed === 'string' ? parsed : bare, transaction: undefined }
}

/** The `transaction` in `text`, if it is a JSON object with one. */
export const readTransaction = (text: string): unknown => fieldOf(text, 'transaction')

/** Who sends it, by its own account: `via` in `text`, if it is a JSON object with one. */
export const readVia = (text: string): unknown => fieldOf(text, 'via')

function fieldOf(text: string, field: string): unknown {
  const parsed = text.trimStart().startsWith('{') ? parseJson(text) : undefined
  return isObject(parsed) ? parsed[field] : undefined
}

function notFinite(key: string): BridgeError {
  return new BridgeError('BAD_REQUEST', `The value for ${key} is not a finite number.`)
}
