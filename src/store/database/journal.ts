/**
 * The journal of a database whose commits leave the event loop free. The connection itself never syncs: another thread brings
 * the journal to the disk, and another process takes it into the file. For safety, the journal is never restarted over existing
 * contents: after a power cut, old and new parts could look like a complete journal. So it is emptied first.
 */
import Database from 'better-sqlite3'
import type { Logger } from '../../core/logging/logger.ts'
import { runApart } from './apart.ts'
import { Flush, type SyncFile } from './flush.ts'
import type { StoreHealth } from './health.ts'

/** The size in bytes from which emptying a journal is worthwhile. */
const LARGE = 4 * 1024 * 1024
/**
 * From this size it is emptied even if the event loop has to wait for the disk, since it would grow forever under steady
 * commits.
 */
const TOO_LARGE = 64 * 1024 * 1024

export interface JournalOptions {
  /** Of the database. */
  readonly path: string
  readonly sync: SyncFile | undefined
  readonly health: StoreHealth
  readonly logger: Logger
}

export class Journal {
  readonly #options: JournalOptions
  readonly #flush: Flush
  #db: Database.Database | undefined
  #emptying = false

  constructor(options: JournalOptions) {
    const { path, sync, health } = options
    this.#options = options
    this.#flush = new Flush({
      path: `${path}-wal`,
      sync,
      onFailed: (code) => this.#db?.open && health.failed(code),
      onDone: (size) => {
        health.written()
        if (size > LARGE) void this.#empty(size)
      },
    })
  }

  /** From now on `db` is the committing connection; its commits do not wait for the disk. */
  attach(db: Database.Database): void {
    this.#db = db
    db.pragma('synchronous = OFF')
  }

  /** Call this after a commit. */
  committed(): void {
    this.#flush.committed()
  }

  /** Resolves when every commit until now is on the disk. @throws BridgeError `INTERNAL` */
  settled(): Promise<void> {
    return this.#flush.settled()
  }

  /** Call this before the connection is closed, which may move the journal into the file, with all the necessary waiting. */
  detach(): void {
    try {
      if (this.#db?.open) this.#db.pragma('synchronous = FULL')
    } catch (err) {
      this.#options.logger.warn({ err }, 'The database is closed without waiting for the disk')
    }
    this.#db = undefined
  }

  async #empty(size: number): Promise<void> {
    const db = this.#db
    if (this.#emptying || !db) return
    this.#emptying = true
    try {
      while (db.open && !(await this.#takeIn(db, size > TOO_LARGE)));
    } catch (err) {
      if (db.open) this.#options.logger.warn({ err }, 'The journal of the database can’t be moved into its file')
    } finally {
      this.#emptying = false
    }
  }

  /** @returns false if there were commits meanwhile, so that it must be repeated */
  async #takeIn(db: Database.Database, atOnce: boolean): Promise<boolean> {
    const { commits } = this.#flush
    const reader = readOn(this.#options.path)
    try {
      await runApart('database/checkpointer', [this.#options.path]).done
    } finally {
      reader.close()
    }
    // In the same turn: once the reader is gone, the next commit could restart the journal.
    if (!db.open) return true
    if (this.#flush.commits !== commits && !atOnce) return false
    truncate(db)
    return true
  }
}

/** While the journal is being read, nobody restarts it. */
function readOn(path: string): Database.Database {
  const reader = new Database(path, { fileMustExist: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM sqlite_schema').get()
  return reader
}

/** Waits for the disk only if the journal contains more than was moved into the file, and for no other reader. */
function truncate(db: Database.Database): void {
  const wait = Number(db.pragma('busy_timeout', { simple: true }))
  // Also if another process is still reading: then the journal may be restarted, with one wait for its header.
  db.pragma('synchronous = NORMAL')
  db.pragma('busy_timeout = 0')
  const busy = Number(db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }))
  db.pragma(`busy_timeout = ${wait}`)
  if (busy === 0) db.pragma('synchronous = OFF')
}
