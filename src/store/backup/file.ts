/**
 * The file of a backup: a line of JSON that can be read, then the encrypted rest. The rest is sealed in chunks, each by
 * AES-256-GCM under a nonce that holds its number and whether it is the last one (the STREAM construction), and with the
 * whole header as additional data. So files of any size pass through little memory, nothing is believed before it is
 * authenticated, and chunks can't be left out, repeated, put in another order or cut off.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { COST, keyOf, readCost, type ScryptCost } from '../secrets/passphrase-key.ts'

const FORMAT = 'thermo2mqtt backup'
const VERSION = 1
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const SALT_BYTES = 16
const PREFIX_BYTES = 7
const TAG_BYTES = 16
const CHUNK_BYTES = 64 * 1024
const LARGEST_HEADER = 4096
const MOST_PARTS = 16

/** What a backup is at most, so that an upload can't fill the disk: ten years of a hundred devices are less. */
export const LARGEST_BACKUP = 2 * 1024 ** 3

export interface BackupPart {
  /** Name of a file of the data folder. */
  readonly name: string
  readonly bytes: number
}

export interface BackupHeader {
  readonly format: string
  readonly version: number
  /** ISO time. */
  readonly created: string
  /** Version of the bridge that wrote it. */
  readonly bridge: string
  readonly parts: readonly BackupPart[]
  readonly kdf: 'scrypt'
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly cipher: typeof CIPHER
  readonly chunk: number
  readonly prefix: string
}

export interface BackupKeys {
  /** Of the file. */
  readonly file: Buffer
  /** Of the secrets inside, which are sealed a second time, so that nothing readable is ever on the disk. */
  readonly secrets: Buffer
}

async function keysOf(passphrase: string, salt: Buffer, cost: ScryptCost): Promise<BackupKeys> {
  const both = await keyOf(passphrase, salt, cost, 2 * KEY_BYTES)
  return { file: both.subarray(0, KEY_BYTES), secrets: both.subarray(KEY_BYTES) }
}

export interface NewBackup {
  readonly salt: Buffer
  readonly cost: ScryptCost
  readonly keys: BackupKeys
}

/** The keys of a backup that is going to be made. */
export async function newBackup(passphrase: string, cost: ScryptCost = COST): Promise<NewBackup> {
  const salt = randomBytes(SALT_BYTES)
  return { salt, cost, keys: await keysOf(passphrase, salt, cost) }
}

export interface SealedBackup {
  /** Bytes in all. */
  readonly size: number
  readonly chunks: AsyncGenerator<Buffer>
}

/** @param content the bytes of all parts, one after the other */
export function sealBackup(
  { salt, cost, keys }: NewBackup,
  about: Pick<BackupHeader, 'created' | 'bridge' | 'parts'>,
  content: AsyncIterable<Buffer>,
): SealedBackup {
  const prefix = randomBytes(PREFIX_BYTES)
  const header: BackupHeader = {
    format: FORMAT,
    version: VERSION,
    ...about,
    kdf: 'scrypt',
    ...cost,
    salt: salt.toString('base64'),
    cipher: CIPHER,
    chunk: CHUNK_BYTES,
    prefix: prefix.toString('base64'),
  }
  const head = Buffer.from(`${JSON.stringify(header)}\n`)
  return { size: head.length + sealedBytes(header), chunks: sealed(head, prefix, keys.file, content) }
}

async function* sealed(head: Buffer, prefix: Buffer, key: Buffer, content: AsyncIterable<Buffer>) {
  yield head
  let waiting = Buffer.alloc(0)
  let number = 0
  for await (const piece of content) {
    waiting = Buffer.concat([waiting, piece])
    // The last chunk has to be known as such, so a full one waits until something follows it.
    while (waiting.length > CHUNK_BYTES) {
      yield sealChunk(key, nonceOf(prefix, number++, false), head, waiting.subarray(0, CHUNK_BYTES))
      waiting = waiting.subarray(CHUNK_BYTES)
    }
  }
  yield sealChunk(key, nonceOf(prefix, number, true), head, waiting)
}

function sealChunk(key: Buffer, nonce: Buffer, head: Buffer, text: Buffer): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(head)
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

function nonceOf(prefix: Buffer, number: number, last: boolean): Buffer {
  const rest = Buffer.alloc(5)
  rest.writeUInt32BE(number)
  rest.writeUInt8(last ? 1 : 0, 4)
  return Buffer.concat([prefix, rest])
}

const contentBytes = ({ parts }: Pick<BackupHeader, 'parts'>): number =>
  parts.reduce((sum, { bytes }) => sum + bytes, 0)

function sealedBytes(header: Pick<BackupHeader, 'parts'>): number {
  const bytes = contentBytes(header)
  return bytes + Math.max(1, Math.ceil(bytes / CHUNK_BYTES)) * TAG_BYTES
}

/** A backup on the disk, of which nothing but the form of its header is known to be right. */
export interface BackupFile {
  readonly header: BackupHeader
  /** Where the sealed chunks begin. */
  readonly start: number
}

