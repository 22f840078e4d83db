/** Files that commands write: of backups and of exported keys. */
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { UsageError } from '../command.ts'

const PRIVATE = 0o600

/**
 * Writes the file that `--file` names: only its owner reads it, and it is there whole or not at all. What is there already
 * stays.
 * @throws UsageError when it can't be made
 */
export async function writeNew(
  path: string,
  content: AsyncIterable<Uint8Array> | readonly Uint8Array[],
): Promise<void> {
  const file = make(path)
  try {
    for await (const piece of content) writeSync(file, piece)
    fsyncSync(file)
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(file)
  }
}

function make(path: string): number {
  try {
    return openSync(path, 'wx', PRIVATE)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'EEXIST') throw new UsageError(`--file: ${path} is there already; nothing was written over.`)
    throw new UsageError(
      `--file: ${path} can't be written (${code}). Name a file in a folder that is there and may be written to; of a container that is /data.`,
    )
  }
}
