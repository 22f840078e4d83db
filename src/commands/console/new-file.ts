/** Files that commands write: backups and exported keys. */
import { closeSync, existsSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { UsageError } from '../command.ts'

const PRIVATE = 0o600

const existing = (path: string): UsageError => new UsageError(`--file: ${path} exists already and was not overwritten.`)

/** For commands that take long before they write. @throws UsageError */
export function mustBeNew(path: string): void {
  if (existsSync(path)) throw existing(path)
}

/**
 * Writes the file named by `--file`: readable only by its owner, and complete or absent. An existing file stays.
 * @throws UsageError if it can't be written
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
    if (code === 'EEXIST') throw existing(path)
    throw new UsageError(
      `--file: ${path} can't be written (${code}). Name a file in an existing, writable folder; in a container, that is /data.`,
    )
  }
}
