import { BridgeError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { badReply, byStranger, doneOrNot, ExchangeError, outcomeUnknown } from '../exchange/errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import type { Signature } from './sign.ts'

/** One write, and how to find out what it did. */
export interface Operation<R> {
  body(sign: Signature | undefined): string
  /**
   * What the device's own reply shows of the result. `accepted`: it shows that the write was accepted, but not all of the
   * result; undefined: it is no answer to a write.
   */
  fromReply(reply: JsonObject): R | 'accepted' | undefined
  readBack(): Promise<R>
  /** Whether the result read back shows that the write, whose answer was lost, had an effect. */
  applied(result: R): boolean
  /**
   * Left out: it may be sent again as often as one likes. Else whether the result read back shows that it was not done, so
   * that to send it again is not to do it twice.
   */
  mayRepeat?(result: R): boolean
}

export interface Delivered<R> {
  readonly result: R
  /** The device answered with the result itself, as it does only when it accepted the write. */
  readonly full: boolean
}

/**
 * Sends a write. When its answer is lost or makes no sense, the write may have happened: reads back first, and sends once more
 * only when it has not.
 * @throws ExchangeError when it is known not to have happened, or when whoever took the write is not the device
 * @throws BridgeError `OUTCOME_UNKNOWN` when nothing is known
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
      throw badReply(exchanger.address, 'is none to a write')
    } catch (error) {
      if (!isUncertain(error)) throw error
      const result = await lookBack(operation, byStranger(error))
      if (operation.applied(result)) return { result, full: false }
      if (operation.mayRepeat?.(result) === false) throw doneOrNot('its answer was lost')
      if (attempt === 2) throw error
    }
  }
}

/** Whether the device may have done what was asked, all the same. */
function isUncertain(error: unknown): boolean {
  if (error instanceof ExchangeError) return error.mayHaveActed
  return error instanceof BridgeError && error.code === 'DEVICE_BAD_REPLY'
}

/**
 * Reads back, once more when that fails: not to know is worse than to wait.
 * @param answered whether the write had an answer, so that whoever is there now has taken it
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
