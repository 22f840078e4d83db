/** A copy of one database, made while it is in use. */
import { closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { PRIVATE_FILE } from './files.ts'

/**
 * Copies a database that may be in use, page by page, while others write to it. One read transaction stays open, so the copy
 * is from one moment and no write makes it start again.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  closeSync(openSync(to, 'wx', PRIVATE_FILE))
  const db = new Database(from, { fileMustExist: true })
  try {
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    await db.backup(to)
  } finally {
    db.close()
  }
}

/** @throws SqliteError of code `SQLITE_CORRUPT` if the database is damaged anywhere */
export function checkWhole(db: Database.Database): void {
  const answer = db.pragma('integrity_check(1)', { simple: true })
  if (answer !== 'ok') throw new Database.SqliteError(String(answer), 'SQLITE_CORRUPT')
}
