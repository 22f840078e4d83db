/**
 * Files in the age format (age-encryption.org/v1) that a passphrase opens; `age --decrypt` opens them too. The library handles
 * the format. Its scrypt would block everything else for a second or more, so that step is done here in another thread. The
 * library is loaded when the first file is sealed or opened.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Identity, Recipient, Stanza } from 'age-encryption'
import { passphraseKey } from './passphrase-key.ts'

/**
 * The work factor of scrypt, as a power of two; 128 MiB per attempt, as OWASP's password storage cheat sheet has recommended
 * since 2023.
 */
const WORK_FACTOR = 17
/**
 * The work factor of `age --passphrase`: 256 MiB and about a second. A file can demand any work factor before the passphrase
 * is verified.
 */
const MOST_WORK = 18

const MAGIC = 'age-encryption.org/v1\n'
/** The size of the header of a file with a passphrase: only one stanza; its work factor may have one digit less. */
const HEADER =
  /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9]\d?)\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n/
const HEADER_BYTES = 150
const SALT_BYTES = 16
const KEY_BYTES = 32
const TAG_BYTES = 16
/** The least after the header: a nonce, and the tag of an empty chunk. */
const LEAST_PAYLOAD = 16 + TAG_BYTES

export type AgeFault = 'foreign' | 'cut_off' | 'damaged' | 'passphrase'

/** Why a file does not open; the caller makes the message. */
export class AgeError extends Error {
  readonly fault: AgeFault

  constructor(fault: AgeFault, options?: ErrorOptions) {
    super(`The file does not open: ${fault}`, options)
    this.fault = fault
  }
}

/**
 * Checks the beginning of a file without its passphrase.
 * @param begin at least its first 150 bytes, or the whole file
 * @throws AgeError `foreign` if it is not such a file, `cut_off`, or `damaged`: it demands more work than any of ours
 */
export function checkHeader(begin: Uint8Array, size: number): void {
  const text = Buffer.from(begin.subarray(0, HEADER_BYTES)).toString('latin1')
  if (!text.startsWith(MAGIC.slice(0, Math.max(1, text.length)))) throw new AgeError('foreign')
  const [header, work] = HEADER.exec(text) ?? []
  if (header === undefined) {
    if (size < HEADER_BYTES) throw new AgeError('cut_off')
    throw new AgeError(text.startsWith(`${MAGIC}-> scrypt `) ? 'damaged' : 'foreign')
  }
  if (Number(work) > MOST_WORK) throw new AgeError('damaged')
  if (size < header.length + LEAST_PAYLOAD) throw new AgeError('cut_off')
}

export interface SealedFile {
  readonly content: AsyncIterable<Uint8Array>
  /** The size of the file for contents of this size. */
  size(bytes: number): number
}

export async function sealAge(
  content: AsyncIterable<Uint8Array>,
  passphrase: string,
  workFactor: number = WORK_FACTOR,
): Promise<SealedFile> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  encrypter.addRecipient(new Passphrase(passphrase, workFactor))
  const sealed = await encrypter.encrypt(ReadableStream.from(content))
  return { content: sealed, size: (bytes) => sealed.size(bytes) }
}

/**
 * The sealed contents, piece by piece, each authenticated before it is returned. Whether the end is genuine is known only once
 * everything has been read.
 * @param content the file; its first piece has at least 150 bytes, or the whole file
 * @throws AgeError before or while it is read
 */
export async function* openAge(content: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  decrypter.addIdentity(new Passphrase(passphrase))
  try {
    yield* await decrypter.decrypt(ReadableStream.from(checked(content)))
  } catch (error) {
    // Disk errors have a code; all other errors are the library's about the file.
    if (error instanceof AgeError || (error instanceof Error && 'code' in error)) throw error
    throw new AgeError('damaged', { cause: error })
  }
}

async function* checked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const piece of content) {
    // The library reads a header of any length into memory.
    if (first) checkHeader(piece, Number.POSITIVE_INFINITY)
    first = false
    yield piece
  }
}

/** The scrypt recipient of the format (https://c2sp.org/age#the-scrypt-recipient-type). */
class Passphrase implements Recipient, Identity {
  readonly #passphrase: string
  readonly #workFactor: number

  constructor(passphrase: string, workFactor: number = WORK_FACTOR) {
    // Another system may encode the same passphrase differently; most keyboards produce this form, for `age` too.
    this.#passphrase = passphrase.normalize('NFC')
    this.#workFactor = workFactor
  }

  async wrapFileKey(fileKey: Uint8Array): Promise<Stanza[]> {
    const { Stanza } = await import('age-encryption')
    const salt = randomBytes(SALT_BYTES)
    const cipher = createCipheriv('chacha20-poly1305', await this.#key(salt, this.#workFactor), NO_NONCE, TAG)
    const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
    return [new Stanza(['scrypt', salt.toString('base64').replaceAll('=', ''), String(this.#workFactor)], body)]
  }

  /** `checkHeader` has ensured that the header is for a passphrase and demands no more work than allowed. */
  async unwrapFileKey([stanza]: Stanza[]): Promise<Uint8Array> {
    const [, salt = '', work] = stanza?.args ?? []
    const body = stanza?.body ?? new Uint8Array()
    const key = await this.#key(Buffer.from(salt, 'base64'), Number(work))
    const decipher = createDecipheriv('chacha20-poly1305', key, NO_NONCE, TAG)
    decipher.setAuthTag(body.subarray(-TAG_BYTES))
    const fileKey = decipher.update(body.subarray(0, -TAG_BYTES))
    try {
      return Buffer.concat([fileKey, decipher.final()])
    } catch (cause) {
      // `final` throws for exactly one reason: the tag does not match.
      throw new AgeError('passphrase', { cause })
    }
  }

  #key(salt: Buffer, workFactor: number): Promise<Buffer> {
    const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt])
    return passphraseKey(this.#passphrase, labelled, workFactor, KEY_BYTES)
  }
}

/** Each key is used once. */
const NO_NONCE = Buffer.alloc(12)
const TAG = { authTagLength: TAG_BYTES } as const
