import { closeSync, openSync, readSync } from 'node:fs'
import { SettingsError } from '../errors.ts'

/**
 * Reads at most `limit` bytes of a file. Throws what `node:fs` throws, with its `code`.
 * Returns one byte more than `limit` when the file is longer.
 */
export type ReadFile = (path: string, limit: number) => Uint8Array

/** Stops at the limit whatever the file is: a device or a pipe can be without end. */
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

/** Whether `error` says that there is no such file, which is fine for files nobody named. */
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
  ELOOP: 'its links go round in a circle',
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = errorCode(error)
  return REASONS[code] ?? `reading it failed with ${code}`
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'an unknown error'
}

/** The bytes as text without byte order mark. Throws `SettingsError`, which begins with `name`, when they are not text. */
export function decode(bytes: Uint8Array, limit: number, name: string): string {
  if (bytes.length > limit) throw new SettingsError(`${name} is larger than ${limit / 1024} KiB, which no such file is`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SettingsError(`${name} is not text in UTF-8`)
  }
}
