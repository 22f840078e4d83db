/**
 * Keeps a second bridge off a data folder. The lock is SQLite's on an empty file. The kernel holds it for the process: it ends
 * with the process, however that ends, and also works for containers on the same machine. Process ids are not used: they mean
 * nothing in another container and may be reused.
 */
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, type JsonValue, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { ensurePrivateFolder, PRIVATE_FILE, reason } from './files.ts'

/** Never removed: otherwise two processes could each lock a different file of the same name. */
const LOCK = 'bridge.lock'
/** Names the holder, for people; valid only while locked. */
const HOLDER = 'bridge.json'
const NEW_HOLDER = 'bridge.json.new'

interface Held {
  readonly dataDir: string
  readonly db: Database.Database | undefined
  readonly since: string
}

export class FolderLock {
  readonly #clock: Clock
  #held: Held | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Locks the folder for this process, and releases a previous one. If files can't be locked or created, as on a read-only
   * disk, it warns and continues: a house without heating is worse.
   * @throws BridgeError `INTERNAL` if another bridge has it, naming that bridge
   */
  take(dataDir: string, logger: Logger): void {
    if (this.#held?.dataDir === dataDir) return
    this.release()
    if (!existsSync(dataDir)) ensurePrivateFolder(dataDir, logger)
    this.#held = { dataDir, db: lockIn(dataDir, logger), since: new Date(this.#clock.now()).toISOString() }
    this.tell({ api: null })
  }

  /**
   * Records where the bridge is, for people who start a second one and for commands that look for it.
   * @param about must contain no secret
   */
  tell(about: { readonly api: string | null; readonly [more: string]: JsonValue }): void {
    if (!this.#held?.db) return
    const { dataDir, since } = this.#held
    try {
      const holder = JSON.stringify({ pid: process.pid, host: hostname(), since, ...about })
      // At once: a command may read it at any moment.
      writeFileSync(join(dataDir, NEW_HOLDER), holder, { mode: PRIVATE_FILE })
      renameSync(join(dataDir, NEW_HOLDER), join(dataDir, HOLDER))
    } catch {
      // On a full disk the lock still works; only the information about its holder is missing.
    }
  }

  /** Safe to call at any time. */
  release(): void {
    const { dataDir, db } = this.#held ?? {}
    this.#held = undefined
    if (dataDir === undefined || !db) return
    rmSync(join(dataDir, HOLDER), { force: true })
    db.close()
  }
}

function lockIn(dataDir: string, logger: Logger): Database.Database | undefined {
  const path = join(dataDir, LOCK)
  let db: Database.Database | undefined
  try {
    // Only to create it: opening and closing a file outside SQLite drops this process' lock on it.
    if (!existsSync(path)) closeSync(openSync(path, 'a', PRIVATE_FILE))
    db = new Database(path, { timeout: 0 })
    // Without a journal, nothing is ever written to or beside it.
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    const why = reason(error)
    if (why.startsWith('SQLITE_BUSY')) throw taken(dataDir)
    logger.warn(
      { path, reason: why },
      'The data folder can’t be locked, so nothing prevents a second bridge from using it: run only one',
    )
    return undefined
  }
}

function taken(dataDir: string): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The data folder ${dataDir} is in use by another bridge${holderOf(dataDir)}. Stop that one, or give this one its own folder (data_dir, T2M_DATA_DIR).`,
    { details: { data_dir: dataDir } },
  )
}

/** What the bridge that has the folder now recorded of itself; undefined if none has it. */
export function heldBy(dataDir: string): JsonObject | undefined {
  const holder = recorded(dataDir)
  return holder !== undefined && isLocked(join(dataDir, LOCK)) ? holder : undefined
}

/** Only reads, so that a bridge that starts in this moment gets its lock. */
function isLocked(path: string): boolean {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0, readonly: true, fileMustExist: true })
    db.prepare('SELECT 1 FROM sqlite_master').get()
    return false
  } catch (error) {
    return reason(error).startsWith('SQLITE_BUSY')
  } finally {
    db?.close()
  }
}

function recorded(dataDir: string): JsonObject | undefined {
  try {
    const holder = parseJson(readFileSync(join(dataDir, HOLDER), 'utf8'))
    return isObject(holder) ? holder : undefined
  } catch {
    return undefined
  }
}

/** The description of the holder from the file. */
function holderOf(dataDir: string): string {
  const holder = recorded(dataDir)
  if (!holder) return ''
  const { pid, host, since, api } = holder
  const started = typeof since === 'string' ? `, since ${since.slice(0, 16).replace('T', ' ')} UTC` : ''
  return `: process ${pid} on ${host}${started}${typeof api === 'string' ? `, with its page at ${api}` : ''}`
}
