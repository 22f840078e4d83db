/** Runs as a process: moves the journal of a database into its file, with all the necessary waiting for the disk. */
import Database from 'better-sqlite3'
import { work } from './apart.ts'

await work((path) => {
  const db = new Database(path, { fileMustExist: true })
  db.pragma('synchronous = FULL')
  // Writers need not wait for this.
  db.pragma('wal_checkpoint(PASSIVE)')
  db.close()
})
