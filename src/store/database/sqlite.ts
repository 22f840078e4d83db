import { closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { BUSY_MS, connect, SUSPECT } from './connection.ts'
import { PRIVATE_FILE, reason } from './files.ts'
import type { SyncFile } from './flush.ts'
import { StoreHealth } from './health.ts'
import { Journal } from './journal.ts'
import { MIGRATIONS } from './migrations.ts'

export type SqlValue = string | number | null | Buffer

/** The contents of a database, for opening it and for messages if that fails. */
export interface SqliteContent {
  /** One step per entry; `user_version` of the file is how many it has had. It makes the table `room`. */
  readonly migrations: readonly string[]
  /** The consequence if the file can't be opened. */
  readonly without: string
  /** The consequence if a new one was created. */
  readonly lost: string
  /** Whether it is copied daily, so that a copy can replace it. */
  readonly copied?: boolean
}

export interface SqliteOptions {
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Default: the database of keys, devices and users. */
  readonly content?: SqliteContent
  /**
   * Whether to open a file that can be read but not written: as a read-only copy in memory, which the file replaces once it
   * can be written.
   */
  readonly evenUnwritable?: boolean | undefined
  /** Whether commits do not block the event loop: they are on the disk when `durable` says so, not when they return. */
  readonly free?: boolean | undefined
  /** Only tests replace it. */
  readonly sync?: SyncFile | undefined
}

export const MAIN: SqliteContent = {
  migrations: MIGRATIONS,
  without: 'The bridge can’t store keys without it.',
  lost: 'Keys and tokens are fetched again at the next sign-in, and devices are found again.',
  copied: true,
}

/** After one wait without success, further attempts must not block the loop. */
const BUSY_STILL_MS = 20
/** Bytes that must fit before a full disk no longer counts as full. */
const ROOM = 64 * 1024

/** One SQLite file. Statements are prepared once; every failure becomes a `BridgeError` of code `INTERNAL`. */
export class SqliteFile {
  readonly path: string
  readonly health: StoreHealth
  readonly #options: SqliteOptions
  readonly #statements = new Map<string, Database.Statement<SqlValue[]>>()
  #db: Database.Database
  /** Undefined if commits wait for the disk. */
  readonly #journal: Journal | undefined
  #generation = 0
  /** SQLite's counter of changes by others, read in this turn of the event loop. */
  #others: number | undefined
  #othersBefore = 0
  /** Why a copy is used instead of the file. */
  #unwritable: string | undefined

  /** @param unwritable why `db` is a read-only copy; absent if it is the file itself */
  constructor(options: SqliteOptions, db: Database.Database, unwritable?: string) {
    const { path, clock, logger } = options
    this.path = path
    this.#options = options
    this.#db = db
    this.#unwritable = unwritable
    this.health = new StoreHealth({ clock, logger, probe: () => this.#probe() })
    if (options.free) this.#journal = new Journal({ path, sync: options.sync, health: this.health, logger })
    if (unwritable === undefined) this.#journal?.attach(db)
    this.health.events.on('changed', (problem) => {
      if (problem === 'damaged') this.#suspect(logger)
      if (this.#db.open) this.#db.pragma(`busy_timeout = ${problem === 'busy' ? BUSY_STILL_MS : BUSY_MS}`)
    })
    if (unwritable !== undefined) this.health.failed(unwritable)
  }

  /** False from a failure until it can be written again; meanwhile, data may come from memory. */
  get sound(): boolean {
    return this.health.problem === null && this.#db.open
  }

  /**
   * A number that changes whenever earlier data may be outdated: another process has written, or a write here was rolled back.
   * Read once per turn of the event loop.
   */
  get generation(): number {
    if (this.#others === undefined) {
      this.#others = this.#guard(() => Number(this.#db.pragma('data_version', { simple: true })))
      setImmediate(() => {
        this.#others = undefined
      }).unref()
      if (this.#others !== this.#othersBefore) this.outdated()
      this.#othersBefore = this.#others
    }
    return this.#generation
  }

  /** Data read before is outdated. */
  outdated(): void {
    this.#generation++
  }

  /** Bytes of the database, free pages in it included; its journal is not counted. @throws BridgeError `INTERNAL` */
  get size(): number {
    const [pages, bytes] = this.#guard(() =>
      ['page_count', 'page_size'].map((name) => Number(this.#db.pragma(name, { simple: true }))),
    )
    return (pages ?? 0) * (bytes ?? 0)
  }

  /** Runs a statement that gives no rows. Returns how many it has changed. */
  run(sql: string, ...values: SqlValue[]): number {
    const { changes } = this.#guard(() => this.#statement(sql).run(...values))
    this.#written()
    return changes
  }

  /** The rows; the schema and the statement guarantee their shape `Row`. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as Row[])
  }

  /** The same, each row as the list of its columns: for thousands of rows, since an object for each takes longer. */
  lists<Row extends readonly unknown[]>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guard(() => {
      const statement = this.#statement(sql).raw()
      try {
        return statement.all(...values) as unknown as Row[]
      } finally {
        statement.raw(false)
      }
    })
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.all<Row>(sql, ...values)[0]
  }

  /** Resolves when everything that was committed until now is on the disk. @throws BridgeError `INTERNAL` */
  async durable(): Promise<void> {
    await this.#journal?.settled()
  }

  /** Does all of `work` or nothing; on disk when this returns, or when `durable` says so. */
  transaction<Result>(work: () => Result): Result {
    try {
      const result = this.#guard(() => this.#db.transaction(work).immediate())
      this.#written()
      return result
    } catch (error) {
      this.outdated()
      throw error
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.health.close()
    this.#journal?.detach()
    this.#db.close()
  }

  #statement(sql: string): Database.Statement<SqlValue[]> {
    const statement = this.#statements.get(sql) ?? this.#db.prepare<SqlValue[]>(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Within a transaction it is not on disk yet. */
  #written(): void {
    if (this.#db.inTransaction) return
    if (this.#journal) this.#journal.committed()
    else this.health.written()
  }

  /** Each in its own commit: within a single transaction no disk space would be needed. */
  #probe(): void {
    if (!this.#db.open) return
    if (this.#unwritable !== undefined) this.#takePlace()
    this.#db.exec('CREATE TABLE IF NOT EXISTS room (filler BLOB NOT NULL) STRICT')
    this.#statement(`INSERT INTO room (filler) VALUES (zeroblob(${ROOM}))`).run()
    this.#statement('DELETE FROM room').run()
  }

  /** Switches from the copy back to the file. Throws while it can't be written. */
  #takePlace(): void {
    const db = connect(placeOf(this.#options), this.#options.logger)
    this.#db.close()
    this.#statements.clear()
    this.#db = db
    this.outdated()
    this.#journal?.attach(db)
    this.#unwritable = undefined
  }

  #suspect(logger: Logger): void {
    try {
      closeSync(openSync(this.path + SUSPECT, 'w', PRIVATE_FILE))
    } catch (error) {
      logger.warn({ err: error }, 'The next start can’t be told to check the whole database')
    }
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Database.SqliteError) && this.#db.open) throw error
      if (this.#db.open) this.health.failed(this.#unwritable ?? reason(error))
      throw new BridgeError(
        'INTERNAL',
        `The database ${this.path} can’t be used (${reason(error)}). The new data was not saved. Check that its disk has free space, is writable and works.`,
        { cause: error },
      )
    }
  }
}

export const placeOf = ({ path, content = MAIN }: SqliteOptions) => ({ path, migrations: content.migrations })
