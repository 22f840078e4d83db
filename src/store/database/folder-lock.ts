/**
 * Keeps a second bridge off a data folder. The lock is that of SQLite on an empty file, which the kernel holds for the process:
 * it is gone with it, however that ends, and it counts for containers on the same machine too. Nothing here asks whether a
 * process number is alive, which says nothing in another container, and may be another program's by now.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { ensurePrivateFolder, PRIVATE_FILE, reason } from './files.ts'

/** Stays for ever: to remove it would let two have a lock each, on files of one name. */
const LOCK = 'bridge.lock'
/** Who has it, for people; only as true as its lock. */
const HOLDER = 'bridge.json'

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
   * Takes the folder for this process, and gives back the one before if that was another. Where files can't be locked or
   * made, as on a disk that is read-only, it warns and goes on: a house that is not heated is worse.
   * @throws BridgeError `INTERNAL` when another bridge has it, naming that one
   */
  take(dataDir: string, logger: Logger): void {
    if (this.#held?.dataDir === dataDir) return
    this.release()
    if (!existsSync(dataDir)) ensurePrivateFolder(dataDir, logger)
    this.#held = { dataDir, db: lockIn(dataDir, logger), since: new Date(this.#clock.now()).toISOString() }
    this.tell(null)
  }

  /** Notes where the bridge is to be found, for whoever starts a second one. @param api its address */
  tell(api: string | null): void {
    if (!this.#held?.db) return
    const { dataDir, since } = this.#held
    try {
      const holder = JSON.stringify({ pid: process.pid, host: hostname(), since, api })
      writeFileSync(join(dataDir, HOLDER), holder, { mode: PRIVATE_FILE })
    } catch {
      // On a full disk the lock holds all the same; only the words about its holder are poorer.
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
    // Only to make it: a file that is opened and closed past SQLite loses the lock that this process may have on it.
    if (!existsSync(path)) closeSync(openSync(path, 'a', PRIVATE_FILE))
    db = new Database(path, { timeout: 0 })
    // With no journal nothing is ever written, beside it or into it.
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    const why = reason(error)
    if (why.startsWith('SQLITE_BUSY')) throw taken(dataDir)
    logger.warn(
      { path, reason: why },
      'The data folder can’t be locked, so that nothing keeps a second bridge from using it: run only one',
    )
    return undefined
  }
}

function taken(dataDir: string): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The data folder ${dataDir} is in use by another bridge${holderOf(dataDir)}. Stop that one, or give this one a folder of its own (data_dir, T2M_DATA_DIR).`,
    { details: { data_dir: dataDir } },
  )
}

/** What the file says of it, in words. */
function holderOf(dataDir: string): string {
  let text = ''
  try {
    text = readFileSync(join(dataDir, HOLDER), 'utf8')
  } catch {
    return ''
  }
  const holder = parseJson(text)
  if (!isObject(holder)) return ''
  const { pid, host, since, api } = holder
  const started = typeof since === 'string' ? `, since ${since.slice(0, 16).replace('T', ' ')} UTC` : ''
  return `: process ${pid} on ${host}${started}${typeof api === 'string' ? `, with its page at ${api}` : ''}`
}
