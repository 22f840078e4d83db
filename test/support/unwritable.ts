/** A disk on which databases can be read and not be written, whoever runs the test: root may write everywhere. */
import Database from 'better-sqlite3'
import type { Teardown } from './simulator.ts'

/**
 * Databases that are opened from now on get no journal.
 * @param code what SQLite says to that
 * @returns makes an end of it
 */
export function refuseJournal(t: Teardown, code: string, name = 'thermo2mqtt.db'): () => void {
  const { pragma } = Database.prototype
  const end = () => {
    Database.prototype.pragma = pragma
  }
  Database.prototype.pragma = function (this: Database.Database, source, options) {
    if (source === 'journal_mode = WAL' && this.name.endsWith(name)) throw new Database.SqliteError('refused', code)
    return pragma.call(this, source, options)
  }
  t.teardown(end)
  return end
}
