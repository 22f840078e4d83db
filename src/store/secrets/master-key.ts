import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { isOpenToOthers, PRIVATE_FILE, reason, stamp, syncFolder } from '../database/files.ts'
import { MASTER_KEY_BYTES } from './vault.ts'

/** Its name in a data folder. */
export const MASTER_KEY_FILE = 'store.key'

export interface MasterKeyOptions {
  readonly dataDir: string
  /** A key file in another place. It is created if missing, like the one in the data folder. */
  readonly keyFile: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
}

export interface MasterKey {
  readonly key: Buffer
  readonly path: string
}

/**
 * Reads the master key, or creates it at the first start: 32 random bytes as base64 in a file of mode 0600.
 *
 * A file in the data folder without a key (a power cut, a wrong restore) is renamed, never overwritten, and a new key is
 * created, so that the service continues. A file named by the user (`keyFile`) that is unreadable or has no key is a
 * configuration mistake and refused: otherwise secrets would be sealed with an unexpected key.
 *
 * @throws BridgeError `INTERNAL` if the file can't be read or created; `BAD_REQUEST`, a mistake in the settings, if it is the
 * one named by the user, or that one has no key.
 */
export function loadMasterKey(options: MasterKeyOptions): MasterKey {
  const { logger, secrets } = options
  const path = options.keyFile ?? join(options.dataDir, MASTER_KEY_FILE)
  const named = options.keyFile !== undefined
  const text = existsSync(path) ? read(path, named) : create(path, named)
  const key = parseMasterKey(text) ?? replaceUnusable(path, options)
  if (isOpenToOthers(path)) {
    logger.warn(
      { path },
      `Other users of this machine can read the master key of the stored secrets. Protect it with: chmod 600 ${path}`,
    )
  }
  secrets.remember(key.toString('base64'))
  return { key, path }
}

/** What its file holds. */
export const masterKeyText = (key: Buffer): string => `${key.toString('base64')}\n`

/** The key in the text of its file; undefined if there is none. */
export function parseMasterKey(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (!/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return undefined
  const key = Buffer.from(trimmed, 'base64')
  return key.length === MASTER_KEY_BYTES ? key : undefined
}

function replaceUnusable(path: string, { keyFile, clock, logger }: MasterKeyOptions): Buffer {
  const what = `${path} contains no master key: it should contain ${MASTER_KEY_BYTES} bytes as base64, such as \`openssl rand -base64 32\` prints`
  if (keyFile !== undefined) {
    throw new BridgeError(
      'BAD_REQUEST',
      `store.key_file (T2M_STORE_KEY_FILE): ${what}. Put the right file there, or remove the setting.`,
    )
  }
  const aside = `${path}.unusable-${stamp(clock.now())}`
  renameSync(path, aside)
  logger.error({ path, aside }, `${what}. It was renamed and a new key was created`)
  const key = parseMasterKey(create(path, false))
  if (!key) throw new BridgeError('INTERNAL', what)
  return key
}

/** Errors of a file named by the user are blamed on the setting; those of the usual one on the machine. */
const fault = (named: boolean, message: string, cause: unknown): BridgeError =>
  named
    ? new BridgeError('BAD_REQUEST', `store.key_file (T2M_STORE_KEY_FILE): ${message}`, { cause })
    : new BridgeError('INTERNAL', message, { cause })

function read(path: string, named: boolean): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fault(
      named,
      `The master key ${path} can’t be read (${reason(error)}). Without it the stored secrets can’t be opened. Make it readable for the user of the bridge.`,
      error,
    )
  }
}

/** Writes a new key in one step: a crash leaves no file or a complete one. If another process is first, its key counts. */
function create(path: string, named: boolean): string {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const handle = openSync(temporary, 'w', PRIVATE_FILE)
    try {
      writeSync(handle, masterKeyText(randomBytes(MASTER_KEY_BYTES)))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    publish(temporary, path)
    syncFolder(dirname(path))
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fault(
      named,
      `The master key ${path} can’t be created (${reason(error)}). Secrets are stored only in encrypted form. Make its folder writable for the user of the bridge, or set an existing key file (T2M_STORE_KEY_FILE).`,
      error,
    )
  }
}

function publish(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (reason(error) !== 'EEXIST') {
      // A file system without hard links, such as exFAT.
      renameSync(temporary, path)
      return
    }
    // Another process made one meanwhile.
  }
  unlinkSync(temporary)
}
