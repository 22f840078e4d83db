/** Runs as a process: copies a database in use and checks the whole copy, while the bridge goes on. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { work } from '../database/apart.ts'
import { checkWhole, copyDatabase } from '../database/copy.ts'

await work(async (from = '', to = '') => {
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
})
