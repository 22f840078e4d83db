/** Backups of the whole store: made while the bridge runs, and restored completely or not at all. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createWriteStream, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { REPLACED } from '../copies/replacement.ts'
import { copyDatabase } from '../database/copy.ts'
import { PRIVATE_FILE, reason, stamp } from '../database/files.ts'
import { MASTER_KEY_BYTES, Vault } from '../secrets/vault.ts'
import type { StoredAuditEntry } from '../tables/audit.ts'
import type { About } from './archive.ts'
import { checkPart, MAIN_PART, PARTS } from './parts.ts'
import { tooLarge, unusable } from './refusals.ts'
import { prepareCopy, reseal } from './snapshot.ts'
import { stage } from './staged.ts'

/** The largest backup, so that an upload can't fill the disk: ten years of a hundred devices are smaller. */
const LARGEST_BACKUP = 2 * 1024 ** 3
/** On the disk when it has ended. */
const NEW_FILE = { flags: 'wx', mode: PRIVATE_FILE, flush: true } as const
/** What its name ends with: an archive, and what opens it. */
const SUFFIX = '.tar.age'
/** Folders for work in progress; their contents can be deleted. */
const WORK = 'transfer-'
/** Milliseconds after which an upload that nobody restores is deleted. */
const UPLOAD_LASTS = 15 * 60_000

export interface BackupsOptions {
  readonly dataDir: string
  readonly vault: Vault
  readonly clock: Clock
  readonly logger: Logger
  /** Version of the bridge. */
  readonly version: string
  /** The work factor of scrypt, as a power of two; only tests use less than recommended. */
  readonly workFactor?: number | undefined
  /** Bytes; only tests take less. */
  readonly largest?: number
}

export interface MadeBackup {
  readonly name: string
  /** Bytes in all. */
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
  /** Deletes it; call this once nobody reads it. Calling it again does nothing. */
  discard(): void
}

export interface UploadedBackup {
  readonly id: string
  readonly size: number
  /** ISO time at which it was made, according to the backup; null if that needs the passphrase. */
  readonly created: string | null
  readonly version: string | null
}

export interface RestoredBackup extends About {
  readonly devices: number
  readonly keys: number
  readonly users: readonly string[]
}

interface Upload {
  readonly id: string
  readonly folder: string
  readonly path: string
  readonly timer: Timer
}

export class Backups {
  readonly #options: BackupsOptions
  #upload: Upload | undefined
  /** The operation in progress. */
  #underWay: object | undefined

  constructor(options: BackupsOptions) {
    this.#options = options
  }

  /** The most bytes of an upload. */
  get largest(): number {
    return this.#options.largest ?? LARGEST_BACKUP
  }

  /** Deletes leftovers of an unclean end. */
  start(): void {
    const { dataDir, logger } = this.#options
    try {
      for (const name of readdirSync(dataDir)) if (name.startsWith(WORK)) remove(join(dataDir, name))
    } catch (err) {
      logger.warn({ err }, 'The leftovers of an unfinished backup or restore can’t be deleted')
    }
  }

  stop(): void {
    this.#drop()
  }

  /**
   * The present store, encrypted with `passphrase`. It is completely on the disk before this resolves, so a slow reader delays
   * nothing.
   * @throws BridgeError `RATE_LIMITED` while another one is made or restored; `INTERNAL` for disk problems
   */
  async make(passphrase: string): Promise<MadeBackup> {
    const release = this.#take()
    const folder = this.#folder()
    const discard = () => {
      remove(folder)
      release()
    }
    try {
      const { stop, ...made } = await this.#make(passphrase, folder)
      return {
        ...made,
        discard: () => {
          stop()
          discard()
        },
      }
    } catch (error) {
      discard()
      throw failure(error)
    }
  }

