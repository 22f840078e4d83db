import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { isSerial } from '../../core/serial.ts'
import { dialectOf } from '../../protocol/d2w.ts'
import { parseParameters, serialOf } from '../../protocol/replies.ts'
import { badReply, ExchangeError } from '../exchange/errors.ts'
import { HttpClient } from '../exchange/http.ts'
import { Exchanger, type Reply } from '../exchange/index.ts'
import { Lines } from '../exchange/lines.ts'
import type { Address, Identity } from '../types.ts'

export interface IdentifyOptions {
  readonly clock: Clock
  /** Milliseconds for a connection; the answer may take twice as long, since nothing is known about the device. */
  readonly timeout: number
  /** Shared by everything that talks to devices; without it nothing else does. */
  readonly lines?: Lines | undefined
  /** Milliseconds between the end of one exchange and the start of the next. */
  readonly minSpacing: number
  readonly random: () => number
  readonly signal?: AbortSignal
}

/**
 * Identifies the device at an address by its parameters, or by its telemetry if it gives an empty answer to the former,
 * as some SX do (owners' reports of firmware 2.5).
 * @throws BridgeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BUSY`, `DEVICE_WEDGED`, `DEVICE_BAD_REPLY` (not a
 * thermostat)
 */
export async function identify(address: Address, options: IdentifyOptions): Promise<Identity> {
  const { clock, timeout, lines = new Lines(clock) } = options
  const client = new HttpClient({ ...options, keepAlive: false })
  const exchanger = new Exchanger({ ...options, client, lines, address, serial: undefined, patience: 2 * timeout })
  const at = clock.monotonic()
  const reply = await ask(exchanger).finally(() => client.close())
  if (typeof reply === 'string') throw badReply(address, 'contains nothing of what was asked')
  const serial = serialOf(reply)
  if (serial !== undefined && !isSerial(serial)) throw badReply(address, 'contains an impossible serial')
  const parameters = 'par' in reply ? parseParameters(reply) : new Map()
  if (serial === undefined && parameters.size === 0 && dialectOf(reply) !== 'object')
    throw badReply(address, 'does not contain a serial')
  return { serial, dialect: dialectOf(reply), parameters, at }
}

async function ask(exchanger: Exchanger): Promise<Reply> {
  try {
    return await exchanger.request({ body: () => '{"cmd":1}' })
  } catch (error) {
    if (!(error instanceof ExchangeError && error.empty)) throw error
    return await exchanger.request({ body: () => '{"cmd":4}' })
  }
}

/**
 * Whether a device answers at an address with its serial, or, without one, in the manner of devices that never give it.
 * A device that is too busy, or hangs while its web server still runs, counts as present too.
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
