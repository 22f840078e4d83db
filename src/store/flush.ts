/** Brings commits to the disk while the event loop is free, and says when they are there. */
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BridgeError } from '../core/errors.ts'
import { reason } from './files.ts'

/** Bytes of a journal from which on it is worth while to empty it. */
const LARGE = 4 * 1024 * 1024

/** Brings what stands in a journal to the disk. Resolves with its bytes. Only tests take another one. */
export type SyncFile = (path: string) => Promise<number>

export interface FlushOptions {
  /** The journal: with it every commit is on the disk. */
  readonly path: string
  readonly sync?: SyncFile | undefined
  readonly onFailed: (code: string) => void
  readonly onDone: () => void
  readonly onLarge: () => void
}

export class Flush {
  readonly #options: FlushOptions
  #commits = 0
  /** How many of them are on the disk. */
  #done = 0
  #running: Promise<void> | undefined

  constructor(options: FlushOptions) {
    this.#options = options
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
    this.#running ??= this.#sync().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #sync(): Promise<void> {
    const { path, sync = syncJournal, onFailed, onDone, onLarge } = this.#options
    const upTo = this.#commits
    try {
      const size = await sync(path)
      this.#done = upTo
      onDone()
      if (size > LARGE) onLarge()
    } catch (error) {
      onFailed(reason(error))
      throw new BridgeError('INTERNAL', `The disk does not take what is to be remembered (${reason(error)}).`, {
        cause: error,
      })
    }
  }
}

/** Journals are no files that SQLite locks, so that one may be opened and closed beside it. */
async function syncJournal(path: string): Promise<number> {
  try {
    const journal = await open(path, 'r')
    try {
      await journal.datasync()
      // Its name has to be on the disk as well.
      const folder = await open(dirname(path), 'r')
      await folder.sync().finally(() => folder.close())
      return (await journal.stat()).size
    } finally {
      await journal.close()
    }
  } catch (error) {
    // Whoever closed the database last has taken it into the file, and waited for that.
    if (reason(error) === 'ENOENT') return 0
    throw error
  }
}
