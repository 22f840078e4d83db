import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Ending, SessionRecord, SessionStore, TokenHashes, UserStore } from './ports.ts'

type NewSession = Parameters<SessionStore['add']>[0]

interface Spare {
  readonly record: SessionRecord
  readonly family: Buffer
  readonly hashes: TokenHashes
  /** Hash of the password at that time: a changed password ends the session, whoever changed it. */
  readonly password: string | null
}

export interface SpareSessionsOptions {
  readonly store: SessionStore
  readonly users: Pick<UserStore, 'get'>
  readonly clock: Clock
  readonly logger: Logger
}

/** The same limit per user as in the store. */
const MOST = 100

/**
 * Sessions in the store, or in memory while the store can't be written: a full disk must not keep out people who want
 * to see what is wrong or who heat with the page. Sessions in memory end with the process.
 */
export class SpareSessions implements SessionStore {
  readonly #options: SpareSessionsOptions
  /** Entries here take precedence over the store's with the same id. */
  readonly #spare = new Map<string, Spare>()
  /** Ended while the store could not forget them. */
  readonly #ended = new Map<string, Ending>()
  #failing = false

  constructor(options: SpareSessionsOptions) {
    this.#options = options
  }

  list(): SessionRecord[] {
    const own = [...this.#spare.values()].flatMap((spare) => this.#alive(spare) ?? [])
    return [...own, ...this.#options.store.list().filter(({ id }) => this.#isStored(id))]
  }

  get(id: string): SessionRecord | undefined {
    const spare = this.#spare.get(id)
    if (spare) return this.#alive(spare)
    return this.#isStored(id) ? this.#options.store.get(id) : undefined
  }

  byAccess(hash: Buffer): SessionRecord | undefined {
    for (const spare of this.#spare.values()) {
      if (spare.hashes.access.equals(hash)) return this.#alive(spare)
    }
    const stored = this.#options.store.byAccess(hash)
    return stored && this.#isStored(stored.id) ? stored : undefined
  }

  add(session: NewSession, family: Buffer, hashes: TokenHashes): void {
    this.#try(
      () => this.#options.store.add(session, family, hashes),
      () => {
        const now = this.#options.clock.now()
        const user = this.#options.users.get(session.userId)
        const { name: userName = '', password = null, passwordMade = false, role = 'look' } = user ?? {}
        const { accessExpires, expires } = hashes
        const { stays = true } = session
        const record = {
          ...session,
          userName,
          passwordMade,
          role,
          created: now,
          lastUsed: now,
          expires,
          accessExpires,
          stays,
        }
        this.#keep({ record, family, hashes, password })
      },
    )
  }

  refreshHashes(id: string): { readonly family: Buffer; readonly refresh: Buffer } | undefined {
    const spare = this.#spare.get(id)
    if (spare) return this.#alive(spare) ? { family: spare.family, refresh: spare.hashes.refresh } : undefined
    return this.#isStored(id) ? this.#options.store.refreshHashes(id) : undefined
  }

  rotate(id: string, old: Buffer, hashes: TokenHashes, from: { address: string; userAgent: string }): boolean {
    const { store } = this.#options
    const inMemory = () => {
      const record = this.get(id)
      const password = (record && this.#options.users.get(record.userId)?.password) ?? null
      const held = this.refreshHashes(id)
      if (!record || !held?.refresh.equals(old)) return false
      const { accessExpires, expires } = hashes
      const lastUsed = this.#options.clock.now()
      const { family } = held
      this.#keep({ record: { ...record, ...from, lastUsed, accessExpires, expires }, family, hashes, password })
      return true
    }
    if (this.#spare.has(id)) return inMemory()
    return this.#try(() => store.rotate(id, old, hashes, from), inMemory)
  }

  endingOf(id: string): ReturnType<SessionStore['endingOf']> {
    return this.#options.store.endingOf(id)
  }

  remove(id: string, why: Ending): boolean {
    const was = this.get(id) !== undefined
    this.#spare.delete(id)
    const stored = this.#try(
      () => this.#options.store.remove(id, why),
      () => {
        this.#ended.set(id, why)
        return was
      },
    )
    return stored || was
  }

  removeOthers(userId: number, except: string | null, why: Ending): string[] {
    const others = this.list().filter((session) => session.userId === userId && session.id !== except)
    return others.flatMap(({ id }) => (this.remove(id, why) ? [id] : []))
  }

  prune(): void {
    for (const [id, spare] of this.#spare) if (!this.#alive(spare)) this.#spare.delete(id)
    this.#try(
      () => {
        this.#options.store.prune()
        for (const [id, why] of this.#ended) this.#options.store.remove(id, why)
        this.#ended.clear()
      },
      () => undefined,
    )
  }

  /** With the role that the user has now; undefined when it is over. */
  #alive({ record, password }: Spare): SessionRecord | undefined {
    const { id, userId, expires } = record
    if (expires <= this.#options.clock.now() || this.#ended.has(id)) return undefined
    try {
      const user = this.#options.users.get(userId)
      return user && user.password === password ? { ...record, role: user.role } : undefined
    } catch {
      // A store that can't even be read is no reason to end it.
      return record
    }
  }

  #isStored(id: string): boolean {
    return !this.#spare.has(id) && !this.#ended.has(id)
  }

  #keep(spare: Spare): void {
    this.#spare.set(spare.record.id, spare)
    const [oldest] = this.#spare.keys()
    if (this.#spare.size > MOST && oldest !== undefined) this.#spare.delete(oldest)
  }

  /** Runs `work` on the store, or `otherwise` if that fails; the start of a failure is logged. */
  #try<Result>(work: () => Result, otherwise: () => Result): Result {
    try {
      const result = work()
      this.#failing = false
      return result
    } catch (error) {
      // Anything else is a fault in the program and must not be hidden.
      if (!(error instanceof BridgeError)) throw error
      if (!this.#failing) {
        this.#options.logger.error({ err: error }, 'Sessions can’t be stored now; they last until the bridge stops.')
      }
      this.#failing = true
      return otherwise()
    }
  }
}
