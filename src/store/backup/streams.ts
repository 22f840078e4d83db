/** Bytes on their way into and out of the files of a backup. */
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { BridgeError } from '../../core/errors.ts'
import { PRIVATE_FILE } from '../database/files.ts'
import { type BackupPart, damaged } from './file.ts'

/** On the disk when it has ended. */
export const writer = (path: string) => createWriteStream(path, { flags: 'wx', mode: PRIVATE_FILE, flush: true })

/** @throws BridgeError `BAD_REQUEST` when there is more than that */
export async function* bounded(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > most) {
      const message = `The file is larger than any backup (${most} bytes). Check which file it should be. Nothing was changed.`
      throw new BridgeError('BAD_REQUEST', message, { details: { reason: 'too_large' } })
    }
    yield piece
  }
}

export async function* concatenated(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) for await (const piece of createReadStream(path)) yield piece
}

/**
 * Writes the parts, one after the other in `content`, to files of their names.
 * @throws BridgeError `BAD_REQUEST` when they are not what `content` holds
 */
export async function split(
  content: AsyncGenerator<Buffer>,
  parts: readonly BackupPart[],
  folder: string,
): Promise<void> {
  let waiting: Buffer = Buffer.alloc(0)
  for (const { name, bytes } of parts) {
    const file = await open(join(folder, name), 'wx', PRIVATE_FILE)
    try {
      for (let left = bytes; left > 0; ) {
        if (waiting.length === 0) {
          const { value, done } = await content.next()
          if (done) throw damaged()
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
  // The last chunk is authenticated as such only when it is read.
  const { done } = await content.next()
  if (!done || waiting.length > 0) throw damaged()
}
