import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'

/** AES-256-GCM as NIST SP 800-38D recommends: a 96-bit nonce, a 128-bit tag. */
const ALGORITHM = 'aes-256-gcm'
export const MASTER_KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 1
const KEY_ID_BYTES = 4
const HEADER_BYTES = 1 + KEY_ID_BYTES

/** The row of a secret: the table and the primary key. A blob moved to another row does not open there. */
export type RecordId = readonly [table: string, ...primaryKey: string[]]

/**
 * Seals secrets for the database. A sealed value is
 * `format (1) · master key id (4) · nonce (12) · ciphertext · tag (16)`; the header tells, without trying, whether the
 * master key at hand made it.
 */
export class Vault {
  /** The beginning of every value sealed by this vault. */
  readonly header: Buffer
  /** Prepared once, instead of for each secret. */
  readonly #key: KeyObject

  /** @param key the master key, 32 bytes. */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key)
    const id = createHmac('sha256', key).update('thermo2mqtt master key id').digest().subarray(0, KEY_ID_BYTES)
    this.header = Buffer.concat([Buffer.of(FORMAT), id])
  }

  seal(secret: string, record: RecordId): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(this.#boundTo(record))
    return Buffer.concat([this.header, nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** The secret, or undefined if another master key sealed it, it is damaged, or it belongs to another record. */
  open(sealed: Buffer, record: RecordId): string | undefined {
    if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) return undefined
    if (!sealed.subarray(0, HEADER_BYTES).equals(this.header)) return undefined
    const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES)
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(this.#boundTo(record))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    const text = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES))
    try {
      return Buffer.concat([text, decipher.final()]).toString('utf8')
    } catch {
      // `final` throws for exactly one reason: the tag does not match. The caller reports it.
      return undefined
    }
  }

  /** JSON distinguishes `['a','b/c']` from `['a/b','c']`. */
  #boundTo(record: RecordId): Buffer {
    return Buffer.concat([this.header, Buffer.from(JSON.stringify(record))])
  }
}
