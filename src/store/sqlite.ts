import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { ensurePrivateFile, PRIVATE_FILE, reason, stamp } from './files.ts'
import { StoreHealth } from './health.ts'
import { MIGRATIONS } from './migrations.ts'

export type SqlValue = string | number | null | Buffer

/** What a database holds, for whoever opens it and for the words when that fails. */
export interface SqliteContent {
  /** One step per entry; `user_version` of the file is how many it has had. It makes the table `room`. */
  readonly migrations: readonly string[]
  /** What it means that the file can't be opened. */
  readonly without: string
  /** What it means that a new one was begun. */
  readonly lost: string
}

export interface SqliteOptions {
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Default: the database of keys, devices and users. */
  readonly content?: SqliteContent
}

const MAIN: SqliteContent = {
  migrations: MIGRATIONS,
  without: 'The bridge cannot keep keys without it.',
  lost: 'Keys and tokens are fetched anew at the next sign-in, devices are found again.',
}

/** Another process on the same file (`thermo2mqtt login`) is waited for at most this long; the loop stands still meanwhile. */
const BUSY_MS = 1_000
/** Once it has been waited for in vain, the loop must not stand still for each further try. */
const BUSY_STILL_MS = 20
/** Bytes that have to find room before a full disk counts as one no longer. */
const ROOM = 64 * 1024
/** Up to here a whole check at the start costs less than about 10 ms. */
const CHECKED_BYTES = 4 * 1024 * 1024
/** What a file is called beside a database that was found damaged while it was in use: the next start looks at all of it. */
const SUSPECT = '.damaged'
const UNUSABLE: ReadonlySet<string> = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

/** One SQLite file. Statements are prepared once; every failure leaves as a `BridgeError` of code `INTERNAL`. */
export class SqliteFile {
  readonly path: string
  readonly health: StoreHealth
  readonly #db: Database.Database
  readonly #statements = new Map<string, Database.Statement<SqlValue[]>>()

  constructor({ path, clock, logger }: SqliteOptions, db: Database.Database) {
    this.path = path
    this.#db = db
    this.health = new StoreHealth({ clock, logger, probe: () => this.#probe() })
    this.health.events.on('changed', (problem) => {
      if (problem === 'damaged') this.#suspect(logger)
      if (db.open) db.pragma(`busy_timeout = ${problem === 'busy' ? BUSY_STILL_MS : BUSY_MS}`)
    })
  }

  /** False from a failure on until it can be written again: what can be read may come from memory. */
  get sound(): boolean {
    return this.health.problem === null && this.#db.open
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

  /** The rows, whose shape `Row` the schema and the statement vouch for. */
  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as Row[])
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.all<Row>(sql, ...values)[0]
  }

  /** All of `work` or nothing of it, on disk when this returns. */
  transaction<Result>(work: () => Result): Result {
    const result = this.#guard(() => this.#db.transaction(work).immediate())
    this.#written()
    return result
  }

  /** Safe to call twice. */
  close(): void {
    this.health.close()
    this.#db.close()
  }

  #statement(sql: string): Database.Statement<SqlValue[]> {
    const statement = this.#statements.get(sql) ?? this.#db.prepare<SqlValue[]>(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Within a transaction it is not on disk yet. */
  #written(): void {
    if (!this.#db.inTransaction) this.health.written()
  }

  /** In a commit of its own each: what never leaves a transaction never asks the disk for room. */
  #probe(): void {
    if (!this.#db.open) return
    this.#db.exec('CREATE TABLE IF NOT EXISTS room (filler BLOB NOT NULL) STRICT')
    this.#statement(`INSERT INTO room (filler) VALUES (zeroblob(${ROOM}))`).run()
    this.#statement('DELETE FROM room').run()
  }

  #suspect(logger: Logger): void {
    try {
      closeSync(openSync(this.path + SUSPECT, 'w', PRIVATE_FILE))
    } catch (error) {
      logger.warn({ err: error }, 'The next start cannot be told to look at the whole database')
    }
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Database.SqliteError) && this.#db.open) throw error
      if (this.#db.open) this.health.failed(reason(error))
      throw new BridgeError(
        'INTERNAL',
        `The database ${this.path} cannot be used (${reason(error)}). What was to be remembered now is not. Check that its disk has room, is writable and sound.`,
        { cause: error },
      )
    }
  }
}

/**
 * Opens the database, bringing it to the newest schema.
 *
 * A file that is no database or is damaged is renamed (with its journal) to `….corrupt-<time>`, never deleted, and a new
 * one is begun: everything in it can be had again from the clouds and the devices, and a thermostat bridge that refuses
 * to start after a power cut helps nobody.
 *
 * @throws BridgeError `INTERNAL` when the file was written by a later version of the bridge, or cannot be opened.
 */
export function openSqlite(options: SqliteOptions): SqliteFile {
  try {
    return new SqliteFile(options, connect(options))
  } catch (error) {
    if (error instanceof BridgeError) throw error
    if (!UNUSABLE.has(reason(error).replace(/^(SQLITE_CORRUPT)_.*/, '$1'))) throw cannotOpen(options, error)
    moveAside(options, error)
  }
  try {
    return new SqliteFile(options, connect(options))
  } catch (error) {
    throw cannotOpen(options, error)
  }
}

function connect({ path, logger, content = MAIN }: SqliteOptions): Database.Database {
  ensurePrivateFile(path, logger)
  const db = new Database(path, { timeout: BUSY_MS })
  try {
    // With WAL, FULL is what makes a commit survive a power cut; NORMAL would only survive a crash of the process.
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    if (statSync(path).size <= CHECKED_BYTES || existsSync(path + SUSPECT)) check(db)
    rmSync(path + SUSPECT, { force: true })
    migrate(db, path, content.migrations)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function check(db: Database.Database): void {
  const answer = db.pragma('quick_check(1)', { simple: true })
  if (answer !== 'ok') throw new Database.SqliteError(String(answer), 'SQLITE_CORRUPT')
}

function migrate(db: Database.Database, path: string, migrations: readonly string[]): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version === migrations.length) return
  db.transaction(() => {
    // Read again under the write lock: another process may have migrated meanwhile.
    const from = Number(db.pragma('user_version', { simple: true }))
    if (from > migrations.length) throw tooNew(path, from, migrations.length)
    for (const step of migrations.slice(from)) db.exec(step)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}

function tooNew(path: string, version: number, known: number): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The database ${path} was written by a later version of thermo2mqtt (schema ${version}, this one knows ${known}). Nothing was changed. Install that version again, or restore the data folder from before the update.`,
    { details: { path, schema: version, known } },
  )
}

function cannotOpen({ path, content = MAIN }: SqliteOptions, cause: unknown): BridgeError {
  return new BridgeError(
    'INTERNAL',
    `The database ${path} cannot be opened (${reason(cause)}). ${content.without} Check that its folder is there and writable for the user of the bridge.`,
    { cause },
  )
}

function moveAside({ path, clock, logger, content = MAIN }: SqliteOptions, cause: unknown): void {
  const aside = `${path}.corrupt-${stamp(clock.now())}`
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(path + part)) renameSync(path + part, aside + part)
  }
  logger.error(
    { path, aside, reason: reason(cause) },
    `The database is damaged and was set aside; a new one was begun. ${content.lost} To try a repair: sqlite3 <file> .recover`,
  )
}
