import { closeSync, openSync, readSync } from 'node:fs'
import { SettingsError } from '../errors.ts'

/**
 * Reads at most `limit` bytes of a file. Throws the errors of `node:fs`, with their `code`. Returns one byte more than
 * `limit` if the file is longer.
 */
export type ReadFile = (path: string, limit: number) => Uint8Array

/** Stops at the limit whatever the file is: a device or a pipe may be endless. */
export const readFromDisk: ReadFile = (path, limit) => {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(limit + 1)
    let length = 0
    for (;;) {
      const read = readSync(file, buffer, length, buffer.length - length, null)
      length += read
      if (read === 0 || length === buffer.length) return buffer.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

/** Whether `error` says that the file does not exist, which is fine for files that nobody named. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'the bridge is not allowed to read it',
  EPERM: 'the bridge is not allowed to read it',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = errorCode(error)
  return REASONS[code] ?? `reading failed with ${code}`
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'an unknown error'
}

/** The bytes as text without a byte order mark. Throws `SettingsError`, beginning with `name`, if they are not text. */
export function decode(bytes: Uint8Array, limit: number, name: string): string {
  if (bytes.length > limit)
    throw new SettingsError(`${name} is larger than ${limit / 1024} KiB, too large for such a file`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SettingsError(`${name} is not UTF-8 text`)
  }
}
