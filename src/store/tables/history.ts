import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { HistoryKey, HistoryMemory, HistoryRow, HistorySample, HistoryStep } from '../../history/types.ts'
import { HISTORY_MIGRATIONS } from '../database/history-migrations.ts'
import { openSqlite } from '../database/open.ts'
import type { SqliteFile, SqlValue } from '../database/sqlite.ts'

/** How many of the units that are stored make one that is shown: temperatures in hundredths of °C, energy in Wh. */
const PARTS: Readonly<Record<HistoryKey, number>> = {
  current_temperature: 100,
  current_temperature_min: 100,
  current_temperature_max: 100,
  target_temperature: 100,
  floor_temperature: 100,
  floor_temperature_min: 100,
  floor_temperature_max: 100,
  air_temperature: 100,
  air_temperature_min: 100,
  air_temperature_max: 100,
  load: 1000,
  power: 1,
  energy: 1000,
  voltage: 10,
  voltage_min: 10,
  voltage_max: 10,
}

const KEYS = Object.keys(PARTS) as HistoryKey[]
const COLUMNS = ['at', 'known', ...KEYS].join(', ')
const DEVICE = '(SELECT id FROM history_devices WHERE serial = ?)'

/** The statements, for a look at how SQLite goes about them. */
export const HISTORY_SQL = {
  newest: 'SELECT serial, (SELECT max(at) FROM history WHERE device = id AND step = ?) AS at FROM history_devices',
  read: `SELECT ${COLUMNS} FROM history WHERE device = ${DEVICE} AND step = ? AND at >= ? AND at < ? ORDER BY at`,
  know: 'INSERT OR IGNORE INTO history_devices (serial) VALUES (?)',
  write: `INSERT OR REPLACE INTO history (device, step, ${COLUMNS}) VALUES (${DEVICE}, ?, ?, ?${', ?'.repeat(KEYS.length)})`,
  nth: `SELECT at FROM history WHERE device = ${DEVICE} AND step = ? ORDER BY at LIMIT 1 OFFSET ?`,
  prune: `DELETE FROM history WHERE device = ${DEVICE} AND step = ? AND at < ?`,
  forget: `DELETE FROM history WHERE device = ${DEVICE}`,
  unknow: 'DELETE FROM history_devices WHERE serial = ?',
} as const

export interface HistoryStoreOptions {
  readonly dataDir: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Opens `<data_dir>/history.db`. It is a file of its own, so that years of samples neither fill nor endanger the one that
 * keys are in.
 * @throws BridgeError `INTERNAL` when that is impossible
 */
export function openHistory({ dataDir, clock, logger }: HistoryStoreOptions): HistoryRepository {
  const content = {
    migrations: HISTORY_MIGRATIONS,
    without: 'No history is recorded or shown; all else works.',
    lost: 'The history begins anew; all else works.',
  }
  return new HistoryRepository(openSqlite({ path: join(dataDir, 'history.db'), clock, logger, content, free: true }))
}

/** As it is stored: in parts. */
type StoredSample = { -readonly [Key in keyof HistorySample]: HistorySample[Key] }

export class HistoryRepository implements HistoryMemory {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  newest(step: HistoryStep): ReadonlyMap<string, number> {
    const rows = this.#file.all<{ serial: string; at: number | null }>(HISTORY_SQL.newest, step)
    return new Map(rows.flatMap(({ serial, at }) => (at === null ? [] : [[serial, at]])))
  }

  read(serial: string, step: HistoryStep, from: number, to: number): HistorySample[] {
    return this.#file.all<StoredSample>(HISTORY_SQL.read, serial, step, from, to).map(fromParts)
  }

  write(rows: readonly HistoryRow[]): void {
    if (rows.length === 0) return
    this.#file.transaction(() => {
      for (const serial of new Set(rows.map((row) => row.serial))) this.#file.run(HISTORY_SQL.know, serial)
      for (const { serial, step, sample } of rows) {
        this.#file.run(HISTORY_SQL.write, serial, step, sample.at, sample.known, ...toParts(sample))
      }
    })
  }

  prune(serials: readonly string[], step: HistoryStep, before: number, most: number): void {
    this.#file.transaction(() => {
      for (const serial of serials) {
        const end = this.#file.get<{ at: number }>(HISTORY_SQL.nth, serial, step, most)?.at ?? before
        this.#file.run(HISTORY_SQL.prune, serial, step, Math.min(end, before))
      }
    })
  }

  forget(serial: string): void {
    this.#file.transaction(() => {
      this.#file.run(HISTORY_SQL.forget, serial)
      this.#file.run(HISTORY_SQL.unknow, serial)
    })
  }

  close(): void {
    this.#file.close()
  }
}

function toParts(sample: HistorySample): SqlValue[] {
  return KEYS.map((key) => {
    const value = sample[key]
    return value === null ? null : Math.round(value * PARTS[key])
  })
}

/** In place: a month is nine thousand of them. */
function fromParts(row: StoredSample): HistorySample {
  for (const key of KEYS) {
    const parts = row[key]
    if (parts !== null) row[key] = parts / PARTS[key]
  }
  return row
}
