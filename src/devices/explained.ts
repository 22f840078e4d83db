import { BridgeError } from '../core/errors.ts'

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
