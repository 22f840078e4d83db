import { isObject, parseJson } from '../../core/json.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile, SqlValue } from '../database/sqlite.ts'

/** Something that happened, to a device or to the bridge as a whole. */
export interface StoredEvent {
  /** Unix ms. */
  readonly at: number
  readonly type: string
  /** null if it concerns no device. */
  readonly serial: string | null
  readonly account: string | null
  readonly message: string
  readonly details: Readonly<Record<string, unknown>> | null
}

interface Row extends Omit<StoredEvent, 'details'> {
  readonly id: number
  readonly details: string | null
}

const COLUMNS = 'at, type, serial, account, message, details'
/** The limit for unconfirmed devices: anybody can cause these events. */
const STRANGER = 'device_unconfirmed'
const MAX_OF_STRANGERS = 100
/** The limit per device: years for an ordinary device; one with a loose contact loses only its own older events. */
const MAX_OF_ONE = 500
const MAX_ENTRIES = 20_000

/** Events, limited per device and in total. All events pass the filter for secrets first. */
export class EventRepository {
  readonly #file: SqliteFile
  readonly #secrets: SecretValues

  constructor(file: SqliteFile, secrets: SecretValues) {
    this.#file = file
    this.#secrets = secrets
  }

  /** In one commit; the oldest make room. */
  add(events: readonly StoredEvent[]): void {
    if (events.length === 0) return
    this.#file.transaction(() => {
      for (const event of events) this.#add(event)
      for (const serial of new Set(events.map((event) => event.serial))) {
        this.#bound('serial IS ?', MAX_OF_ONE, serial)
      }
      if (events.some(({ type }) => type === STRANGER)) this.#bound('type = ?', MAX_OF_STRANGERS, STRANGER)
      this.#bound('1', MAX_ENTRIES)
    })
  }

  /** The newest first, only those with an id below `before`; of one device, or all events. */
  page(limit: number, before: number | null, serial?: string): (StoredEvent & { readonly id: number })[] {
    const below = before ?? Number.MAX_SAFE_INTEGER
    const where = serial === undefined ? '' : 'serial = ? AND'
    const sql = `SELECT id, ${COLUMNS} FROM events WHERE ${where} id < ? ORDER BY id DESC LIMIT ?`
    const of = serial === undefined ? [] : [serial]
    return this.#file.all<Row>(sql, ...of, below, limit).map(({ details, ...row }) => {
      const parsed = details === null ? null : parseJson(details)
      return { ...row, details: isObject(parsed) ? parsed : null }
    })
  }

  /** For each fault of a device, whether its last event says that it has begun. */
  faultsTold(serial: string): ReadonlyMap<string, boolean> {
    const sql = `SELECT type, details ->> 'fault' AS fault FROM events
      WHERE serial = ? AND type IN ('fault_began', 'fault_ended') ORDER BY id`
    const rows = this.#file.all<{ readonly type: string; readonly fault: string | null }>(sql, serial)
    return new Map(rows.flatMap(({ type, fault }) => (fault === null ? [] : [[fault, type === 'fault_began']])))
  }

  /** Whether the last event about a device's availability says that it is offline. */
  offlineTold(serial: string): boolean {
    const sql = `SELECT type FROM events WHERE serial = ? AND type IN ('device_online', 'device_offline')
      ORDER BY id DESC LIMIT 1`
    return this.#file.all<{ readonly type: string }>(sql, serial)[0]?.type === 'device_offline'
  }

  /** The kinds of findings about a device whose last event says that they have begun. */
  findingsTold(serial: string): readonly string[] {
    const sql = `SELECT type, details ->> 'finding' AS finding FROM events
      WHERE serial = ? AND type IN ('finding_began', 'finding_ended') ORDER BY id`
    const rows = this.#file.all<{ readonly type: string; readonly finding: string | null }>(sql, serial)
    const last = new Map(rows.map(({ type, finding }) => [finding, type]))
    return [...last].flatMap(([finding, type]) => (finding !== null && type === 'finding_began' ? [finding] : []))
  }

  /** Events since a time about devices that are heard but could not be confirmed, unless they were found later. */
  unconfirmedTold(since: number): readonly string[] {
    const sql = `SELECT message, MAX(id) FROM events told WHERE type = ? AND at >= ? AND NOT EXISTS
      (SELECT 1 FROM events WHERE serial = told.serial AND id > told.id AND type IN ('device_found', 'address_changed'))
      GROUP BY serial, details ->> 'host' ORDER BY 2 DESC`
    return this.#file.all<{ readonly message: string }>(sql, STRANGER, since).map(({ message }) => message)
  }

  #add({ at, type, serial, account, message, details }: StoredEvent): void {
    this.#file.run(
      `INSERT INTO events (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
      ...[at, type, serial, account, this.#secrets.scrub(message)],
      details && this.#secrets.scrub(JSON.stringify(details)),
    )
  }

  #bound(of: string, max: number, ...values: SqlValue[]): void {
    this.#file.run(
      `DELETE FROM events WHERE ${of} AND id <= (SELECT id FROM events WHERE ${of} ORDER BY id DESC LIMIT 1 OFFSET ${max})`,
      ...[...values, ...values],
    )
  }
}
