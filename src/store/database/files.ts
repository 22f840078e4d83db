import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'

/** What a file or folder must not grant: anything to the group and to others. */
const OTHERS = 0o077

export const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700

/**
 * Makes the data folder, or closes an existing one to everybody but its owner.
 * @throws BridgeError `INTERNAL` when it is not there and cannot be made.
 */
export function ensurePrivateFolder(path: string, logger: Logger): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER })
  } catch (error) {
    throw new BridgeError(
      'INTERNAL',
      `The data folder ${path} cannot be made (${reason(error)}). Nothing can be remembered without it. Make it and give it to the user of the bridge, or name another one with data_dir.`,
      { cause: error },
    )
  }
  tighten(path, PRIVATE_FOLDER, logger)
}

/**
 * Makes the file if it is not there, and closes it to everybody but its owner. One that is there is not opened for that: with
 * any handle of a file that is closed, the system drops all locks that this process holds on it, SQLite's too.
 */
export function ensurePrivateFile(path: string, logger: Logger): void {
  if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK)
  else closeSync(openSync(path, 'a', PRIVATE_FILE))
  tighten(path, PRIVATE_FILE, logger)
}

export function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & OTHERS) !== 0
}

/** Makes a rename or a new name in `folder` survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The same, while the event loop is free. */
export async function syncNames(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** The time as a part of a file name. */
export function stamp(now: number): string {
  return new Date(now).toISOString().replaceAll(/[:.]/g, '-')
}

/** The short cause of a system error (`EACCES`), without the text that repeats the path. */
export function reason(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : String(error)
}

function tighten(path: string, mode: number, logger: Logger): void {
  if (!isOpenToOthers(path)) return
  try {
    chmodSync(path, mode)
    logger.info({ path, mode: mode.toString(8) }, 'Closed the data to other users of this machine')
  } catch (error) {
    logger.warn(
      { path, reason: reason(error) },
      'Other users of this machine can read the data of the bridge, and its permissions cannot be changed',
    )
  }
}
