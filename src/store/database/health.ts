/** Whether the store takes what it is given, and what is in its way. */
import type { Clock, Timer } from '../../core/clock.ts'
import { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'

/**
 * `full`: no room on the disk. `read_only`: it may not be written. `damaged`: its pages make no sense. `busy`: another
 * process holds it. `failed`: the disk or something else fails.
 */
export type StoreProblem = 'full' | 'read_only' | 'damaged' | 'busy' | 'failed'

/** Milliseconds between two tries to write while nothing can be. */
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
  /** Writes something that needs room; throws when that is impossible. */
  readonly probe: () => void
}

/**
 * Follows failures and successes of a database. While something is wrong it is tried to write every quarter of a minute, so
 * that the end of it is noticed even when nobody writes. Damage stays until the next start, which sets the file aside.
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

  /** Something is on disk. On a full disk a little may still find room where a lot does not: that ends nothing. */
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
