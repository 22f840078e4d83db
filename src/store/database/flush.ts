/** Flushes commits to the disk while the event loop stays free, and tells when they are there. */
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BridgeError } from '../../core/errors.ts'
import { reason, syncNames } from './files.ts'

/** Flushes a journal to the disk. Resolves with its size in bytes. Only tests replace it. */
export type SyncFile = (path: string) => Promise<number>

export interface FlushOptions {
  /** The journal: with it every commit is on the disk. */
  readonly path: string
  readonly sync?: SyncFile | undefined
  readonly onFailed: (code: string) => void
  /** Gets the size of the journal in bytes. */
  readonly onDone: (size: number) => void
}

export class Flush {
  readonly #options: FlushOptions
  readonly #sync: SyncFile
  #commits = 0
  /** How many of them are on the disk. */
  #done = 0
  #running: Promise<void> | undefined

  constructor(options: FlushOptions) {
    this.#options = options
    this.#sync = options.sync ?? journalSync()
  }

  /** How many there were. */
  get commits(): number {
    return this.#commits
  }

  /** Call this after a commit; its flush has started when this returns. */
  committed(): void {
    this.#commits++
    // Errors go to `onFailed` and to those who wait.
    this.settled().catch(() => undefined)
  }

  /** Resolves when every commit until now is on the disk. @throws BridgeError `INTERNAL` */
  async settled(): Promise<void> {
    const wanted = this.#commits
    while (this.#done < wanted) await this.#run()
  }

  #run(): Promise<void> {
    this.#running ??= this.#once().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #once(): Promise<void> {
    const { path, onFailed, onDone } = this.#options
    const upTo = this.#commits
    try {
      const size = await this.#sync(path)
      this.#done = upTo
      onDone(size)
    } catch (error) {
      onFailed(reason(error))
      throw new BridgeError('INTERNAL', `The disk does not accept the data to be saved (${reason(error)}).`, {
        cause: error,
      })
    }
  }
}

/** SQLite does not lock journals, so one may be opened and closed separately. */
function journalSync(): SyncFile {
  /** The journal whose directory entry is on the disk too; that needs one wait. */
  let named: number | undefined
  return async (path) => {
    try {
      const journal = await open(path, 'r')
      try {
        await journal.datasync()
        const { ino, size } = await journal.stat()
        if (ino !== named) await syncNames(dirname(path))
        named = ino
        return size
      } finally {
        await journal.close()
      }
    } catch (error) {
      // The last process to close the database has moved it into the file, and waited for that.
      if (reason(error) === 'ENOENT') return 0
      throw error
    }
  }
}
