/** Brings commits to the disk while the event loop is free, and says when they are there. */
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BridgeError } from '../../core/errors.ts'
import { reason, syncNames } from './files.ts'

/** Brings what stands in a journal to the disk. Resolves with its bytes. Only tests take another one. */
export type SyncFile = (path: string) => Promise<number>

export interface FlushOptions {
  /** The journal: with it every commit is on the disk. */
  readonly path: string
  readonly sync?: SyncFile | undefined
  readonly onFailed: (code: string) => void
  /** Hears of the bytes of the journal. */
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

  /** There is another commit. It is on its way to the disk when this returns. */
  committed(): void {
    this.#commits++
    // What goes wrong is told by `onFailed`, and to whoever waits.
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
      throw new BridgeError('INTERNAL', `The disk does not take what is to be remembered (${reason(error)}).`, {
        cause: error,
      })
    }
  }
}

/** Journals are no files that SQLite locks, so that one may be opened and closed beside it. */
function journalSync(): SyncFile {
  /** The journal whose name is on the disk as well: that is waited for once. */
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
      // Whoever closed the database last has taken it into the file, and waited for that.
      if (reason(error) === 'ENOENT') return 0
      throw error
    }
  }
}
