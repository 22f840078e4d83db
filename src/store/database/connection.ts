/** Opens a database file, migrated to the newest schema; or, if it can't be written, a copy of its contents. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { ensurePrivateFile, reason } from './files.ts'

/** The longest wait for another process on the same file (`thermo2mqtt login`); it blocks the event loop. */
export const BUSY_MS = 1_000
/** Up to this size, a full check at the start takes less than about 10 ms. */
const CHECKED_BYTES = 4 * 1024 * 1024
/** The suffix of a marker beside a database that was found damaged while in use: the next start checks it completely. */
export const SUSPECT = '.damaged'
/** The position of the journal mode in the file header, and the value for no journal. */
const JOURNAL_AT = [18, 19] as const
const NO_WAL = 1

export interface Place {
  readonly path: string
  /** One step per entry; `user_version` of the file is how many it has had. */
  readonly migrations: readonly string[]
}

/** @throws BridgeError `INTERNAL` for the file of a later version; what the system and SQLite say */
export function connect({ path, migrations }: Place, logger: Logger): Database.Database {
  ensurePrivateFile(path, logger)
  const db = new Database(path, { timeout: BUSY_MS })
  try {
    // With WAL, only FULL makes a commit survive a power cut; NORMAL survives just a crash of the process.
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // The last process to close it moves the journal into the file, or another one of the bridge does.
    db.pragma('wal_autocheckpoint = 0')
    // better-sqlite3 would keep 16 MB of each file, which the system holds anyway.
    db.pragma('cache_size = -2000')
    if (statSync(path).size <= CHECKED_BYTES || existsSync(path + SUSPECT)) check(db)
    rmSync(path + SUSPECT, { force: true })
    migrate(db, path, migrations)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** The contents of the file in memory, read-only too. Throws like `connect`, also if the file is empty. */
export function readableCopy({ path, migrations }: Place): Database.Database {
  const bytes = contentOf(path)
  // In memory it has no journal.
  for (const at of JOURNAL_AT) bytes.writeUInt8(NO_WAL, at)
  const db = new Database(bytes)
  try {
    check(db)
    migrate(db, path, migrations)
    db.pragma('query_only = ON')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Including its journal, unless that needs writing. */
function contentOf(path: string): Buffer {
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
    try {
      return db.serialize()
    } finally {
      db.close()
    }
  } catch (error) {
    // Another process is writing: half of the data would be older than the rest.
    if (reason(error).startsWith('SQLITE_BUSY')) throw error
    // The journal needs an index file, which can't be created now. After a clean end, the journal is empty.
    return readFileSync(path)
  }
}

function check(db: Database.Database): void {
  const answer = db.pragma('quick_check(1)', { simple: true })
  if (answer !== 'ok') throw new Database.SqliteError(String(answer), 'SQLITE_CORRUPT')
}

function migrate(db: Database.Database, path: string, migrations: readonly string[]): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version === migrations.length) return
  db.transaction(() => {
    // Read again under the write lock: another process may have migrated meanwhile.
    const from = Number(db.pragma('user_version', { simple: true }))
    if (from > migrations.length) throw tooNew(path, from, migrations.length)
    for (const step of migrations.slice(from)) db.exec(step)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}

function tooNew(path: string, version: number, known: number): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The database ${path} was written by a later version of thermo2mqtt (schema ${version}, this one knows ${known}). Nothing was changed. Install that version again, or restore the data folder from before the update.`,
    { details: { path, schema: version, known } },
  )
}
