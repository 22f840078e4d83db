import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import { EventBus } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import { Account, type AccountOptions } from './account/index.ts'
import type { KeySink } from './account/keyring.ts'
import { AccountRecord, type SessionStore } from './account/memory.ts'
import { Pace } from './account/pace.ts'
import { SignIn } from './account/sign-in.ts'
import { type SecretStore, TotpMemory } from './account/totp-memory.ts'
import { isTotpOperation, TOTP_OPERATIONS, type TotpInput, type TotpResult } from './account/totp-operations.ts'
import type { AccountView, CloudEvents } from './events.ts'
import { type AccountSettings, CODE_FROM, targetOf } from './services/known.ts'

export interface CloudsOptions {
  readonly accounts: readonly AccountSettings[]
  /** Milliseconds. */
  readonly syncInterval: number
  readonly store: { readonly keys: KeySink; readonly sessions: SessionStore; readonly values: SecretStore }
  readonly clock: Clock
  /** From 0 to 1; spreads retries. */
  readonly random: () => number
  readonly logger: Logger
  readonly secrets: SecretValues
  /** Milliseconds for one exchange with a cloud; 20 s by default. */
  readonly timeout?: number
}

/** The cloud accounts. Each works independently: one that fails or hangs delays no other. */
export class Clouds {
  readonly events: EventBus<CloudEvents>
  readonly #accounts: ReadonlyMap<string, Account>

  /** Sends nothing yet. @throws BridgeError `BAD_REQUEST` if an account's provider or address is not allowed. */
  constructor(options: CloudsOptions) {
    this.events = new EventBus<CloudEvents>((error, event) =>
      options.logger.error({ err: error, event }, 'A listener to the cloud accounts failed'),
    )
    this.#accounts = new Map(
      options.accounts.map((account) => [account.id, buildAccount(account, options, this.events)]),
    )
  }

  /** Starts syncing every account, now and regularly. */
  start(): void {
    for (const account of this.#accounts.values()) account.start()
  }

  /** Aborts every request; resolves when all is at rest. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map((account) => account.stop()))
  }

  list(): readonly AccountView[] {
    return [...this.#accounts.values()].map((account) => account.view)
  }

  /**
   * Fetches the device lists now; all of them without `id`. The results are in the views.
   * @throws BridgeError `BAD_REQUEST` if there is no such account.
   */
  async sync(id?: string): Promise<readonly AccountView[]> {
    const accounts = id === undefined ? [...this.#accounts.values()] : [this.#account(id)]
    return Promise.all(accounts.map((account) => account.sync()))
  }

  /**
   * Signs in now, even after a refusal. The result is in the view. @throws BridgeError `BAD_REQUEST`: no such account.
   */
  async login(id: string): Promise<AccountView> {
    return this.#account(id).login()
  }

  /**
   * Submits a code. @throws BridgeError `BAD_REQUEST`: no such account, or it does not wait for a code; `CLOUD_AUTH`:
   * not accepted.
   */
  async submitCode(id: string, code: string): Promise<AccountView> {
    return this.#account(id).submitCode(code)
  }

  /**
   * Manages the second factor of an account whose service supports authenticator apps (`omnitron`): `setup` returns the
   * secret; `activate` turns it on (with the code in `token`, or one made here) and returns recovery codes; `verify`
   * completes a login that waits for a code (likewise); `deactivate` turns it off. Results are shown once and stored
   * encrypted.
   * @throws BridgeError `BAD_REQUEST`: no such account or operation, or not now; otherwise why the service could not be
   * reached.
   */
  async totp(id: string, operation: string, input: TotpInput = {}): Promise<TotpResult> {
    const account = this.#account(id)
    if (!isTotpOperation(operation)) {
      throw new BridgeError('BAD_REQUEST', `The operations on the second factor are ${TOTP_OPERATIONS.join(', ')}.`)
    }
    return account.totp(operation, input)
  }

  /** Ends the account's session until `login`. @throws BridgeError `BAD_REQUEST`: no such account. */
  async logout(id: string): Promise<AccountView> {
    return this.#account(id).logout()
  }

  /**
   * Syncs the accounts that may have a newer key for this device: those that list it or provided its keys; if there are
   * none, all. At most once a minute per device. Never rejects.
   * @returns why accounts could not be asked; empty if all were
   */
  async refreshKeys(serial: string, sources: readonly string[]): Promise<readonly string[]> {
    const likely = this.#likely(serial, sources)
    return refreshed(likely.length > 0 ? likely : [...this.#accounts.values()], serial)
  }

  /** Syncs the accounts that `refreshKeys` left out as unlikely. Never rejects. @returns like `refreshKeys` */
  async refreshOthers(serial: string, sources: readonly string[]): Promise<readonly string[]> {
    const likely = this.#likely(serial, sources)
    if (likely.length === 0) return []
    return refreshed(
      [...this.#accounts.values()].filter((account) => !likely.includes(account)),
      serial,
    )
  }

  #likely(serial: string, sources: readonly string[]): readonly Account[] {
    return [...this.#accounts.values()].filter((account) => account.lists(serial) ?? sources.includes(account.id))
  }

  #account(id: string): Account {
    const account = this.#accounts.get(id)
    if (!account) throw new BridgeError('BAD_REQUEST', `There is no cloud account ${JSON.stringify(id.slice(0, 64))}.`)
    return account
  }
}

async function refreshed(accounts: readonly Account[], serial: string): Promise<readonly string[]> {
  const reasons = await Promise.all(accounts.map((account) => account.refresh(serial)))
  return reasons.filter((reason) => reason !== undefined)
}

/** An account that does nothing yet. @throws BridgeError `BAD_REQUEST` if its provider or address is not allowed */
export function buildAccount(
  account: AccountSettings,
  options: Omit<CloudsOptions, 'accounts'>,
  events: EventBus<CloudEvents>,
  again: AccountOptions['again'] = () => 'It is tried again later.',
): Account {
  const { clock, random, logger, secrets, store, syncInterval, timeout } = options
  secrets.remember(account.password)
  secrets.remember(account.totp_secret)
  const target = targetOf(account)
  const from = CODE_FROM[target.service.flow]
  const record = new AccountRecord({ store: store.sessions, account, base: target.base, secrets })
  const totp = new TotpMemory({
    store: store.values,
    account: account.id,
    identity: record.identity,
    configured: account.totp_secret,
    secrets,
  })
  return new Account({
    id: account.id,
    provider: account.provider,
    serviceHas: { takes_code: from !== null, code_from: from, lists_devices: target.list !== undefined },
    // Loading the HTTP client and the validator takes longer than starting the rest of the bridge.
    connect: async () =>
      (await import('./services/index.ts')).connect({ account, target, codes: totp, clock, secrets, timeout }),
    signIn: new SignIn({ account: account.id, record, clock }),
    pace: new Pace({ syncInterval, clock, random }),
    totp,
    keys: store.keys,
    clock,
    logger,
    events,
    again,
  })
}
