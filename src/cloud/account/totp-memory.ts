import { isObject, parseJson } from '../../core/json.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { CodeSource } from '../services/provider.ts'

/** Stores secrets by name, encrypted. The store satisfies it. */
export interface SecretStore {
  getSecret(name: string): string | undefined
  setSecret(name: string, value: string): void
  delete(name: string): void
}

/** A second factor that was set up through the bridge. */
interface Kept {
  /** Base32. */
  readonly secret: string
  readonly active: boolean
  readonly recoveryCodes: readonly string[]
  /** `totp_secret` of the settings at that time: if it has changed, somebody has corrected it there. */
  readonly configured: string | null
}

export interface TotpMemoryOptions {
  readonly store: SecretStore
  readonly account: string
  /** The service and user it belongs to; data stored for others does not count. */
  readonly identity: string
  /** `totp_secret` of the settings. */
  readonly configured: string | null | undefined
  readonly secrets: SecretValues
}

/** The secret and the recovery codes of an account's second factor. */
export class TotpMemory implements CodeSource {
  readonly #store: SecretStore
  readonly #name: string
  readonly #identity: string
  readonly #configured: string | null
  readonly #secrets: SecretValues

  constructor(options: TotpMemoryOptions) {
    this.#store = options.store
    this.#name = `cloud.totp.${options.account}`
    this.#identity = options.identity
    this.#configured = options.configured ?? null
    this.#secrets = options.secrets
    this.#secrets.remember(options.configured)
  }

  secret(): string | undefined {
    return this.#trusted()?.secret ?? this.#configured ?? undefined
  }

  pending(): string | undefined {
    const kept = this.#load()
    return kept && !kept.active ? kept.secret : undefined
  }

  refused(): boolean {
    const kept = this.#trusted()
    if (!kept) return false
    this.#save({ ...kept, active: false })
    return true
  }

  /** Stores a secret that is not activated yet. */
  begin(secret: string): void {
    this.#save({ secret, active: false, recoveryCodes: [], configured: this.#configured })
  }

  /** From now on, codes are made from the secret of the last `begin`. */
  activate(recoveryCodes: readonly string[]): void {
    const kept = this.#load()
    if (kept) this.#save({ ...kept, active: true, recoveryCodes, configured: this.#configured })
  }

  forget(): void {
    this.#store.delete(this.#name)
  }

  #trusted(): Kept | undefined {
    const kept = this.#load()
    return kept?.active && kept.configured === this.#configured ? kept : undefined
  }

  #load(): Kept | undefined {
    const stored = parseJson(this.#store.getSecret(this.#name) ?? '')
    if (!isObject(stored) || stored.identity !== this.#identity || typeof stored.secret !== 'string') return undefined
    const { secret, active, configured } = stored
    const recoveryCodes = (Array.isArray(stored.recoveryCodes) ? stored.recoveryCodes : []).filter(
      (code): code is string => typeof code === 'string',
    )
    this.#remember(secret, recoveryCodes)
    return {
      secret,
      active: active === true,
      recoveryCodes,
      configured: typeof configured === 'string' ? configured : null,
    }
  }

  #save(kept: Kept): void {
    this.#remember(kept.secret, kept.recoveryCodes)
    this.#store.setSecret(this.#name, JSON.stringify({ ...kept, identity: this.#identity }))
  }

  #remember(secret: string, recoveryCodes: readonly string[]): void {
    for (const value of [secret, ...recoveryCodes]) this.#secrets.remember(value)
  }
}
