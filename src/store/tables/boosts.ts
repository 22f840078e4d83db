import { isObject, parseJson } from '../../core/json.ts'
import type { SqliteFile } from '../database/sqlite.ts'

const KEYS = ['temporary_setpoint', 'manual_floor_setpoint', 'manual_air_setpoint'] as const
type Plain = number | string | boolean | null

/** A setpoint that the bridge holds for a while, and the values before. Times are Unix ms, setpoints °C. */
export interface BoostRecord {
  readonly serial: string
  readonly started: number
  readonly ends: number
  readonly key: (typeof KEYS)[number]
  readonly setpoints: readonly number[]
  readonly before: Readonly<Record<string, Plain>>
  readonly period: number | null
}

interface Row {
  readonly serial: string
  readonly started: number
  readonly ends: number
  readonly key: string
  readonly setpoints: string
  readonly before: string
  readonly period: number | null
}

export class BoostRepository {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** All active boosts, by serial. Unreadable ones are left out. */
  load(): BoostRecord[] {
    return this.#file.all<Row>('SELECT * FROM boosts ORDER BY serial').flatMap((row) => {
      const key = KEYS.find((known) => known === row.key)
      return key ? [{ ...row, key, setpoints: numbers(row.setpoints), before: plain(row.before) }] : []
    })
  }

  save({ serial, started, ends, key, setpoints, before, period }: BoostRecord): void {
    this.#file.run(
      'INSERT OR REPLACE INTO boosts (serial, started, ends, key, setpoints, before, period) VALUES (?, ?, ?, ?, ?, ?, ?)',
      serial,
      started,
      ends,
      key,
      JSON.stringify(setpoints),
      JSON.stringify(before),
      period,
    )
  }

  /** Resolves when what was saved is on the disk. @throws BridgeError `INTERNAL` */
  durable(): Promise<void> {
    return this.#file.durable()
  }

  forget(serial: string): void {
    this.#file.run('DELETE FROM boosts WHERE serial = ?', serial)
  }
}

function numbers(json: string): number[] {
  const value = parseJson(json)
  return Array.isArray(value) ? value.filter((item): item is number => typeof item === 'number') : []
}

function plain(json: string): Record<string, Plain> {
  const value = parseJson(json)
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Plain] => isPlain(entry[1])))
}

function isPlain(value: unknown): value is Plain {
  return value === null || ['number', 'string', 'boolean'].includes(typeof value)
}
