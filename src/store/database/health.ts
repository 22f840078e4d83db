/** Whether the store can be written, and what prevents it. */
import type { Clock, Timer } from '../../core/clock.ts'
import { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'

/**
 * `full`: no space on the disk. `read_only`: it can't be written. `damaged`: its pages are corrupt. `busy`: another process
 * has locked it. `failed`: the disk or something else fails.
 */
export type StoreProblem = 'full' | 'read_only' | 'damaged' | 'busy' | 'failed'

/** Milliseconds between two attempts to write while it fails. */
const TRY_AGAIN = 15_000

const KINDS: readonly (readonly [code: RegExp, problem: StoreProblem])[] = [
  // The last is the index of the journal, which could not be given its size.
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE)/, 'full'],
  [/^(SQLITE_READONLY|SQLITE_PERM|EROFS|EACCES|EPERM)/, 'read_only'],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, 'damaged'],
  [/^(SQLITE_BUSY|SQLITE_LOCKED)/, 'busy'],
]

/** What a code of SQLite or of the system means. */
export function problemOf(code: string): StoreProblem {
  return KINDS.find(([pattern]) => pattern.test(code))?.[1] ?? 'failed'
}

export interface StoreHealthOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Writes something that needs space; throws if that is impossible. */
  readonly probe: () => void
}

/**
 * Tracks failures and successes of a database. While there is a problem, it tries to write every quarter of a minute, so that
 * the end is noticed even if nobody writes. Damage lasts until the next start, which sets the file aside.
 */
export class StoreHealth {
  readonly events: EventBus<{ changed: StoreProblem | null }>
  readonly #options: StoreHealthOptions
  #problem: StoreProblem | null = null
  #timer: Timer | undefined

  constructor(options: StoreHealthOptions) {
    this.#options = options
    const { logger } = options
    this.events = new EventBus((err) => logger.error({ err }, 'A listener to the state of the store failed.'))
  }

  get problem(): StoreProblem | null {
    return this.#problem
  }

  failed(code: string): void {
    const problem = problemOf(code)
    if (this.#problem === 'damaged') return
    this.#timer?.cancel()
    this.#timer = problem === 'damaged' ? undefined : this.#options.clock.timer(TRY_AGAIN, () => this.#tryAgain())
    this.#become(problem)
  }

  /** A write succeeded. On a full disk a small write may succeed where a large one fails, so that does not end the problem. */
  written(): void {
    if (this.#problem !== null && this.#problem !== 'full' && this.#problem !== 'damaged') this.#recover()
  }

  close(): void {
    this.#timer?.cancel()
  }

  #tryAgain(): void {
    try {
      this.#options.probe()
      this.#recover()
    } catch (error) {
      this.failed(error instanceof Error && 'code' in error ? String(error.code) : '')
    }
  }

  #recover(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#become(null)
  }

  #become(problem: StoreProblem | null): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.events.emit('changed', problem)
  }
}
