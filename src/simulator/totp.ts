import { createHmac } from 'node:crypto'

/** Unix time of 2000-01-01 00:00 UTC, from which devices count. */
export const EPOCH_2000 = 946_684_800

const TOTP_STEP = 30
export const TOTP_DIGITS = 9

/**
 * HOTP of RFC 4226 with SHA-1. It is written out here and does not use the library that the bridge signs with, so that each
 * checks the other.
 * @param key the raw ASCII characters of the key
 */
export function hotp(key: string, counter: number, digits: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const hash = createHmac('sha1', Buffer.from(key, 'latin1')).update(message).digest()
  const offset = hash.readUInt8(hash.length - 1) & 0x0f
  const number = hash.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The step that a device clock (seconds since 2000) is in, counted from 2000 or from 1970. */
export function totpStep(deviceTime: number, base: '2000' | 'unix'): number {
  return Math.floor((base === 'unix' ? deviceTime + EPOCH_2000 : deviceTime) / TOTP_STEP)
}
