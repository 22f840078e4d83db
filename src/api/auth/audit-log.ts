import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { AuditEntry, AuditStore } from './ports.ts'

/** Entries are written together, at the latest after this time: each commit waits for the disk. */
const FLUSH_MS = 500
/** More than this wait only if the store can't be written. */
const MAX_WAITING = 500
const MAX_TEXT = 1_000

export interface AuditLogOptions {
  readonly store: AuditStore
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Who did what. A store that can't be written is reported in the log, and keeps nobody from controlling thermostats.
 */
export class AuditLog {
  readonly #store: AuditStore
  readonly #clock: Clock
  readonly #logger: Logger
  #waiting: AuditEntry[] = []
  #timer: Timer | undefined
  #writable = true

  constructor({ store, clock, logger }: AuditLogOptions) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
  }

  record(entry: Omit<AuditEntry, 'at'>): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift()
    const details = entry.details === null ? null : entry.details.slice(0, MAX_TEXT)
    this.#waiting.push({ ...entry, details, at: this.#clock.now() })
    this.#timer ??= this.#clock.timer(FLUSH_MS, () => this.flush())
  }

  /** The newest first, with an id below `before` when there is one. */
  page(limit: number, before: number | null): (AuditEntry & { readonly id: number })[] {
    this.flush()
    return this.#store.page(limit, before)
  }

  /** Writes what waits. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    try {
      this.#store.add(this.#waiting)
      this.#waiting = []
      this.#writable = true
    } catch (error) {
      if (this.#writable)
        this.#logger.error({ err: error }, 'the audit log can’t be written; the bridge will try again')
      this.#writable = false
    }
  }
}
