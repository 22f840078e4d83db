/** What an authenticator app does with the secret that it is shown. */
import { hotp } from '../../../src/simulator/index.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(text: string): string {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const bytes = bits.match(/.{8}/g) ?? []
  return bytes.map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('')
}

export const stepOf = (unixMs: number): number => Math.floor(unixMs / 30_000)

/** The six digits of a step. */
export const codeOf = (secret: string, step: number): string => hotp(base32(secret), step, 6)

/** What the app shows next. It is accepted for longest: a slow browser takes a while to type it. */
export const nextCode = (secret: string, unixMs: number): string => codeOf(secret, stepOf(unixMs) + 1)
