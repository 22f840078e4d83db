import { isObject, parseJson } from '../../core/json.ts'
import type { SqliteFile } from '../database/sqlite.ts'

/** What is stored of a device across restarts. */
export interface DeviceRecord {
  readonly serial: string
  readonly hw: string | null
  readonly name: string | null
  readonly firmware?: string | null
  readonly host: string | null
  readonly port: number | null
  /** The address that last accepted a signed command. */
  readonly proven?: { readonly host: string; readonly port: number } | null
  readonly counterBase: '2000' | 'unix' | null
  readonly learned: Readonly<Record<string, number>>
  readonly features: readonly string[]
  readonly sources: readonly string[]
}

interface Row {
  readonly serial: string
  readonly hw: string | null
  readonly name: string | null
  readonly firmware: string | null
  readonly host: string | null
  readonly port: number | null
  readonly proven_host: string | null
  readonly proven_port: number | null
  readonly counter_base: '2000' | 'unix' | null
  readonly learned: string
  readonly features: string
  readonly sources: string
}

export class DeviceRepository {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** All devices, by serial. */
  load(): DeviceRecord[] {
    return this.#file.all<Row>('SELECT * FROM devices ORDER BY serial').map((row) => ({
      serial: row.serial,
      hw: row.hw,
      name: row.name,
      firmware: row.firmware,
      host: row.host,
      port: row.port,
      proven: row.proven_host && row.proven_port ? { host: row.proven_host, port: row.proven_port } : null,
      counterBase: row.counter_base,
      learned: numbers(row.learned),
      features: strings(row.features),
      sources: strings(row.sources),
    }))
  }

  /** In one commit. */
  save(...devices: readonly DeviceRecord[]): void {
    this.#file.transaction(() => {
      for (const device of devices) this.#save(device)
    })
  }

  /** The names that people gave, by serial. */
  givenNames(): Map<string, string> {
    const rows = this.#file.all<{ serial: string; name: string }>('SELECT serial, name FROM given_names')
    return new Map(rows.map(({ serial, name }) => [serial, name]))
  }

  /** null removes the name. */
  giveName(serial: string, name: string | null): void {
    if (name === null) this.#file.run('DELETE FROM given_names WHERE serial = ?', serial)
    else this.#file.run('INSERT OR REPLACE INTO given_names (serial, name) VALUES (?, ?)', serial, name)
  }

  #save(device: DeviceRecord): void {
    this.#file.run(
      'INSERT OR REPLACE INTO devices (serial, hw, name, firmware, host, port, proven_host, proven_port, counter_base, learned, features, sources) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      device.serial,
      device.hw,
      device.name,
      device.firmware ?? null,
      device.host,
      device.port,
      device.proven?.host ?? null,
      device.proven?.port ?? null,
      device.counterBase,
      JSON.stringify(device.learned),
      JSON.stringify(device.features),
      JSON.stringify(device.sources),
    )
  }

  /** Forgets the device, and what is kept of it: its keys, its energy, its name, its room, its boost. */
  forget(serial: string): void {
    this.#file.transaction(() => {
      this.#file.run('DELETE FROM devices WHERE serial = ?', serial)
      this.#file.run('DELETE FROM device_keys WHERE serial = ?', serial)
      this.#file.run('DELETE FROM energy WHERE serial = ?', serial)
      this.#file.run('DELETE FROM given_names WHERE serial = ?', serial)
      this.#file.run('DELETE FROM device_rooms WHERE serial = ?', serial)
      this.#file.run('DELETE FROM house_devices WHERE serial = ?', serial)
      this.#file.run('DELETE FROM boosts WHERE serial = ?', serial)
      this.#file.outdated()
    })
  }
}

function numbers(json: string): Record<string, number> {
  const value = parseJson(json)
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  )
}

function strings(json: string): string[] {
  const value = parseJson(json)
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
