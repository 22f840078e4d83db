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

/** Forbidden permissions: anything for the group and others. */
const OTHERS = 0o077

export const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700

/**
 * Creates the data folder, or restricts an existing one to its owner.
 * @throws BridgeError `INTERNAL` if it does not exist and can't be created.
 */
export function ensurePrivateFolder(path: string, logger: Logger): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER })
  } catch (error) {
    throw new BridgeError(
      'INTERNAL',
      `The data folder ${path} can’t be created (${reason(error)}). Without it nothing can be saved. Create it and make the bridge’s user its owner, or set another one with data_dir.`,
      { cause: error },
    )
  }
  tighten(path, PRIVATE_FOLDER, logger)
}

/**
 * Creates the file if missing, and restricts it to its owner. An existing file is not opened for that: closing any handle of a
 * file drops all locks that this process holds on it, including SQLite's.
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

/** The short cause of a system error (`EACCES`), without the text containing the path. */
export function reason(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : String(error)
}

function tighten(path: string, mode: number, logger: Logger): void {
  if (!isOpenToOthers(path)) return
  try {
    chmodSync(path, mode)
    logger.info({ path, mode: mode.toString(8) }, 'Removed the access of other users of this machine to the data')
  } catch (error) {
    logger.warn(
      { path, reason: reason(error) },
      'Other users of this machine can read the data of the bridge, and its permissions can’t be changed',
    )
  }
}
