/** Derives keys from passphrases with scrypt, in another thread. */
import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'

/** The block size of all formats here; a work factor of n takes 2ⁿ KiB. */
const R = 8

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)

/** @param workFactor of scrypt, as a power of two */
export function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  workFactor: number,
  bytes: number,
): Promise<Buffer> {
  const N = 2 ** workFactor
  return derive(passphrase, salt, bytes, { N, r: R, p: 1, maxmem: 128 * R * (N + 3) + 2 ** 20 })
}

/** For the formats of the first versions. */
export function oldPassphraseKey(passphrase: string, salt: Uint8Array, bytes: number): Promise<Buffer> {
  return passphraseKey(passphrase.normalize('NFKC'), salt, 17, bytes)
}

/** Whether a header has the cost of all files in those formats; another cost could use up memory or time. */
export function isOldKind({ version, kdf, cipher, N, r, p }: Readonly<Record<string, unknown>>): boolean {
  return version === 1 && kdf === 'scrypt' && cipher === 'aes-256-gcm' && N === 2 ** 17 && r === R && p === 1
}
