import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { COST, keyOf, readCost, type ScryptCost } from './passphrase-key.ts'

const FORMAT = 'thermo2mqtt keys'
const VERSION = 1
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Larger ones are not ours: a thousand devices are less than 1 MiB. */
export const LARGEST_KEY_FILE = 16 * 1024 * 1024

interface Header {
  readonly format: string
  readonly version: number
  readonly kdf: 'scrypt'
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly cipher: typeof CIPHER
  readonly nonce: string
}

/** The file, as text: a header that can be read, authenticated with what it stands before, and the sealed `text`. */
export async function sealKeyFile(text: string, passphrase: string, cost: ScryptCost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const header: Header = {
    format: FORMAT,
    version: VERSION,
    kdf: 'scrypt',
    N: cost.N,
    r: cost.r,
    p: cost.p,
    salt: salt.toString('base64'),
    cipher: CIPHER,
    nonce: nonce.toString('base64'),
  }
  const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, cost, KEY_BYTES), nonce, {
    authTagLength: TAG_BYTES,
  })
  cipher.setAAD(Buffer.from(JSON.stringify(header)))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${JSON.stringify({ ...header, data: data.toString('base64') })}\n`
}

/**
 * The text that was sealed.
 * @throws BridgeError `BAD_REQUEST`: the file is none of ours, of a later version, cut off or damaged, or the passphrase is
 * wrong.
 */
export async function openKeyFile(file: string, passphrase: string): Promise<string> {
  const { header, data } = read(file)
  const salt = Buffer.from(header.salt, 'base64')
  const nonce = Buffer.from(header.nonce, 'base64')
  if (nonce.length !== NONCE_BYTES || salt.length !== SALT_BYTES || data.length < TAG_BYTES) throw damaged()
  const decipher = createDecipheriv(CIPHER, await keyOf(passphrase, salt, header, KEY_BYTES), nonce, {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(JSON.stringify(header)))
  decipher.setAuthTag(data.subarray(-TAG_BYTES))
  const text = decipher.update(data.subarray(0, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new BridgeError(
      'BAD_REQUEST',
      'The passphrase is wrong, or the file was changed since it was written: it does not open. Nothing was changed here.',
      { cause },
    )
  }
}

function read(file: string): { readonly header: Header; readonly data: Buffer } {
  const parsed = parseJson(file)
  if (!isObject(parsed)) throw file.startsWith(`{"format":"${FORMAT}"`) ? damaged() : foreign()
  if (parsed.format !== FORMAT) throw foreign()
  const { version, salt, nonce, data } = parsed
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw damaged()
  if (version > VERSION) {
    throw new BridgeError(
      'BAD_REQUEST',
      `The file was written by a later version of thermo2mqtt (its format is ${version}, this one knows ${VERSION}). Update this machine, then import it. Nothing was changed here.`,
      { details: { version, known: VERSION } },
    )
  }
  if (parsed.kdf !== 'scrypt' || parsed.cipher !== CIPHER) throw damaged()
  const cost = readCost(parsed)
  if (!cost) throw damaged()
  if (typeof salt !== 'string' || typeof nonce !== 'string' || typeof data !== 'string') throw damaged()
  return {
    header: { format: FORMAT, version, kdf: 'scrypt', ...cost, salt, cipher: CIPHER, nonce },
    data: Buffer.from(data, 'base64'),
  }
}

function foreign(): BridgeError {
  return new BridgeError(
    'BAD_REQUEST',
    'This is no file of "thermo2mqtt keys export". Nothing was changed here: check which file it should be.',
  )
}

function damaged(): BridgeError {
  return new BridgeError(
    'BAD_REQUEST',
    'The file with the keys is cut off or damaged. Nothing was changed here: copy it once more, or export the keys anew.',
  )
}
