/** Daily copies of the database of keys, devices and users, one of which replaces it if it is damaged. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { type Apart, runApart } from '../database/apart.ts'
import { checkWhole } from '../database/copy.ts'
import { reason, stamp, syncFolder, syncNames } from '../database/files.ts'

const FOLDER = 'copies'
/** The name of an incomplete copy. */
const PART = 'unfinished'
const DAY = 24 * 3_600_000
/** Milliseconds after the start, which is busy enough. */
const FIRST_LOOK = 30_000
/** Milliseconds between two checks whether a copy is due. */
const LOOK_EVERY = 3_600_000
/** A week. By number and not by age, which a wrong clock could distort. */
const KEPT = 7
/** Bytes of the header of a database. */
const HEADER = 100
/** Bytes that stay free beside a copy, whatever its size. */
const LEFT_FREE = 64 * 1024 * 1024

const NAME = /^thermo2mqtt-(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3})Z\.db$/

interface Copy {
  readonly path: string
  /** Unix ms of when it was made. */
  readonly at: number
}

/** The newest first. */
export function copiesOf(database: string): Copy[] {
  const folder = join(dirname(database), FOLDER)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => {
      const [, hour, minutes, seconds, ms] = NAME.exec(name) ?? []
      return hour ? [{ path: join(folder, name), at: Date.parse(`${hour}:${minutes}:${seconds}.${ms}Z`) }] : []
    })
    .sort((a, b) => b.at - a.at)
}

/**
 * Replaces a database that was set aside with the newest intact copy, by renaming, which works even on a full disk.
 * @returns when it was made, Unix ms; undefined if there is none
 */
export function takeNewestSound(database: string, newest: number, logger: Logger): number | undefined {
  for (const { path, at } of copiesOf(database)) {
    try {
      const db = new Database(path, { readonly: true, fileMustExist: true })
      try {
        checkWhole(db)
        if (Number(db.pragma('user_version', { simple: true })) > newest) throw new Error('it is of a later version')
      } finally {
        db.close()
      }
      renameSync(path, database)
      syncFolder(dirname(database))
      return at
    } catch (error) {
      logger.warn({ path, reason: reason(error) }, 'A copy of the database is unusable; an older one is tried')
    }
  }
  return undefined
}

/** Whether a database exists that has been truncated to less than its header. */
export function isCutShort(database: string): boolean {
  return existsSync(database) && statSync(database).size < HEADER && copiesOf(database).length > 0
}

export interface DailyCopiesOptions {
  readonly database: string
  readonly clock: Clock
  readonly logger: Logger
  /** The database turned out to be damaged. */
  readonly onDamaged: (code: string) => void
  /** Bytes that are free on the disk of a folder. */
  readonly free?: (folder: string) => Promise<number>
}

/** Makes a copy a day, off the event loop, and checks it completely. It never uses the last free space of a disk. */
export class DailyCopies {
  readonly #options: DailyCopiesOptions
  readonly #folder: string
  #timer: Timer | undefined
  #copier: Apart | undefined
  #work: Promise<void> = Promise.resolve()
  #stopped = false
  #failing = false

  constructor(options: DailyCopiesOptions) {
    this.#options = options
    this.#folder = join(dirname(options.database), FOLDER)
  }

  start(): void {
    this.#lookIn(FIRST_LOOK)
  }

  /** Resolves when no copy is being made. */
  idle(): Promise<void> {
    return this.#work
  }

  /** Ends a copy that is being made. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#copier?.end()
    await this.#work
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { logger } = this.#options
    try {
      if (this.#isDue()) await this.#make()
      if (this.#failing) logger.info('The daily copy of the database is made again')
      this.#failing = false
    } catch (err) {
      if (!this.#failing && !this.#stopped) {
        const message = `The daily copy of ${basename(this.#options.database)} can’t be made (${reason(err)}). Everything else works; the bridge tries again every hour. Check the disk of the data folder.`
        logger.warn({ err }, message)
      }
      this.#failing = true
    }
    if (this.#stopped) return
    this.#lookIn(LOOK_EVERY)
  }

  #lookIn(ms: number): void {
    this.#timer = this.#options.clock.timer(ms, () => {
      this.#work = this.#look()
    })
  }

  /** A copy from the future was made with a wrong clock. */
  #isDue(): boolean {
    const now = this.#options.clock.now()
    const [newest] = copiesOf(this.#options.database).filter(({ at }) => at <= now)
    return !newest || now - newest.at >= DAY
  }

  async #make(): Promise<void> {
    const { database, clock, onDamaged, free = freeBytes } = this.#options
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const part = join(this.#folder, PART)
    this.#clear(part)
    const size = statSync(database).size + (existsSync(`${database}-wal`) ? statSync(`${database}-wal`).size : 0)
    if ((await free(this.#folder)) < 2 * size + LEFT_FREE) throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
    try {
      await this.#copy(database, part)
    } catch (error) {
      this.#clear(part)
      if (/^SQLITE_(CORRUPT|NOTADB)/.test(reason(error))) onDamaged(reason(error))
      throw error
    }
    if (this.#stopped) return
    renameSync(part, join(this.#folder, `thermo2mqtt-${stamp(clock.now())}.db`))
    await syncNames(this.#folder)
    for (const { path } of copiesOf(database).slice(KEPT)) rmSync(path, { force: true })
  }

  /** With the journal that its check may have left. */
  #clear(part: string): void {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(part + suffix, { force: true })
  }

  #copy(from: string, to: string): Promise<void> {
    const copier = runApart('copies/copier', [from, to])
    this.#copier = copier
    return copier.done.finally(() => {
      this.#copier = undefined
    })
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
