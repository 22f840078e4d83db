/** What can go wrong with one device on the LAN, in words that say what it means and what to do. */
import { type Model, unlockBoth, unlockLan } from '../../catalog/index.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import type { Address } from '../types.ts'

/** A failed exchange; for a write it matters whether the device may have acted on it all the same. */
export class ExchangeError extends BridgeError {
  readonly mayHaveActed: boolean
  /** The connection was closed before a single byte of an answer. */
  readonly empty: boolean

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      mayHaveActed: boolean
      empty?: boolean
      details?: Readonly<Record<string, unknown>>
      cause?: unknown
    },
  ) {
    super(code, message, options)
    this.mayHaveActed = options.mayHaveActed
    this.empty = options.empty ?? false
  }
}

/** `host:port`, without the port when it is that of all devices. */
export function show({ host, port }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === 80 ? name : `${name}:${port}`
}

/** What is locked, as far as it is known what it is: how it is unlocked goes by its model. */
export type Locked = Pick<Model, 'lockWay'> | null

export function unreachable(address: Address, cause: unknown): ExchangeError {
  return new ExchangeError(
    'DEVICE_UNREACHABLE',
    `Nothing answers at ${show(address)}: the thermostat is off, out of Wi-Fi or has another address. Check its power and its address.`,
    { mayHaveActed: false, cause },
  )
}

export function timedOut(address: Address, timeout: number, mayHaveActed: boolean): ExchangeError {
  return new ExchangeError(
    'DEVICE_TIMEOUT',
    `The thermostat at ${show(address)} did not finish its answer within ${timeout / 1000} s. Check its Wi-Fi; a longer device.timeout helps where the connection is slow.`,
    { mayHaveActed },
  )
}

/** @param what continues "The answer from … " */
export function badReply(
  address: Address,
  what: string,
  options: {
    mayHaveActed?: boolean
    empty?: boolean
    details?: Readonly<Record<string, unknown>>
    cause?: unknown
  } = {},
): ExchangeError {
  return new ExchangeError(
    'DEVICE_BAD_REPLY',
    `The answer from ${show(address)} ${what}. If that goes on, restart the thermostat and check that the address is its own.`,
    { mayHaveActed: true, ...options },
  )
}

export function otherDevice(address: Address, serial: string, found: string): ExchangeError {
  return new ExchangeError(
    'DEVICE_BAD_REPLY',
    `At ${show(address)} another thermostat answers (${found.slice(0, 64)}, not ${serial}): the address has changed. Discovery finds the new one; a configured address has to be corrected.`,
    { mayHaveActed: false, details: { reason: 'other_device' } },
  )
}

/** A thermostat where a relay should be, or the other way round: none of what it says means what it seems to. */
export function otherKind(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_BAD_REPLY',
    `At ${show(address)} a device of another kind answers: its messages are not written as this one writes them, so the address has changed. Discovery finds the new one; a configured address has to be corrected.`,
    { mayHaveActed: false, details: { reason: 'other_kind' } },
  )
}

const STRANGERS: ReadonlySet<unknown> = new Set(['other_device', 'other_kind', 'no_thermostat'])

/** Whether what failed is the answer of somebody else than the device: another one, or no thermostat at all. */
export const byStranger = (error: unknown): boolean =>
  error instanceof BridgeError && STRANGERS.has(error.details?.reason)

export function busy(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_BUSY',
    `The thermostat at ${show(address)} keeps saying that it is busy. Another program may be asking it as well: one at a time is all it can do.`,
    { mayHaveActed: false },
  )
}

export function wedged(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_WEDGED',
    `The thermostat at ${show(address)} no longer answers on the LAN: its replies are empty. Its cloud connection may go on working. Switch its power off and on.`,
    { mayHaveActed: true, empty: true },
  )
}

export function stopping(mayHaveActed: boolean): ExchangeError {
  return new ExchangeError('DEVICE_UNREACHABLE', 'The bridge is stopping; ask again when it is back.', { mayHaveActed })
}

export function outcomeUnknown(cause: BridgeError): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `Nobody knows whether the thermostat did it: its answer was lost, and so was the answer to the question afterwards. ${cause.message}`,
    { cause, details: { cause: cause.code } },
  )
}

/** @param why continues "the thermostat did it: " */
export function doneOrNot(why: string): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `Nobody knows whether the thermostat did it: ${why}, and what it shows is the same as before, as it would be if that was as from the factory already. It was sent once and is not sent again; look at the thermostat before you ask for it again.`,
  )
}

export function lanLocked(why: string, model: Locked): BridgeError {
  return new BridgeError(
    'LAN_LOCKED',
    `The thermostat is locked for the LAN and ${why}. Unlock it ${unlockLan(model)}.`,
  )
}

export function lockedBoth(model: Locked): BridgeError {
  return new BridgeError(
    'LOCKED_BOTH',
    `The thermostat is locked for LAN and cloud at once: only its buttons work, even with the right key. Unlock it ${unlockBoth(model)}.`,
  )
}

export function keyMissing(model: Locked): BridgeError {
  return new BridgeError(
    'KEY_MISSING',
    `The thermostat takes only signed commands, and no key for it is held. Add the cloud account that owns it, so that its key is fetched, or give its totp_key in the configuration. Or unlock it ${unlockLan(model)}.`,
  )
}

/** @param unasked why accounts could not be asked for a newer key, in sentences */
export function keyRejected(model: Locked, unasked: readonly string[] = []): BridgeError {
  const newer = unasked.length > 0 ? `. ${unasked.join(' ')}` : ', and the cloud has no newer one.'
  return new BridgeError(
    'KEY_REJECTED',
    `The thermostat refuses the key that is held${newer} It was probably bound to another account, which makes a new key: sync the account that owns it now. Or unlock it ${unlockLan(model)}.`,
  )
}

export function clockStrays(): BridgeError {
  return new BridgeError(
    'ADDRESS_UNPROVEN',
    'Nothing was sent: the address of this thermostat is a new one, and what answers there tells another time than the thermostat did before, so it may be somebody else. Check the clock of the thermostat; if it is right, name its address in the settings (devices, host).',
  )
}

export function notApplied(what: string): BridgeError {
  return new BridgeError(
    'NOT_APPLIED',
    `The thermostat took the request, but ${what} is not what was asked for. Check that its model and firmware can do it.`,
  )
}
