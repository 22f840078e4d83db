import { BridgeError } from '../../core/errors.ts'

/**
 * What a command failed with, in the light of how the device became known: without an account that lists it no key can ever
 * come, which is another remedy than a key that is late.
 */
export function explained(error: unknown, sources: readonly string[]): unknown {
  const listed = sources.some((source) => source.startsWith('account:'))
  if (!(error instanceof BridgeError) || error.code !== 'KEY_MISSING' || listed) return error
  return new BridgeError('LAN_LOCKED', error.message, {
    cause: error,
    ...(error.details ? { details: error.details } : {}),
  })
}

/** Why a device can't be forgotten: it would be there again at the next start, and its key never was the store's. */
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
