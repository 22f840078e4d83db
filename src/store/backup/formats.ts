/** Recognises and unpacks backups of any format. Loaded only when needed, because its packages take 10 MB. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { AgeError, checkHeader } from '../secrets/age.ts'
import { type About, type Unpacked, unpackBackup } from './archive.ts'
import { isOldBackup, lookAtOldBackup, unpackOldBackup } from './old-format.ts'
import { unusable } from './refusals.ts'

export { packBackup } from './archive.ts'

/** More than the size of the headers that identify a file. */
const BEGIN_BYTES = 256

/**
 * The description of a file; null if it can't be read without the passphrase.
 * @throws BridgeError `BAD_REQUEST` if it is not a complete backup
 */
export async function lookAt(path: string): Promise<About | null> {
  const { begin, size } = await beginOf(path)
  if (isOldBackup(begin)) return await lookAtOldBackup(path)
  try {
    checkHeader(begin, size)
    return null
  } catch (error) {
    throw error instanceof AgeError ? unusable(error.fault) : error
  }
}

/** Writes the databases of a backup to files in `folder`. @throws BridgeError `BAD_REQUEST` */
export async function unpack(path: string, passphrase: string, folder: string): Promise<Unpacked> {
  const { begin } = await beginOf(path)
  return isOldBackup(begin)
    ? await unpackOldBackup(path, passphrase, folder)
    : await unpackBackup(createReadStream(path), passphrase, folder)
}

async function beginOf(path: string): Promise<{ readonly begin: Buffer; readonly size: number }> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGIN_BYTES), 0, BEGIN_BYTES, 0)
    return { begin: buffer.subarray(0, bytesRead), size: (await file.stat()).size }
  } finally {
    await file.close()
  }
}
