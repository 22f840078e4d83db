/** When a copy replaces a damaged database: energy is rescued from that, and the replacement is recorded. */
import Database from 'better-sqlite3'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { isSerial } from '../../core/serial.ts'
import { reason } from '../database/files.ts'
import { takeNewestSound } from './index.ts'

/** The value that records it. It concerns only this database in this place. */
export const REPLACED = 'store.replaced'
/** Milliseconds for which it is reported. */
const TOLD_FOR = 7 * 24 * 3_600_000

export interface Replaced {
  /** Unix ms of the copy: later data is missing. */
  readonly since: number
  /** Unix ms of the replacement. */
  readonly at: number
}

/** What this needs of a database file. */
interface Rows {
  run(sql: string, ...values: (string | number)[]): number
  get<Row>(sql: string, ...values: string[]): Row | undefined
}

export interface BringBack<File extends Rows> {
  readonly path: string
  /** Where the damaged one is. */
  readonly aside: string
  /** The newest schema that is known. */
  readonly newest: number
  readonly open: () => File
  readonly clock: Clock
  readonly logger: Logger
}

/** @returns the newest intact copy, opened in its place; undefined if there is none */
export function bringBack<File extends Rows>(options: BringBack<File>): File | undefined {
  const { path, aside, newest, open, clock, logger } = options
  const since = takeNewestSound(path, newest, logger)
  if (since === undefined) return undefined
  const file = open()
  const note = JSON.stringify({ since, at: clock.now() })
  const energy = saveEnergy(file, aside)
  file.run('INSERT OR REPLACE INTO plain_values (name, value) VALUES (?, ?)', REPLACED, note)
  const counts = energy
    ? 'The energy counted until the damage could be read and was kept.'
    : 'The energy counted since then is missing too, so counts are lower than before: Home Assistant treats this as a new meter and continues its sum.'
  logger.error(
    { path, aside, since: new Date(since).toISOString() },
    `The database was replaced with its newest intact copy, from ${new Date(since).toISOString()}. Anything learned, set or changed since then is missing: check users, tokens and settings. ${counts}`,
  )
  return file
}

/** The replacement, for a week; null if there was none. A store that can't be read reports that itself. */
export function replacedIn(file: Rows, now: number): Replaced | null {
  const note = parseJson(noteIn(file))
  if (!isObject(note) || typeof note.since !== 'number' || typeof note.at !== 'number') return null
  return now - note.at < TOLD_FOR ? { since: note.since, at: note.at } : null
}

function noteIn(file: Rows): string {
  try {
    return file.get<{ value: string }>('SELECT value FROM plain_values WHERE name = ?', REPLACED)?.value ?? ''
  } catch (error) {
    if (error instanceof BridgeError) return ''
    throw error
  }
}

/**
 * Energy must never fall, or Home Assistant treats it as a new meter: of two counts the larger one stays, if it can be read.
 */
function saveEnergy(file: Rows, aside: string): boolean {
  try {
    const damaged = new Database(aside, { readonly: true, fileMustExist: true })
    try {
      const rows = damaged
        .prepare<[], { serial: unknown; wh: unknown; error: unknown; on: unknown }>(
          'SELECT serial, watt_hours AS wh, error_watt_hours AS error, on_seconds AS "on" FROM energy',
        )
        .all()
      for (const { serial, wh, error, on } of rows) {
        if (!isSerial(serial) || !isCount(wh) || !isCount(error) || !isCount(on)) continue
        file.run(LARGER, serial, wh, error, on)
      }
      return true
    } finally {
      damaged.close()
    }
  } catch (error) {
    if (reason(error).startsWith('SQLITE_')) return false
    throw error
  }
}

const LARGER = `INSERT INTO energy (serial, watt_hours, error_watt_hours, on_seconds) VALUES (?, ?, ?, ?)
  ON CONFLICT (serial) DO UPDATE SET watt_hours = excluded.watt_hours, error_watt_hours = excluded.error_watt_hours,
    on_seconds = excluded.on_seconds WHERE excluded.watt_hours > watt_hours`

/** A hundred houses in a hundred years use less. */
const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1e13
