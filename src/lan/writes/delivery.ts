import { BridgeError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { badReply, byStranger, doneOrNot, ExchangeError, outcomeUnknown } from '../exchange/errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import type { Signature } from './sign.ts'

/** One write, and how to find out what it did. */
export interface Operation<R> {
  body(sign: Signature | undefined): string
  /**
   * What the device's reply shows of the result. `accepted`: the write was accepted, but the reply does not show the
   * whole result; undefined: not an answer to a write.
   */
  fromReply(reply: JsonObject): R | 'accepted' | undefined
  readBack(): Promise<R>
  /** Whether the result read back shows that a write whose answer was lost had an effect. */
  applied(result: R): boolean
  /**
   * If absent, the write may be repeated freely. Otherwise: whether the result read back shows that it was not done, so
   * that repeating it does not do it twice.
   */
  mayRepeat?(result: R): boolean
}

export interface Delivered<R> {
  readonly result: R
  /** The device answered with the result itself, which it does only if it accepted the write. */
  readonly full: boolean
}

/**
 * Sends a write. If its answer is lost or makes no sense, the write may have happened: reads back first, and sends
 * again only if it has not.
 * @throws ExchangeError if it is known not to have happened, or if another device received it
 * @throws BridgeError `OUTCOME_UNKNOWN` if nothing is known
 */
export async function deliver<R>(
  exchanger: Exchanger,
  operation: Operation<R>,
  sign: (() => Signature) | undefined,
): Promise<Delivered<R> | 'blocked'> {
  for (let attempt = 1; ; attempt++) {
    try {
      const reply = await exchanger.request({ write: true, body: () => operation.body(sign?.()) })
      if (reply === 'block') return 'blocked'
      if (reply === 'success') return { result: await lookBack(operation, true), full: false }
      const result = operation.fromReply(reply)
      if (result === 'accepted') return { result: await lookBack(operation, true), full: true }
      if (result !== undefined) return { result, full: true }
      throw badReply(exchanger.address, 'is not an answer to a write')
    } catch (error) {
      if (!isUncertain(error)) throw error
      const result = await lookBack(operation, byStranger(error))
      if (operation.applied(result)) return { result, full: false }
      if (operation.mayRepeat?.(result) === false) throw doneOrNot('its answer was lost')
      if (attempt === 2) throw error
    }
  }
}

/** Whether the device may still have done what was asked. */
function isUncertain(error: unknown): boolean {
  if (error instanceof ExchangeError) return error.mayHaveActed
  return error instanceof BridgeError && error.code === 'DEVICE_BAD_REPLY'
}

/**
 * Reads back, and retries once: not knowing is worse than waiting.
 * @param answered whether the write was answered, so that the present device is the one that received it
 */
async function lookBack<R>(operation: Operation<R>, answered: boolean): Promise<R> {
  try {
    return await operation.readBack()
  } catch (first) {
    if (!(first instanceof BridgeError)) throw first
  }
  try {
    return await operation.readBack()
  } catch (second) {
    if (answered && byStranger(second)) throw second
    throw second instanceof BridgeError ? outcomeUnknown(second) : second
  }
}
