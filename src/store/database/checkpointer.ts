/** Runs as a thread: moves the journal of a database into its file, with all the necessary waiting for the disk. */
import { isMainThread, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

const path: unknown = workerData
if (!isMainThread && typeof path === 'string') {
  const db = new Database(path, { fileMustExist: true })
  db.pragma('synchronous = FULL')
  // Writers need not wait for this.
  db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
}
