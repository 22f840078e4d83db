/** What a file is, and what it holds, in whichever format. Loaded when there is one: what it needs takes 10 MB. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { AgeError, checkHeader } from '../secrets/age.ts'
import { type About, type Unpacked, unpackBackup } from './archive.ts'
import { isOldBackup, lookAtOldBackup, unpackOldBackup } from './old-format.ts'
import { unusable } from './refusals.ts'

export { packBackup } from './archive.ts'

/** More than the headers take by which a file is known. */
const BEGIN_BYTES = 256

/**
 * What a file says about itself; null for one of which nothing can be read without its passphrase.
 * @throws BridgeError `BAD_REQUEST` for what is no backup, or no whole one
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

/** Writes the databases that a backup holds to files in `folder`. @throws BridgeError `BAD_REQUEST` */
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
