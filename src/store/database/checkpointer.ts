/** Run as a thread: takes the journal of a database into its file, with all waits for the disk that this needs. */
import { isMainThread, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

const path: unknown = workerData
if (!isMainThread && typeof path === 'string') {
  const db = new Database(path, { fileMustExist: true })
  db.pragma('synchronous = FULL')
  // Nobody who writes has to wait for this.
  db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
}
