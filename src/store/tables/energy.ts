import type { SqliteFile } from '../database/sqlite.ts'

/** What the load of one device has used since counting began or was reset. */
export interface EnergyRecord {
  readonly serial: string
  readonly wattHours: number
  /** The largest error of `wattHours` due to the time between readings. */
  readonly errorWattHours: number
  /** How long the load has been on. */
  readonly onSeconds: number
}

interface Row {
  readonly serial: string
  readonly watt_hours: number
  readonly error_watt_hours: number
  readonly on_seconds: number
}

export class EnergyRepository {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** All devices that were counted, by serial. */
  load(): EnergyRecord[] {
    return this.#file.all<Row>('SELECT * FROM energy ORDER BY serial').map((row) => ({
      serial: row.serial,
      wattHours: row.watt_hours,
      errorWattHours: row.error_watt_hours,
      onSeconds: row.on_seconds,
    }))
  }

  /** Resolves when what was saved is on the disk. @throws BridgeError `INTERNAL` */
  durable(): Promise<void> {
    return this.#file.durable()
  }

  /** In one commit. */
  save(...records: readonly EnergyRecord[]): void {
    this.#file.transaction(() => {
      for (const { serial, wattHours, errorWattHours, onSeconds } of records) {
        this.#file.run(
          'INSERT OR REPLACE INTO energy (serial, watt_hours, error_watt_hours, on_seconds) VALUES (?, ?, ?, ?)',
          serial,
          wattHours,
          errorWattHours,
          onSeconds,
        )
      }
    })
  }
}
