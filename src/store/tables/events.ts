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
/**
 * Entries about commands, of which there are many more than of everything else, so they have limits of their own: one device
 * with an automation gone wild pushes out neither its news nor the commands to others.
 */
const COMMANDS = ['command', 'command_failed', 'changed_at_device']
const OF_COMMANDS = `type IN (${COMMANDS.map((type) => `'${type}'`).join(', ')})`
const MAX_COMMANDS_OF_ONE = 300
/** Milliseconds: who set what is of no use after a year, and names people. */
const LONGEST_COMMANDS = 366 * 86_400_000

type Folded = (last: StoredEvent, now: StoredEvent) => StoredEvent | undefined

/** Events, limited per device and in total. All events pass the filter for secrets first. */
export class EventRepository {
  readonly #file: SqliteFile
  readonly #secrets: SecretValues

  constructor(file: SqliteFile, secrets: SecretValues) {
    this.#file = file
    this.#secrets = secrets
  }

  /**
   * In one commit; the oldest make room.
   * @param folded one entry for the newest of a device and the next about it; undefined when they stay apart
   */
  add(events: readonly StoredEvent[], folded: Folded = () => undefined): void {
    if (events.length === 0) return
    this.#file.transaction(() => {
      for (const event of events) this.#fold(event, folded)
      const [commands, news] = [events.filter(isCommand), events.filter((event) => !isCommand(event))]
      for (const serial of serialsOf(commands)) {
        this.#bound(`serial IS ? AND ${OF_COMMANDS}`, MAX_COMMANDS_OF_ONE, serial)
      }
      for (const serial of serialsOf(news)) this.#bound(`serial IS ? AND NOT ${OF_COMMANDS}`, MAX_OF_ONE, serial)
      if (events.some(({ type }) => type === STRANGER)) this.#bound('type = ?', MAX_OF_STRANGERS, STRANGER)
      if (news.length > 0) this.#bound(`NOT ${OF_COMMANDS}`, MAX_ENTRIES)
      const latest = commands.at(-1)
      if (!latest) return
      // By time, for which there is an index: there are commands every minute, and the table may be long.
      const all = `SELECT at FROM events WHERE ${OF_COMMANDS} ORDER BY at DESC LIMIT 1 OFFSET ${MAX_ENTRIES}`
      this.#file.run(`DELETE FROM events WHERE ${OF_COMMANDS} AND at <= (${all})`)
      this.#file.run(`DELETE FROM events WHERE ${OF_COMMANDS} AND at < ?`, latest.at - LONGEST_COMMANDS)
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

  /** A new entry, in place of the newest of the same device if both are one. */
  #fold(event: StoredEvent, folded: Folded): void {
    const [last] = isCommand(event) && event.serial !== null ? this.page(1, null, event.serial) : []
    const both = last && folded(last, event)
    if (both) this.#file.run('DELETE FROM events WHERE id = ?', last.id)
    this.#add(both ?? event)
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

const isCommand = ({ type }: StoredEvent): boolean => COMMANDS.includes(type)

const serialsOf = (events: readonly StoredEvent[]) => new Set(events.map(({ serial }) => serial))