  async #make(passphrase: string, folder: string) {
    const { dataDir, vault, clock, version, workFactor } = this.#options
    const { packBackup } = await import('./formats.ts')
    const there = new Set(readdirSync(dataDir))
    const key = randomBytes(MASTER_KEY_BYTES)
    const parts: { name: string; bytes: number }[] = []
    for (const { name, main } of PARTS.filter((part) => there.has(part.name))) {
      const copy = join(folder, name)
      await copyDatabase(join(dataDir, name), copy)
      if (main) prepareCopy(copy, vault, new Vault(key))
      parts.push({ name, bytes: statSync(copy).size })
    }
    const created = new Date(clock.now()).toISOString()
    const archive = await packBackup({ created, version, key, folder }, parts, passphrase, workFactor)
    return { ...archive, name: `thermo2mqtt-${stamp(clock.now()).slice(0, 19)}${SUFFIX}` }
  }

  /**
   * Receives a file that claims to be a backup; the previous one is deleted. Nothing in it is trusted yet.
   * @throws BridgeError `BAD_REQUEST` if it is not a backup, incomplete, of a later version or too large; `INTERNAL` for disk
   * problems
   */
  async receive(content: AsyncIterable<Uint8Array>): Promise<UploadedBackup> {
    const release = this.#take()
    const folder = this.#folder()
    const path = join(folder, 'upload')
    try {
      await pipeline(bounded(content, this.largest), createWriteStream(path, NEW_FILE))
      const { lookAt } = await import('./formats.ts')
      const about = await lookAt(path)
      this.#drop()
      const id = randomUUID()
      this.#upload = { id, folder, path, timer: this.#options.clock.timer(UPLOAD_LASTS, () => this.#drop()) }
      return { id, size: statSync(path).size, created: about?.created ?? null, version: about?.version ?? null }
    } catch (error) {
      remove(folder)
      throw failure(error)
    } finally {
      release()
    }
  }

  /**
   * Checks an uploaded backup completely, and makes it replace the store at the next start.
   * @param audit the entry for the audit log of the restored store
   * @throws BridgeError `BAD_REQUEST`, nothing changed; `INTERNAL` for disk problems
   */
  async restore(id: string, passphrase: string, audit: StoredAuditEntry): Promise<RestoredBackup> {
    const upload = this.#upload
    if (!upload || upload.id !== id) {
      throw new BridgeError('BAD_REQUEST', 'There is no such upload, or it has expired. Upload the backup again.')
    }
    const restored = await this.restoreFile(upload.path, passphrase, audit)
    this.#drop()
    return restored
  }

  /** The same with a file on this machine. @throws BridgeError like `restore` */
  async restoreFile(path: string, passphrase: string, audit: StoredAuditEntry): Promise<RestoredBackup> {
    const release = this.#take()
    const folder = this.#folder()
    try {
      const restored = await this.#open(path, passphrase, folder, audit)
      stage(this.#options.dataDir, folder)
      return restored
    } catch (error) {
      remove(folder)
      throw failure(error)
    } finally {
      release()
    }
  }

  async #open(path: string, passphrase: string, folder: string, audit: StoredAuditEntry): Promise<RestoredBackup> {
    const { unpack } = await import('./formats.ts')
    const { created, version, key, parts } = await unpack(path, passphrase, folder)
    if (!parts.includes(MAIN_PART.name)) throw unusable('damaged')
    const counts = { devices: 0, keys: 0, users: [] as string[] }
    for (const part of PARTS.filter(({ name }) => parts.includes(name))) {
      const db = new Database(join(folder, part.name))
      try {
        db.pragma('journal_mode = DELETE')
        db.pragma('synchronous = FULL')
        checkPart(db, part, version)
        if (part.main) Object.assign(counts, this.#adopt(db, new Vault(key), audit))
      } finally {
        db.close()
      }
    }
    return { created, version, ...counts }
  }

  /** Adapts it to this machine: its secrets are sealed with this machine's master key. */
  #adopt(db: Database.Database, opener: Vault, { at, who, via, address, action, target, ...rest }: StoredAuditEntry) {
    db.transaction(() => {
      if (reseal(db, opener, this.#options.vault).damaged > 0) throw unusable('damaged')
      db.prepare('DELETE FROM plain_values WHERE name = ?').run(REPLACED)
      db.prepare(
        'INSERT INTO audit (at, who, via, address, action, target, details, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(at, who, via, address, action, target, rest.details, rest.outcome)
    })()
    const count = (table: string) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0
    const users = db.prepare<[], string>('SELECT name FROM users ORDER BY name').pluck().all()
    return { devices: count('devices'), keys: count('device_keys'), users }
  }

  #folder(): string {
    try {
      return mkdtempSync(join(this.#options.dataDir, WORK))
    } catch (error) {
      throw failure(error)
    }
  }

  #drop(): void {
    this.#upload?.timer.cancel()
    if (this.#upload) remove(this.#upload.folder)
    this.#upload = undefined
  }

  #take(): () => void {
    if (this.#underWay) {
      throw new BridgeError('RATE_LIMITED', 'A backup is being made or restored now. Try again when it is done.', {
        details: { retry_after: 10 },
      })
    }
    const own = {}
    this.#underWay = own
    return () => {
      if (this.#underWay === own) this.#underWay = undefined
    }
  }
}

/** @throws BridgeError `BAD_REQUEST` when there is more than that */
async function* bounded(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > most) throw tooLarge(most)
    yield piece
  }
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** The message for a disk error. */
function failure(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error
  const code = reason(error)
  if (!/^(E[A-Z]+|SQLITE_[A-Z_]+)$/.test(code)) return asBridgeError(error)
  const message = `The backup can't be written or read (${code}). Nothing was changed. Check that the disk of the data folder has free space and is writable.`
  return new BridgeError('INTERNAL', message, { cause: error })
}
