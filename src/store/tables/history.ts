import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { HistoryKey, HistoryMemory, HistoryRow, HistorySample, HistoryStep } from '../../history/types.ts'
import { HISTORY_MIGRATIONS } from '../database/history-migrations.ts'
import type { SqliteFile, SqlValue } from '../database/sqlite.ts'
import { openSqlite } from '../open.ts'

/** How many stored units make one shown unit: temperatures in hundredths of °C, energy in Wh. */
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
const BEFORE = ['at', 'known']
const COLUMNS = [...BEFORE, ...KEYS].join(', ')
/** The position of each in the list of columns. */
const PLACES = Object.fromEntries(KEYS.map((key, index) => [key, BEFORE.length + index])) as Record<HistoryKey, number>
const DEVICE = '(SELECT id FROM history_devices WHERE serial = ?)'

/** The statements, to check SQLite's query plans. */
export const HISTORY_SQL = {
  newest: 'SELECT serial, (SELECT max(at) FROM history WHERE device = id AND step = ?) AS at FROM history_devices',
  read: `SELECT ${COLUMNS} FROM history WHERE device = ${DEVICE} AND step = ? AND at >= ? AND at < ? ORDER BY at`,
  count: `SELECT at, energy FROM history WHERE device = ${DEVICE} AND step = ? AND at <= ? AND energy IS NOT NULL ORDER BY at DESC LIMIT 1`,
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
 * Opens `<data_dir>/history.db`. It is a separate file, so that years of samples neither fill nor endanger the file with the
 * keys.
 * @throws BridgeError `INTERNAL` if that is impossible
 */
export function openHistory({ dataDir, clock, logger }: HistoryStoreOptions): HistoryRepository {
  const content = {
    migrations: HISTORY_MIGRATIONS,
    without: 'No history is recorded or shown; everything else works.',
    lost: 'The history starts again from now; everything else works.',
  }
  return new HistoryRepository(openSqlite({ path: join(dataDir, 'history.db'), clock, logger, content, free: true }))
}

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
    return this.#file.lists<StoredSample>(HISTORY_SQL.read, serial, step, from, to).map(sampleOf)
  }

  newestCount(serial: string, step: HistoryStep, until: number): { at: number; energy: number } | null {
    const found = this.#file.get<{ at: number; energy: number }>(HISTORY_SQL.count, serial, step, until)
    return found ? { at: found.at, energy: found.energy / PARTS.energy } : null
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

/** The stored form: columns, with values in stored units. */
type StoredSample = readonly [at: number, known: number, ...parts: (number | null)[]]

const whole = (parts: number | null | undefined, inOne: number): number | null =>
  typeof parts === 'number' ? parts / inOne : null

/**
 * Written out for speed: a month has nine thousand samples, and looping over the keys would take as long as reading the rows.
 */
function sampleOf(row: StoredSample): HistorySample {
  return {
    at: row[0],
    known: row[1],
    current_temperature: whole(row[PLACES.current_temperature], PARTS.current_temperature),
    current_temperature_min: whole(row[PLACES.current_temperature_min], PARTS.current_temperature_min),
    current_temperature_max: whole(row[PLACES.current_temperature_max], PARTS.current_temperature_max),
    target_temperature: whole(row[PLACES.target_temperature], PARTS.target_temperature),
    floor_temperature: whole(row[PLACES.floor_temperature], PARTS.floor_temperature),
    floor_temperature_min: whole(row[PLACES.floor_temperature_min], PARTS.floor_temperature_min),
    floor_temperature_max: whole(row[PLACES.floor_temperature_max], PARTS.floor_temperature_max),
    air_temperature: whole(row[PLACES.air_temperature], PARTS.air_temperature),
    air_temperature_min: whole(row[PLACES.air_temperature_min], PARTS.air_temperature_min),
    air_temperature_max: whole(row[PLACES.air_temperature_max], PARTS.air_temperature_max),
    load: whole(row[PLACES.load], PARTS.load),
    power: whole(row[PLACES.power], PARTS.power),
    energy: whole(row[PLACES.energy], PARTS.energy),
    voltage: whole(row[PLACES.voltage], PARTS.voltage),
    voltage_min: whole(row[PLACES.voltage_min], PARTS.voltage_min),
    voltage_max: whole(row[PLACES.voltage_max], PARTS.voltage_max),
  }
}
