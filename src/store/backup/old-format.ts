/**
 * Reads backups in the format of the first versions, which is no longer written: a line of JSON that can be read, then the
 * databases, one after the other, in sealed chunks. Each is sealed by AES-256-GCM under a nonce that holds its number and
 * whether it is the last one (the STREAM construction), with the whole header as additional data.
 */
import { createDecipheriv } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, parseJson } from '../../core/json.ts'
import { PRIVATE_FILE } from '../database/files.ts'
import { isOldKind, oldPassphraseKey } from '../secrets/passphrase-key.ts'
import { type About, aboutOf, type Unpacked } from './archive.ts'
import { PARTS } from './parts.ts'
import { laterVersion, unusable } from './refusals.ts'

const BEGIN = '{"format":"thermo2mqtt backup"'
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const SALT_BYTES = 16
const PREFIX_BYTES = 7
const TAG_BYTES = 16
const CHUNK_BYTES = 64 * 1024
const LARGEST_HEADER = 4096

interface Header extends About {
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
  readonly salt: Buffer
  readonly prefix: Buffer
  /** All of it, as it stands in the file. */
  readonly line: Buffer
}

/** @param begin the first bytes of a file */
export const isOldBackup = (begin: Buffer): boolean => begin.toString('latin1').startsWith(BEGIN)

/** The description of a backup. Only its form has been checked. @throws BridgeError `BAD_REQUEST` */
export async function lookAtOldBackup(path: string): Promise<About> {
  const file = await open(path, 'r')
  try {
    return await readHeader(file)
  } finally {
    await file.close()
  }
}

/** Like `unpackBackup`. @throws BridgeError `BAD_REQUEST` */
export async function unpackOldBackup(path: string, passphrase: string, folder: string): Promise<Unpacked> {
  const file = await open(path, 'r')
  try {
    const header = await readHeader(file)
    const { created, version, parts, salt } = header
    const both = await oldPassphraseKey(passphrase, salt, 2 * KEY_BYTES)
    await split(chunksOf(file, header, both.subarray(0, KEY_BYTES)), parts, folder)
    return { created, version, key: both.subarray(KEY_BYTES), parts: parts.map(({ name }) => name) }
  } finally {
    await file.close()
  }
}

async function readHeader(file: FileHandle): Promise<Header> {
  const begin = await readAt(file, 0, LARGEST_HEADER)
  const end = begin.indexOf('\n') + 1
  if (end === 0) throw unusable('cut_off')
  const header = parseHeader(begin.subarray(0, end))
  const { size } = await file.stat()
  const bytes = contentBytes(header)
  const expected = end + bytes + chunkCount(bytes) * TAG_BYTES
  if (size !== expected) throw unusable(size < expected ? 'cut_off' : 'damaged')
  return header
}

function parseHeader(line: Buffer): Header {
  const parsed = parseJson(line.toString('utf8'))
  if (!isObject(parsed) || !isOldKind(parsed) || parsed.chunk !== CHUNK_BYTES) throw unusable('damaged')
  const { created, version } = aboutOf({ created: parsed.created, version: parsed.bridge })
  const { parts } = parsed
  const salt = bytesOf(parsed.salt, SALT_BYTES)
  const prefix = bytesOf(parsed.prefix, PREFIX_BYTES)
  if (!salt || !prefix || !Array.isArray(parts)) throw unusable('damaged')
  const read = parts.map((part) => partOf(part, version))
  if (new Set(read.map(({ name }) => name)).size < read.length) throw unusable('damaged')
  return { created, version, parts: read, salt, prefix, line }
}

function partOf(part: unknown, version: string): Header['parts'][number] {
  if (!isObject(part)) throw unusable('damaged')
  const { name, bytes } = part
  if (typeof name !== 'string' || !PARTS.some((known) => known.name === name)) throw laterVersion(version)
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) throw unusable('damaged')
  return { name, bytes }
}

function bytesOf(text: unknown, count: number): Buffer | undefined {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
  return bytes?.length === count ? bytes : undefined
}

const contentBytes = ({ parts }: Header): number => parts.reduce((sum, { bytes }) => sum + bytes, 0)
const chunkCount = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES))

async function* chunksOf(file: FileHandle, header: Header, key: Buffer): AsyncGenerator<Buffer> {
  const count = chunkCount(contentBytes(header))
  for (let number = 0; number < count; number++) {
    const start = header.line.length + number * (CHUNK_BYTES + TAG_BYTES)
    const chunk = await readAt(file, start, CHUNK_BYTES + TAG_BYTES)
    const nonce = Buffer.alloc(12)
    header.prefix.copy(nonce)
    nonce.writeUInt32BE(number, PREFIX_BYTES)
    nonce.writeUInt8(number === count - 1 ? 1 : 0, PREFIX_BYTES + 4)
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(header.line)
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES))
    const text = decipher.update(chunk.subarray(0, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      // `final` throws for exactly one reason: the tag does not match.
      throw unusable(number === 0 ? 'passphrase' : 'damaged')
    }
    yield text
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** Writes the parts, which follow one another in `content`, to files with their names. */
async function split(content: AsyncGenerator<Buffer>, parts: Header['parts'], folder: string): Promise<void> {
  let waiting: Buffer = Buffer.alloc(0)
  for (const { name, bytes } of parts) {
    const file = await open(join(folder, name), 'wx', PRIVATE_FILE)
    try {
      for (let left = bytes; left > 0; ) {
        if (waiting.length === 0) {
          const { value, done } = await content.next()
          if (done) throw unusable('damaged')
          waiting = value
        }
        const piece = waiting.subarray(0, left)
        await file.write(piece)
        waiting = waiting.subarray(piece.length)
        left -= piece.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
  }
  // A backup of empty files is also one chunk, and is read only here.
  if (!(await content.next()).done) throw unusable('damaged')
}
