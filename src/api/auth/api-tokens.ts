import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { isVisible } from '../../core/visible.ts'
import { COMMAND_LINE, hashOf, newId, newToken, OF_INGRESS } from './credentials/tokens.ts'
import { type ApiTokenRecord, type ApiTokenStore, type Role, type Scope, type UserStore, within } from './ports.ts'

/** How often the last use is written at most: a program may call every second, and each write wears the disk. */
const LAST_USED_MS = 60_000
const MAX_TOKENS = 200

export interface NewApiToken {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Unix ms; null for never. */
  readonly expires: number | null
  readonly createdBy: string
  /** Id of the user who makes it; null for one who is no user of the bridge. */
  readonly maker?: number | null
}

export interface ApiTokensOptions {
  readonly store: ApiTokenStore
  readonly users: Pick<UserStore, 'get'>
  /** What somebody may do who is signed in at Home Assistant, by their user name or id there; null for nothing. */
  readonly throughIngress: (account: string) => Role | null
  readonly clock: Clock
  readonly logger: Logger
}

/** Long-lived tokens for programs. None can do more than the user who made it can do now. */
export class ApiTokens {
  /** Ids of tokens that were revoked. */
  readonly ended: EventBus<{ ended: string }>
  readonly #store: ApiTokenStore
  readonly #users: ApiTokensOptions['users']
  readonly #throughIngress: ApiTokensOptions['throughIngress']
  readonly #clock: Clock
  readonly #logger: Logger
  #writable = true

  constructor({ store, users, throughIngress, clock, logger }: ApiTokensOptions) {
    this.#store = store
    this.#users = users
    this.#throughIngress = throughIngress
    this.#clock = clock
    this.#logger = logger
    this.ended = new EventBus((error) => logger.error({ err: error }, 'a listener failed'))
  }

  list(): ApiTokenRecord[] {
    return this.#store.list().map((record) => this.#bounded(record))
  }

  /** Returns the token itself this once; only its hash is kept. Throws `BAD_REQUEST`. */
  create(wanted: NewApiToken): { readonly record: ApiTokenRecord; readonly token: string } {
    if (wanted.expires !== null && wanted.expires <= this.#clock.now()) {
      throw new BridgeError('BAD_REQUEST', 'The expiry is in the past. Choose a later one.', {
        details: { field: 'expires' },
      })
    }
    // The log of each device names the token in its sentences.
    if (!isVisible(wanted.name)) {
      throw new BridgeError('BAD_REQUEST', 'A name must be one line of visible characters.', {
        details: { field: 'name' },
      })
    }
    if (wanted.name.startsWith(COMMAND_LINE)) {
      const message = `Names that begin with “${COMMAND_LINE}” are for the command line. Choose another.`
      throw new BridgeError('BAD_REQUEST', message, { details: { field: 'name' } })
    }
    if (this.#store.list().length >= MAX_TOKENS) {
      throw new BridgeError('BAD_REQUEST', `There are ${MAX_TOKENS} tokens already. Revoke some first.`)
    }
    const id = newId()
    const token = newToken('api')
    this.#store.add({ ...wanted, id }, hashOf(token))
    const record = this.#store.get(id)
    if (!record) throw new BridgeError('INTERNAL', 'The token is missing although it was stored.')
    return { record, token }
  }

  /** False when there was none. */
  revoke(id: string): boolean {
    const was = this.#store.remove(id)
    if (was) this.ended.emit('ended', id)
    return was
  }

  /** Whether the token exists and has not expired. */
  holds(id: string): boolean {
    const record = this.#store.get(id)
    return record !== undefined && !this.#expired(record)
  }

  /** The record of the token; notes the use. Throws `UNAUTHORIZED`. */
  authenticate(token: string): ApiTokenRecord {
    const record = this.#store.byHash(hashOf(token))
    if (!record) throw new BridgeError('UNAUTHORIZED', 'This API token is not known; it may have been revoked.')
    if (this.#expired(record)) throw new BridgeError('UNAUTHORIZED', `The API token "${record.name}" has expired.`)
    this.#note(record)
    return this.#bounded(record)
  }

  /** Ids of the tokens that this user made. */
  madeBy(maker: number): string[] {
    return this.#store.list().flatMap((record) => (record.maker === maker ? [record.id] : []))
  }

  #bounded(record: ApiTokenRecord): ApiTokenRecord {
    const role = this.#roleOfMaker(record)
    if (role === undefined) return record
    return { ...record, scopes: role === null ? [] : within(record.scopes, role) }
  }

  /** What its maker may do now; null for nothing, undefined if the machine itself made it. */
  #roleOfMaker({ maker, createdBy }: ApiTokenRecord): Role | null | undefined {
    if (maker !== null) return this.#users.get(maker)?.role ?? null
    return createdBy.startsWith(OF_INGRESS) ? this.#throughIngress(createdBy.slice(OF_INGRESS.length)) : undefined
  }

  #expired({ expires }: ApiTokenRecord): boolean {
    return expires !== null && expires <= this.#clock.now()
  }

  /** A store that can't be written must not keep anybody out. */
  #note({ id, lastUsed }: ApiTokenRecord): void {
    const now = this.#clock.now()
    if (lastUsed !== null && Math.abs(now - lastUsed) < LAST_USED_MS) return
    try {
      this.#store.used(id, now)
      this.#writable = true
    } catch (error) {
      if (this.#writable) this.#logger.error({ err: error }, 'the last use of an API token cannot be written')
      this.#writable = false
    }
  }
}
