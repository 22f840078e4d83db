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
