/** Opens the file of a database, brought to the newest schema; or, where it can't be written, a copy of what it holds. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { ensurePrivateFile, reason } from './files.ts'

/** Another process on the same file (`thermo2mqtt login`) is waited for at most this long; the loop stands still meanwhile. */
export const BUSY_MS = 1_000
/** Up to here a whole check at the start costs less than about 10 ms. */
const CHECKED_BYTES = 4 * 1024 * 1024
/** What a file is called beside a database that was found damaged while it was in use: the next start looks at all of it. */
export const SUSPECT = '.damaged'
/** Where the header of a file says by what kind of journal it is written and read, and what stands for none. */
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
    // With WAL, FULL is what makes a commit survive a power cut; NORMAL would only survive a crash of the process.
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // Whoever closes it last takes the journal into the file, or a thread of the bridge does.
    db.pragma('wal_autocheckpoint = 0')
    if (statSync(path).size <= CHECKED_BYTES || existsSync(path + SUSPECT)) check(db)
    rmSync(path + SUSPECT, { force: true })
    migrate(db, path, migrations)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * What the file holds, in memory, where nothing can be written to it either. Throws as `connect` does, also where there is
 * nothing in the file.
 */
export function readableCopy({ path, migrations }: Place): Database.Database {
  const bytes = contentOf(path)
  // In memory there is no journal beside it.
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

/** With what is still in its journal, unless that can't be had without writing. */
function contentOf(path: string): Buffer {
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS })
    try {
      return db.serialize()
    } finally {
      db.close()
    }
  } catch (error) {
    // Somebody writes to it: it would be read half in one state and half in another.
    if (reason(error).startsWith('SQLITE_BUSY')) throw error
    // The journal needs an index beside it, which can't be made now. An orderly end has left nothing in the journal.
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
