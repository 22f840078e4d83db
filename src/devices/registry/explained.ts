import { BridgeError } from '../../core/errors.ts'

/**
 * The error of a failed command, adapted to how the device became known. Without an account that lists the device, no key can
 * ever come; that needs another remedy than a key that is late.
 */
export function explained(error: unknown, sources: readonly string[]): unknown {
  const listed = sources.some((source) => source.startsWith('account:'))
  if (!(error instanceof BridgeError) || error.code !== 'KEY_MISSING' || listed) return error
  return new BridgeError('LAN_LOCKED', error.message, {
    cause: error,
    ...(error.details ? { details: error.details } : {}),
  })
}

/** The refusal to forget a device of the settings: it would be back at the next start, and its key was never in the store. */
export function inSettings(name: string): BridgeError {
  return new BridgeError(
    'BAD_REQUEST',
    `${name} is in the settings (devices), so it can't be forgotten: remove it there, restart, and try again.`,
  )
}

export function unknownDevice(serial: string): BridgeError {
  return new BridgeError(
    'UNKNOWN_DEVICE',
    `No device ${serial.slice(0, 64)} is known. GET /api/v1/devices lists the known devices.`,
  )
}
