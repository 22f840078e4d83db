import type { Clock } from '../core/clock.ts'
import { isSerial } from '../core/serial.ts'
import { dialectOf } from '../protocol/d2w.ts'
import { parseParameters, serialOf } from '../protocol/replies.ts'
import { badReply } from './errors.ts'
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
