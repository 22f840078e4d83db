import type { Clock } from '../core/clock.ts'
import { asBridgeError } from '../core/errors.ts'
import { isSerial } from '../core/serial.ts'
import { dialectOf } from '../protocol/d2w.ts'
import { parseParameters, serialOf } from '../protocol/replies.ts'
import { badReply, ExchangeError } from './errors.ts'
import { Exchanger } from './exchanger.ts'
import { HttpClient } from './http.ts'
import type { Address, Identity } from './types.ts'

export interface IdentifyOptions {
  readonly clock: Clock
  /** Milliseconds for the exchange. */
  readonly timeout: number
  readonly random: () => number
  readonly signal?: AbortSignal
}

/**
 * Asks who answers at an address.
 * @throws BridgeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BUSY`, `DEVICE_BAD_REPLY` (no thermostat)
 */
export async function identify(address: Address, options: IdentifyOptions): Promise<Identity> {
  const client = new HttpClient({ ...options, keepAlive: false })
  const exchanger = new Exchanger({ ...options, client, address, serial: undefined, minSpacing: 0 })
  const reply = await exchanger.request({ body: () => '{"cmd":1}' }).finally(() => client.close())
  if (typeof reply === 'string') throw badReply(address, 'holds nothing of what was asked')
  const serial = serialOf(reply)
  if (serial !== undefined && !isSerial(serial)) throw badReply(address, 'names a serial that can be none')
  return { serial, dialect: dialectOf(reply), parameters: parseParameters(reply) }
}

/**
 * Whether a device answers at an address under its serial, or, where it names none, in the way of those that never do. One that
 * is too busy to say more, or hangs with its web server still there, is at home as well.
 */
export async function answersAs(
  serial: string,
  address: Address,
  { mayBeNameless, ...options }: IdentifyOptions & { readonly mayBeNameless: boolean },
): Promise<boolean> {
  try {
    const found = await identify(address, options)
    return found.serial === serial || (mayBeNameless && found.serial === undefined && found.dialect === 'object')
  } catch (error) {
    return (error instanceof ExchangeError && error.empty) || asBridgeError(error).code === 'DEVICE_BUSY'
  }
}
