/** Opens a database: as it is, as a copy of what it held, or anew. */
import { existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { BridgeError } from '../../core/errors.ts'
import { isCutShort } from '../copies/index.ts'
import { bringBack } from '../copies/replacement.ts'
import { connect, readableCopy } from './connection.ts'
import { reason, stamp } from './files.ts'
import { problemOf } from './health.ts'
import { MAIN, placeOf, SqliteFile, type SqliteOptions } from './sqlite.ts'

/**
 * Opens the database, bringing it to the newest schema.
 *
 * A file that is no database or is damaged is renamed (with its journal) to `….corrupt-<time>`, never deleted. The newest
 * sound copy comes in its place; without one a new one is begun, since a thermostat bridge that refuses to start after a
 * power cut helps nobody.
 *
 * @throws BridgeError `INTERNAL` when the file was written by a later version of the bridge, or cannot be opened.
 */
export function openSqlite(options: SqliteOptions): SqliteFile {
  const { content = MAIN, logger, path } = options
  try {
    // SQLite takes what is too short for a header for nothing, and begins anew in it.
    if (content.copied && isCutShort(path)) throw new Database.SqliteError('cut short', 'SQLITE_NOTADB')
    return new SqliteFile(options, connect(placeOf(options), logger))
  } catch (error) {
    if (error instanceof BridgeError) throw error
    if (problemOf(reason(error)) !== 'damaged') return openCopy(options, error)
    return instead(options, setAside(options, error))
  }
}

/** A copy in the place of what was set aside, or a new one. */
function instead(options: SqliteOptions, aside: string): SqliteFile {
  const { clock, logger, path, content = MAIN } = options
  try {
    const open = () => new SqliteFile(options, connect(placeOf(options), logger))
    const back = content.copied && bringBack({ path, aside, newest: content.migrations.length, open, clock, logger })
    if (back) return back
    logger.error(
      { path, aside },
      `${content.copied ? 'There is no sound copy of it; a' : 'A'} new database was begun. ${content.lost}`,
    )
    return open()
  } catch (error) {
    throw cannotOpen(options, error)
  }
}

/** @throws BridgeError `INTERNAL` where there is nothing to be read, or nobody wants it so */
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
    `The database ${path} cannot be opened (${reason(cause)}). ${content.without} Check that its folder is there and writable for the user of the bridge.`,
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
