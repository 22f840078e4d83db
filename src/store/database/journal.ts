/**
 * The journal of a database whose commits leave the event loop free. The connection itself never syncs: a thread brings the
 * journal to the disk and takes it into the file. For that to be safe, the journal is never begun anew over what stands in it,
 * since after a power cut old and new could stand in it side by side, and pass for whole: it is emptied first.
 */
import Database from 'better-sqlite3'
import type { Logger } from '../../core/logging/logger.ts'
import { Flush, type SyncFile } from './flush.ts'
import type { StoreHealth } from './health.ts'
import { runThread } from './thread.ts'

/** Bytes of a journal from which on it is worth while to empty it. */
const LARGE = 4 * 1024 * 1024
/** From here on it is emptied even if the loop has to wait for the disk, since it would grow for ever under steady commits. */
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

  /** From now on `db` is the connection that commits, none of which waits for the disk. */
  attach(db: Database.Database): void {
    this.#db = db
    db.pragma('synchronous = OFF')
  }

  /** There is another commit. */
  committed(): void {
    this.#flush.committed()
  }

  /** Resolves when every commit until now is on the disk. @throws BridgeError `INTERNAL` */
  settled(): Promise<void> {
    return this.#flush.settled()
  }

  /** To be called before the connection is closed, which may take the journal into the file: with every wait that this needs. */
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
      if (db.open) this.#options.logger.warn({ err }, 'The journal of the database cannot be taken into it')
    } finally {
      this.#emptying = false
    }
  }

  /** @returns false when there were commits meanwhile, so that it is to be done once more */
  async #takeIn(db: Database.Database, atOnce: boolean): Promise<boolean> {
    const { commits } = this.#flush
    const reader = readOn(this.#options.path)
    try {
      await runThread('database/checkpointer', this.#options.path).done
    } finally {
      reader.close()
    }
    // In the same turn: with the reader gone, the next commit could begin the journal anew.
    if (!db.open) return true
    if (this.#flush.commits !== commits && !atOnce) return false
    truncate(db)
    return true
  }
}

/** While somebody reads the journal nobody begins it anew. */
function readOn(path: string): Database.Database {
  const reader = new Database(path, { fileMustExist: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM sqlite_schema').get()
  return reader
}

/** Waits for the disk only if there is more in the journal than the thread has taken, and for no other reader. */
function truncate(db: Database.Database): void {
  const wait = Number(db.pragma('busy_timeout', { simple: true }))
  // Also for what follows if somebody else still reads: then the journal may be begun anew, with the one wait for its header.
  db.pragma('synchronous = NORMAL')
  db.pragma('busy_timeout = 0')
  const busy = Number(db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }))
  db.pragma(`busy_timeout = ${wait}`)
  if (busy === 0) db.pragma('synchronous = OFF')
}
