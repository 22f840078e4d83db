import { generateSync } from 'otplib'
import { EPOCH_2000 } from './epoch.ts'

/** RFC 6238 with SHA-1, 30 s and nine digits (vendors' documents, "Safety"). */
export const STEP_SECONDS = 30
const DIGITS = 9

/** The TOTP step of a device clock (seconds since 2000). */
export function stepOf(deviceTime: number, base: '2000' | 'unix'): number {
  return Math.floor((base === 'unix' ? deviceTime + EPOCH_2000 : deviceTime) / STEP_SECONDS)
}

/**
 * The `auth` code of a write.
 * @param key the device's TOTP key
 * @param deviceTime the device's own clock, seconds since 2000, sent along with the code as `time`
 * @param base which epoch the device counts its steps from
 */
export function totp(key: string, deviceTime: number, base: '2000' | 'unix'): string {
  return generateSync({
    strategy: 'hotp',
    secret: Buffer.from(key, 'latin1'),
    counter: stepOf(deviceTime, base),
    digits: DIGITS,
  })
}
