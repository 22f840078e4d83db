/** Opens a database: as it is, as a copy, or new. */
import { existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { BridgeError } from '../core/errors.ts'
import { isCutShort } from './copies/index.ts'
import { bringBack } from './copies/replacement.ts'
import { connect, readableCopy } from './database/connection.ts'
import { reason, stamp } from './database/files.ts'
import { problemOf } from './database/health.ts'
import { MAIN, placeOf, SqliteFile, type SqliteOptions } from './database/sqlite.ts'

/**
 * Opens the database, bringing it to the newest schema.
 *
 * A damaged file, or one that is not a database, is renamed (with its journal) to `….corrupt-<time>`, never deleted. The
 * newest intact copy replaces it, or else a new database: a bridge that refuses to start after a power cut helps nobody.
 *
 * @throws BridgeError `INTERNAL` if the file was written by a later version of the bridge, or can't be opened.
 */
export function openSqlite(options: SqliteOptions): SqliteFile {
  const { content = MAIN, logger, path } = options
  try {
    // SQLite treats a file too short for a header as empty and starts a new one in it.
    if (content.copied && isCutShort(path)) throw new Database.SqliteError('cut short', 'SQLITE_NOTADB')
    return new SqliteFile(options, connect(placeOf(options), logger))
  } catch (error) {
    if (error instanceof BridgeError) throw error
    if (problemOf(reason(error)) !== 'damaged') return openCopy(options, error)
    return instead(options, setAside(options, error))
  }
}

/** A copy to replace what was set aside, or a new one. */
function instead(options: SqliteOptions, aside: string): SqliteFile {
  const { clock, logger, path, content = MAIN } = options
  try {
    const open = () => new SqliteFile(options, connect(placeOf(options), logger))
    const back = content.copied && bringBack({ path, aside, newest: content.migrations.length, open, clock, logger })
    if (back) return back
    logger.error(
      { path, aside },
      `${content.copied ? 'There is no intact copy of it, so a' : 'A'} new database was created. ${content.lost}`,
    )
    return open()
  } catch (error) {
    throw cannotOpen(options, error)
  }
}

/** @throws BridgeError `INTERNAL` if nothing can be read, or a read-only copy is not wanted */
function openCopy(options: SqliteOptions, cause: unknown): SqliteFile {
  const why = reason(cause)
  if (!options.evenUnwritable || problemOf(why) === 'busy') throw cannotOpen(options, cause)
  try {
    return new SqliteFile(options, readableCopy(placeOf(options)), why)
  } catch (error) {
    throw error instanceof BridgeError ? error : cannotOpen(options, cause)
  }
}

function cannotOpen({ path, content = MAIN }: SqliteOptions, cause: unknown): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The database ${path} can’t be opened (${reason(cause)}). ${content.without} Check that its folder exists and is writable for the user of the bridge.`,
    { cause },
  )
}

/** @returns where it is now */
function setAside(options: SqliteOptions, cause: unknown): string {
  try {
    return moveAside(options, cause)
  } catch (error) {
    throw cannotOpen(options, error)
  }
}

function moveAside({ path, clock, logger }: SqliteOptions, cause: unknown): string {
  const aside = `${path}.corrupt-${stamp(clock.now())}`
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(path + part)) renameSync(path + part, aside + part)
  }
  logger.error(
    { path, aside, reason: reason(cause) },
    'The database is damaged and was set aside. To try a repair: sqlite3 <file> .recover',
  )
  return aside
}
