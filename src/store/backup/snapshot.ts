/** Copies of the databases for a backup: from one moment, with secrets sealed only for the backup. */
import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { SEALED_COLUMNS, TRANSIENT_TABLES } from '../database/migrations.ts'
import type { SqlValue } from '../database/sqlite.ts'
import type { RecordId, Vault } from '../secrets/vault.ts'

/** Removes data that is useless elsewhere or later, and seals every secret for `sealer`. Returns its size in bytes. */
export function prepareCopy(path: string, opener: Vault, sealer: Vault): number {
  const db = new Database(path)
  try {
    db.pragma('journal_mode = DELETE')
    db.pragma('secure_delete = ON')
    db.transaction(() => {
      for (const table of TRANSIENT_TABLES) db.prepare(`DELETE FROM ${table}`).run()
      reseal(db, opener, sealer)
    })()
  } finally {
    db.close()
  }
  return statSync(path).size
}

/**
 * Seals with `sealer` what `opener` opens. Values that neither opens stay unchanged: their master key may turn up. Returns how
 * many values were resealed, and how many of `opener`'s own were damaged.
 */
export function reseal(db: Database.Database, opener: Vault, sealer: Vault): { sealed: number; damaged: number } {
  const counts = { sealed: 0, damaged: 0 }
  for (const { table, column, key } of SEALED_COLUMNS) {
    const own = `substr(${column}, 1, ${opener.header.length}) = ?`
    const rows = db
      .prepare<[Buffer], Record<string, SqlValue>>(`SELECT ${key.join(', ')}, ${column} FROM ${table} WHERE ${own}`)
      .all(opener.header)
    const write = db.prepare(
      `UPDATE ${table} SET ${column} = ? WHERE ${key.map((name) => `${name} = ?`).join(' AND ')}`,
    )
    for (const row of rows) {
      const id = key.map((name) => row[name] ?? null)
      const record: RecordId = [table, ...id.map(String)]
      const value = row[column]
      const secret = Buffer.isBuffer(value) ? opener.open(value, record) : undefined
      if (secret === undefined) counts.damaged++
      else {
        write.run(sealer.seal(secret, record), ...id)
        counts.sealed++
      }
    }
  }
  return counts
}
