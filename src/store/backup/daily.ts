/** A backup each day, encrypted, in a folder of its own: for a disk of another machine. */
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Clock, Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { PRIVATE_FILE, reason, stamp, syncNames } from '../database/files.ts'
import type { Backups } from './index.ts'

const DAY = 24 * 3_600_000
/** Milliseconds after the start, which is busy enough, and between two looks whether a backup is due. */
const FIRST_LOOK = 10 * 60_000
const LOOK_EVERY = 3_600_000

export interface DailyBackupsOptions {
  readonly backups: Pick<Backups, 'make'>
  /** null: no backup is made by itself. */
  readonly passphrase: string | null
  readonly folder: string
  /** How many are kept; the oldest make room. */
  readonly keep: number
  /** The name of the site, so that several bridges can use one folder; empty without one. */
  readonly site: string
  readonly clock: Clock
  readonly logger: Logger
}

export interface DailyBackupsStatus {
  readonly enabled: boolean
  /** Unix ms of the newest backup in the folder; null if there is none, or it can't be read. */
  readonly last: number | null
  /** Whether the last try has failed. */
  readonly failing: boolean
}

export class DailyBackups {
  readonly #options: DailyBackupsOptions
  readonly #name: RegExp
  #timer: Timer | undefined
  #work: Promise<void> = Promise.resolve()
  #last: number | null = null
  #failing = false
  #stopped = false

  constructor(options: DailyBackupsOptions) {
    this.#options = options
    this.#name = new RegExp(`^${prefixOf(options.site)}(\\d{4}-\\d\\d-\\d\\dT\\d\\d)-(\\d\\d)-(\\d\\d)\\.tar\\.age$`)
  }

  get status(): DailyBackupsStatus {
    return { enabled: this.#options.passphrase !== null, last: this.#last, failing: this.#failing }
  }

  start(): void {
    const { passphrase } = this.#options
    if (passphrase === null) return
    try {
      this.#last = this.#there()[0]?.at ?? null
    } catch {
      // The first look says so, and a folder on another machine may be there by then.
    }
    this.#lookIn(FIRST_LOOK, passphrase)
  }

  /** Resolves when no backup is being made. */
  idle(): Promise<void> {
    return this.#work
  }

  /** Makes no more; one that is being made is abandoned. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #lookIn(ms: number, passphrase: string): void {
    this.#timer = this.#options.clock.timer(ms, () => {
      this.#work = this.#look(passphrase)
    })
  }

  /** Never rejects. */
  async #look(passphrase: string): Promise<void> {
    const { folder, logger } = this.#options
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (this.#isDue()) await this.#make(passphrase)
      if (this.#failing) logger.info('The daily backup is made again.')
      this.#failing = false
    } catch (err) {
      // Somebody is making or restoring one by hand; the next look is soon enough.
      const busy = err instanceof BridgeError && err.code === 'RATE_LIMITED'
      if (!busy && !this.#stopped) this.#failed(err)
    }
    if (!this.#stopped) this.#lookIn(LOOK_EVERY, passphrase)
  }

  #failed(err: unknown): void {
    if (!this.#failing) {
      const why = err instanceof BridgeError ? `. ${err.message}` : ` (${reason(err)}).`
      const message = `The daily backup can't be made in ${this.#options.folder}${why} Everything else works; the bridge tries again every hour. Check that the folder (backup.folder) is there, is writable and has room.`
      this.#options.logger.warn({ err }, message)
    }
    this.#failing = true
  }

  /** A backup from the future was made with a wrong clock. */
  #isDue(): boolean {
    const now = this.#options.clock.now()
    const newest = this.#there().find(({ at }) => at <= now)
    this.#last = newest?.at ?? null
    return !newest || now - newest.at >= DAY
  }

  async #make(passphrase: string): Promise<void> {
    const { backups, clock, folder, keep, site } = this.#options
    const at = clock.now()
    const part = join(folder, `.${prefixOf(site)}unfinished`)
    const made = await backups.make(passphrase)
    try {
      await pipeline(made.content, createWriteStream(part, { mode: PRIVATE_FILE, flush: true }))
      if (this.#stopped) return
      renameSync(part, join(folder, `${prefixOf(site)}${stamp(at).slice(0, 19)}.tar.age`))
    } finally {
      made.discard()
      rmSync(part, { force: true })
    }
    await syncNames(folder)
    this.#last = at
    for (const { name } of this.#there().slice(keep)) rmSync(join(folder, name), { force: true })
  }

  /** The backups of this bridge, the newest first. Nothing else in the folder is ever touched. */
  #there(): { readonly name: string; readonly at: number }[] {
    return readdirSync(this.#options.folder)
      .flatMap((name) => {
        const [, hour, minutes, seconds] = this.#name.exec(name) ?? []
        return hour ? [{ name, at: Date.parse(`${hour}:${minutes}:${seconds}Z`) }] : []
      })
      .sort((a, b) => b.at - a.at)
  }
}

const prefixOf = (site: string): string => `thermo2mqtt-${site === '' ? '' : `${site}-`}`
