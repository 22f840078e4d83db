/** Runs as a thread: copies a database in use and checks the whole copy, while the event loop stays free. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { isMainThread, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { isObject } from '../../core/json.ts'
import { copyDatabase } from '../database/copy.ts'

/** @throws SqliteError of code `SQLITE_CORRUPT` if the copy, and so its source, is damaged */
async function copy(from: string, to: string): Promise<void> {
  await copyDatabase(from, to)
  const db = new Database(to)
  try {
    // One file, which needs no journal beside it.
    db.pragma('journal_mode = DELETE')
    checkWhole(db)
  } finally {
    db.close()
  }
  const handle = openSync(to, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** @throws SqliteError */
export function checkWhole(db: Database.Database): void {
  const answer = db.pragma('integrity_check(1)', { simple: true })
  if (answer !== 'ok') throw new Database.SqliteError(String(answer), 'SQLITE_CORRUPT')
}

const job: unknown = workerData
if (!isMainThread && isObject(job) && typeof job.from === 'string' && typeof job.to === 'string') {
  await copy(job.from, job.to)
}
