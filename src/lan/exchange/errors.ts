/** The errors of one device on the LAN, with what they mean and what to do. */
import { type Model, unlockBoth, unlockLan } from '../../catalog/index.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import type { Address } from '../types.ts'

/** A failed exchange; for a write it matters whether the device may still have acted on it. */
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

/** `host:port`, without the port if it is the devices' usual one. */
export function show({ host, port }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === 80 ? name : `${name}:${port}`
}

/** The locked device, as far as its model is known: the way to unlock it depends on the model. */
export type Locked = Pick<Model, 'lockWay'> | null

export function unreachable(address: Address, cause: unknown): ExchangeError {
  return new ExchangeError(
    'DEVICE_UNREACHABLE',
    `Nothing answers at ${show(address)}: the thermostat is off, not on the Wi-Fi, or has another address. Check its power and its address.`,
    { mayHaveActed: false, cause },
  )
}

export function timedOut(address: Address, timeout: number, mayHaveActed: boolean): ExchangeError {
  return new ExchangeError(
    'DEVICE_TIMEOUT',
    `The thermostat at ${show(address)} did not finish its answer within ${timeout / 1000} s. Check its Wi-Fi; a longer device.timeout helps with a slow connection.`,
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
    `The answer from ${show(address)} ${what}. If this continues, restart the thermostat and check that the address is right.`,
    { mayHaveActed: true, ...options },
  )
}

export function otherDevice(address: Address, serial: string, found: string): ExchangeError {
  return new ExchangeError(
    'DEVICE_BAD_REPLY',
    `At ${show(address)} another thermostat answers (${found.slice(0, 64)}, not ${serial}): the address has changed. Discovery finds the new one; a configured address must be corrected.`,
    { mayHaveActed: false, details: { reason: 'other_device' } },
  )
}

/** A thermostat where a relay should be, or the other way round: its messages do not mean what they seem to. */
export function otherKind(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_BAD_REPLY',
    `At ${show(address)} a device of another kind answers: its messages have a different format, so the address has changed. Discovery finds the new one; a configured address must be corrected.`,
    { mayHaveActed: false, details: { reason: 'other_kind' } },
  )
}

const STRANGERS: ReadonlySet<unknown> = new Set(['other_device', 'other_kind', 'no_thermostat'])

/** Whether the failed answer came from something else: another device, or no thermostat at all. */
export const byStranger = (error: unknown): boolean =>
  error instanceof BridgeError && STRANGERS.has(error.details?.reason)

export function busy(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_BUSY',
    `The thermostat at ${show(address)} keeps saying that it is busy. Another program may be querying it too, and it can serve only one at a time.`,
    { mayHaveActed: false },
  )
}

export function wedged(address: Address): ExchangeError {
  return new ExchangeError(
    'DEVICE_WEDGED',
    `The thermostat at ${show(address)} no longer answers on the LAN: its replies are empty. Its cloud connection may still work. Switch its power off and on.`,
    { mayHaveActed: true, empty: true },
  )
}

export function stopping(mayHaveActed: boolean): ExchangeError {
  return new ExchangeError('DEVICE_UNREACHABLE', 'The bridge is stopping. Try again when it is back.', { mayHaveActed })
}

export function outcomeUnknown(cause: BridgeError): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `It is not known whether the thermostat did it: its answer was lost, and so was the answer to the follow-up query. ${cause.message}`,
    { cause, details: { cause: cause.code } },
  )
}

/** @param why continues "whether the thermostat did it: " */
export function doneOrNot(why: string): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `It is not known whether the thermostat did it: ${why}, and it shows the same as before, which is also the case if it already had factory settings. The command was sent once and is not repeated. Check the thermostat before you try again.`,
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
    `The thermostat is locked for both LAN and cloud: only its buttons work, even with the right key. Unlock it ${unlockBoth(model)}.`,
  )
}

export function keyMissing(model: Locked): BridgeError {
  return new BridgeError(
    'KEY_MISSING',
    `The thermostat accepts only signed commands, and the bridge has no key for it. Add the cloud account that owns it, so that the bridge can fetch the key, or set its totp_key in the configuration. Or unlock it ${unlockLan(model)}.`,
  )
}

/** @param unasked why accounts could not be asked for a newer key, as sentences */
export function keyRejected(model: Locked, unasked: readonly string[] = []): BridgeError {
  const newer = unasked.length > 0 ? `. ${unasked.join(' ')}` : ', and the cloud has no newer one.'
  return new BridgeError(
    'KEY_REJECTED',
    `The thermostat refuses the stored key${newer} It was probably bound to another account, which creates a new key: sync the account that owns it now. Or unlock it ${unlockLan(model)}.`,
  )
}

export function clockStrays(): BridgeError {
  return new BridgeError(
    'ADDRESS_UNPROVEN',
    'Nothing was sent: this thermostat has a new address, and the device there reports a different time than the thermostat did before, so it may not be the thermostat. Check the clock of the thermostat. If it is right, set its address in the settings (devices, host).',
  )
}

export function notApplied(what: string): BridgeError {
  return new BridgeError(
    'NOT_APPLIED',
    `The thermostat accepted the request, but ${what} is not what was requested. Check that its model and firmware support it.`,
  )
}
