import { createHash, createHmac } from 'node:crypto'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { Challenge, Session } from '../services/provider.ts'

/** Stores an account's memory, encrypted. The store satisfies it. */
export interface SessionStore {
  get(account: string, identity: string): unknown
  put(account: string, provider: string, identity: string, session: Stored): void
}

type Stored = { readonly [name: string]: Stored } | string | number | boolean | null

/** A login that the service refused. */
export interface Refusal {
  /** Unix ms. */
  readonly at: number
  /** Identifies the refused password without containing it. */
  readonly password: string
}

/** What an account keeps across restarts. */
export interface AccountMemory {
  readonly session?: Session
  readonly challenge?: Challenge
  readonly refusal?: Refusal
  /** Set once the service has sent a code: when the bridge last signed in without being asked, Unix ms, 0 for never. */
  readonly codes?: number
  /** A person signed the account out. */
  readonly signedOut?: boolean
}

interface Credentials {
  readonly id: string
  readonly provider: string
  readonly username: string
  readonly password: string
}

/** Stores one account's memory under its service and user, so that a changed configuration drops it. */
export class AccountRecord {
  readonly #store: SessionStore
  readonly #account: Credentials
  readonly #identity: string
  readonly #secrets: SecretValues
  #remembered: ReadonlySet<string> = new Set()

  constructor(options: { store: SessionStore; account: Credentials; base: URL; secrets: SecretValues }) {
    this.#store = options.store
    this.#account = options.account
    this.#secrets = options.secrets
    const { provider, username } = options.account
    this.#identity = createHash('sha256')
      .update(JSON.stringify([provider, options.base.href, username]))
      .digest('hex')
  }

  load(): AccountMemory {
    const stored = this.#store.get(this.#account.id, this.#identity)
    if (!isObject(stored)) return {}
    const session = sessionOf(stored.session)
    const challenge = challengeOf(stored.challenge)
    const refusal = refusalOf(stored.refusal)
    const { codes, signedOut } = stored
    this.#remember({ ...(session ? { session } : {}), ...(challenge ? { challenge } : {}) })
    return {
      ...(session ? { session } : {}),
      ...(challenge ? { challenge } : {}),
      // A changed password may be tried again.
      ...(refusal && refusal.password === this.#passwordMark() ? { refusal } : {}),
      ...(typeof codes === 'number' ? { codes } : {}),
      ...(signedOut === true ? { signedOut } : {}),
    }
  }

  save(memory: AccountMemory): void {
    this.#remember(memory)
    const { id, provider } = this.#account
    const { session, challenge, refusal, codes, signedOut } = memory
    this.#store.put(id, provider, this.#identity, {
      ...(session ? { session: { ...session } } : {}),
      ...(challenge ? { challenge: { ...challenge } } : {}),
      ...(refusal ? { refusal: { ...refusal } } : {}),
      ...(codes === undefined ? {} : { codes }),
      ...(signedOut ? { signedOut } : {}),
    })
  }

  refusal(at: number): Refusal {
    return { at, password: this.#passwordMark() }
  }

  #passwordMark(): string {
    return createHmac('sha256', this.#account.password).update(this.#identity).digest('hex')
  }

  /** Identifies the owner of the memory without naming them. */
  get identity(): string {
    return this.#identity
  }

  /** The secrets to filter from the log: only the present ones, not those of all past sessions. */
  #remember({ session, challenge }: AccountMemory): void {
    const found = [session?.token, session?.refreshToken, challenge?.reference]
    const values = new Set(found.filter((value) => value !== undefined))
    for (const value of this.#remembered) if (!values.has(value)) this.#secrets.forget(value)
    for (const value of values) this.#secrets.remember(value)
    this.#remembered = values
  }
}

function sessionOf(value: unknown): Session | undefined {
  if (!isObject(value) || typeof value.token !== 'string') return undefined
  const { token, refreshToken, expiresAt } = value
  return {
    token,
    ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
    ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
  }
}

function challengeOf(value: unknown): Challenge | undefined {
  if (!isObject(value)) return undefined
  const { prompt, reference, since }: JsonObject = value
  if (typeof prompt !== 'string' || typeof reference !== 'string' || typeof since !== 'number') return undefined
  return { prompt, reference, since }
}

function refusalOf(value: unknown): Refusal | undefined {
  if (!isObject(value) || typeof value.at !== 'number' || typeof value.password !== 'string') return undefined
  return { at: value.at, password: value.password }
}