/** @throws BridgeError `BAD_REQUEST` for what is no backup, is of a later version, or has not the size that its header says */
export async function readBackup(path: string): Promise<BackupFile> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LARGEST_HEADER), 0, LARGEST_HEADER, 0)
    const begin = buffer.subarray(0, bytesRead)
    const end = begin.indexOf(0x0a)
    if (end < 0) throw begin.toString('latin1').startsWith(`{"format":"${FORMAT}"`) ? cutOff() : foreign()
    const header = parseHeader(begin.subarray(0, end).toString('utf8'))
    const { size } = await file.stat()
    const expected = end + 1 + sealedBytes(header)
    if (size < expected) throw cutOff()
    if (size > expected) throw damaged()
    return { header, start: end + 1 }
  } finally {
    await file.close()
  }
}

function parseHeader(text: string): BackupHeader {
  const parsed = parseJson(text)
  if (!isObject(parsed) || parsed.format !== FORMAT) throw foreign()
  const { version, created, bridge, parts, salt, prefix, chunk } = parsed
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw damaged()
  if (version > VERSION) throw laterVersion(typeof bridge === 'string' ? bridge.slice(0, 32) : 'unknown')
  const cost = readCost(parsed)
  if (!cost || parsed.kdf !== 'scrypt' || parsed.cipher !== CIPHER || chunk !== CHUNK_BYTES) throw damaged()
  if (typeof created !== 'string' || Number.isNaN(Date.parse(created)) || typeof bridge !== 'string') throw damaged()
  if (typeof salt !== 'string' || Buffer.from(salt, 'base64').length !== SALT_BYTES) throw damaged()
  if (typeof prefix !== 'string' || Buffer.from(prefix, 'base64').length !== PREFIX_BYTES) throw damaged()
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MOST_PARTS) throw damaged()
  return {
    ...{ format: FORMAT, version, created, bridge, parts: parts.map(partOf), kdf: 'scrypt', ...cost },
    ...{ salt, cipher: CIPHER, chunk, prefix },
  }
}

function partOf(part: unknown): BackupPart {
  if (!isObject(part) || typeof part.name !== 'string' || !/^[a-z0-9]{1,32}\.db$/.test(part.name)) throw damaged()
  const { name, bytes } = part
  if (typeof bytes !== 'number' || !Number.isInteger(bytes) || bytes < 0 || bytes > LARGEST_BACKUP) throw damaged()
  return { name, bytes }
}

/**
 * The content of a backup, chunk by chunk, each authenticated before it is given; `keys` opens what is sealed inside.
 * @throws BridgeError `BAD_REQUEST`, before or while it is read: the passphrase is wrong, or the file was changed
 */
export async function openBackup(
  path: string,
  { header, start }: BackupFile,
  passphrase: string,
): Promise<{ readonly keys: BackupKeys; readonly content: AsyncGenerator<Buffer> }> {
  const keys = await keysOf(passphrase, Buffer.from(header.salt, 'base64'), header)
  return { keys, content: opened(path, header, start, keys.file) }
}

async function* opened(path: string, header: BackupHeader, start: number, key: Buffer): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    const head = await readAt(file, 0, start)
    const prefix = Buffer.from(header.prefix, 'base64')
    const count = Math.max(1, Math.ceil(contentBytes(header) / CHUNK_BYTES))
    for (let number = 0; number < count; number++) {
      const chunk = await readAt(file, start + number * (CHUNK_BYTES + TAG_BYTES), CHUNK_BYTES + TAG_BYTES)
      const text = openChunk(key, nonceOf(prefix, number, number === count - 1), head, chunk)
      if (!text) throw number === 0 ? wrongPassphrase() : damaged()
      yield text
    }
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

function openChunk(key: Buffer, nonce: Buffer, head: Buffer, chunk: Buffer): Buffer | undefined {
  if (chunk.length < TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(head)
  decipher.setAuthTag(chunk.subarray(-TAG_BYTES))
  const text = decipher.update(chunk.subarray(0, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()])
  } catch {
    // `final` throws for exactly one reason: the tag does not match. The caller says what that means.
    return undefined
  }
}

const refused = (message: string, details: Record<string, string> = {}): BridgeError =>
  new BridgeError('BAD_REQUEST', `${message} Nothing was changed.`, { details })

const foreign = () => refused('This is no backup of thermo2mqtt. Check which file it should be.', { reason: 'foreign' })

const cutOff = () =>
  refused('The backup is cut off: its end is missing. Copy or download it again.', { reason: 'cut_off' })

export const damaged = () =>
  refused('The backup was changed or damaged after it was made. Use another copy of it.', { reason: 'damaged' })

const wrongPassphrase = () =>
  refused('The passphrase is wrong, or the backup was changed after it was made: it does not open.', {
    reason: 'passphrase',
  })

export const laterVersion = (version: string) =>
  refused(`The backup was made by a later version of thermo2mqtt (${version}). Update this machine, then restore it.`, {
    reason: 'later_version',
  })
