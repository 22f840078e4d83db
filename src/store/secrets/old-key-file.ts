/**
 * Reads exported keys in the format of the first versions, which is no longer written: a JSON document that names its cost,
 * salt and nonce, all of it authenticated, and holds the rest sealed by AES-256-GCM.
 */
import { createDecipheriv } from 'node:crypto'
import { isObject, parseJson } from '../../core/json.ts'
import { AgeError } from './age.ts'
import { isOldKind, oldPassphraseKey } from './passphrase-key.ts'

const FORMAT = 'thermo2mqtt keys'
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16

export const isOldKeyFile = (file: Buffer): boolean =>
  file.toString('latin1', 0, 64).startsWith(`{"format":"${FORMAT}"`)

/** The sealed text. @throws AgeError */
export async function openOldKeyFile(file: Buffer, passphrase: string): Promise<string> {
  const parsed = parseJson(file.toString('utf8'))
  if (!isObject(parsed)) throw new AgeError('damaged')
  const { data: sealed, ...header } = parsed
  if (!isOldKind(header)) throw new AgeError('damaged')
  const [salt, nonce, data] = [header.salt, header.nonce, sealed].map((text) => Buffer.from(String(text), 'base64'))
  if (salt?.length !== SALT_BYTES || nonce?.length !== NONCE_BYTES) throw new AgeError('damaged')
  if (data === undefined || data.length < TAG_BYTES) throw new AgeError('damaged')
  const key = await oldPassphraseKey(passphrase, salt, KEY_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  // Its order is that in which it was written.
  decipher.setAAD(Buffer.from(JSON.stringify(header)))
  decipher.setAuthTag(data.subarray(-TAG_BYTES))
  const text = decipher.update(data.subarray(0, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new AgeError('passphrase', { cause })
  }
}
