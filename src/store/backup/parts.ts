/** The files of the data folder in a backup, and the conditions for each. */
import Database from 'better-sqlite3'
import { isObject, parseJson } from '../../core/json.ts'
import { isSerial } from '../../core/serial.ts'
import { HISTORY_MIGRATIONS } from '../database/history-migrations.ts'
import { MIGRATIONS } from '../database/migrations.ts'
import { laterVersion, unusable } from './refusals.ts'

export interface PartOfStore {
  readonly name: string
  readonly migrations: readonly string[]
  /** Whether it contains secrets, and data that must not be in a backup. */
  readonly main: boolean
}

export const MAIN_PART: PartOfStore = { name: 'thermo2mqtt.db', migrations: MIGRATIONS, main: true }
/** Measurements; a backup is complete without them too. */
const HISTORY_PART: PartOfStore = { name: 'history.db', migrations: HISTORY_MIGRATIONS, main: false }
export const PARTS: readonly PartOfStore[] = [MAIN_PART, HISTORY_PART]

/**
 * Checks a whole database from elsewhere, and migrates it to this version's schema.
 * @throws BridgeError `BAD_REQUEST` if it is damaged, of a later version, or not ours
 */
export function checkPart(db: Database.Database, { migrations, main }: PartOfStore, bridge: string): void {
  try {
    db.pragma('trusted_schema = OFF')
    db.pragma('cell_size_check = ON')
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > migrations.length) throw laterVersion(bridge)
    if (version < 1 || db.pragma('integrity_check(1)', { simple: true }) !== 'ok') throw unusable('damaged')
    // Only what the steps up to that version create: no unknown trigger, view or column.
    if (schemaOf(db) !== schemaAfter(migrations.slice(0, version))) throw unusable('damaged')
    if (Object(db.pragma('foreign_key_check')).length > 0) throw unusable('damaged')
    db.transaction(() => {
      for (const step of migrations.slice(version)) db.exec(step)
      db.pragma(`user_version = ${migrations.length}`)
    })()
    if (main) checkRows(db)
  } catch (error) {
    if (error instanceof Database.SqliteError) throw unusable('damaged')
    throw error
  }
}

/** Rows with requirements beyond the schema. */
function checkRows(db: Database.Database): void {
  const rows = db.prepare<[], Record<string, unknown>>('SELECT serial, learned, features, sources FROM devices').all()
  for (const { serial, learned, features, sources } of rows) {
    const lists = [features, sources].map((text) => parseJson(String(text)))
    if (!isSerial(serial) || !isObject(parseJson(String(learned))) || !lists.every(Array.isArray))
      throw unusable('damaged')
  }
  for (const table of ['device_keys', 'energy', 'given_names', 'device_rooms']) {
    const serials = db.prepare<[], { serial: unknown }>(`SELECT serial FROM ${table}`).all()
    if (!serials.every(({ serial }) => isSerial(serial))) throw unusable('damaged')
  }
}

function schemaOf(db: Database.Database): string {
  const sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
  return JSON.stringify(db.prepare(sql).all())
}

function schemaAfter(steps: readonly string[]): string {
  const db = new Database(':memory:')
  try {
    for (const step of steps) db.exec(step)
    return schemaOf(db)
  } finally {
    db.close()
  }
}
