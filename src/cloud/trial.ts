import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import { EventBus } from '../core/events.ts'
import type { JsonValue } from '../core/json.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { Account } from './account/index.ts'
import { buildAccount, type CloudsOptions } from './cloud.ts'
import type { AccountView, CloudEvents } from './events.ts'
import { type AccountSettings, targetOf } from './services/known.ts'

export interface TrialOptions {
  readonly account: AccountSettings
  /** A secret that is kept by name: the second factor of an account that is in the settings already. */
  readonly secretOf: (name: string) => string | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** What an account is signed in with, for the store. */
export interface SignedIn {
  readonly provider: string
  readonly identity: string
  readonly session: JsonValue
}

/**
 * An account that signs in before anybody has decided to keep it. It is an account like all others, except that it stores
 * nothing: what it learns is handed over by `signedIn`, or gone.
 */
export class Trial {
  /** Where it signs in. */
  readonly place: string
  readonly #account: Account
  readonly #secrets: SecretValues
  /** What somebody has entered to try it. */
  readonly #entered: readonly string[]
  readonly #forget: readonly (() => void)[]
  #kept: SignedIn | undefined

  /** Sends nothing yet. @throws BridgeError `BAD_REQUEST` if the provider or address is not allowed */
  constructor({ account, secretOf, clock, random, logger, secrets }: TrialOptions) {
    this.place = targetOf(account).base.href
    this.#secrets = secrets
    this.#entered = [account.password, account.totp_secret].filter((secret) => typeof secret === 'string')
    this.#forget = this.#entered.map((secret) => secrets.lend(secret))
    const changed = new Map<string, string | undefined>()
    const options = {
      clock,
      random,
      secrets,
      logger: errorsOf(logger),
      // It never gets that old.
      syncInterval: 24 * 3_600_000,
      store: {
        keys: { put: () => [] },
        sessions: {
          get: () => this.#kept?.session,
          put: (_: string, provider, identity, session) => {
            this.#kept = { provider, identity, session }
          },
        },
        values: {
          getSecret: (name) => (changed.has(name) ? changed.get(name) : secretOf(name)),
          setSecret: (name, value) => void changed.set(name, value),
          delete: (name) => void changed.set(name, undefined),
        },
      },
    } satisfies Omit<CloudsOptions, 'accounts'>
    const events = new EventBus<CloudEvents>((err) => logger.error({ err }, 'A listener to an account failed'))
    this.#account = buildAccount(account, options, events, whatToDo)
  }

  get view(): AccountView {
    return this.#account.view
  }

  get signedIn(): SignedIn | undefined {
    return this.#kept
  }

  /** Signs in and reads the device list. @returns whether it is signed in, or else waits for a code. @throws BridgeError */
  async begin(): Promise<boolean> {
    return outcomeOf(await this.#account.login())
  }

  /** Like `begin`. Whether the sign-in still waits for a code after an error, `view` tells. @throws BridgeError */
  async submit(code: string): Promise<boolean> {
    return outcomeOf(await this.#account.submitCode(code))
  }

  /** Ends it; resolves when nothing of it is running. */
  async stop(): Promise<void> {
    await this.#account.stop()
    for (const forget of this.#forget) forget()
  }

  /** Ends it once the account is saved: its secrets are those of an account now, even before the bridge has read them. */
  async keep(): Promise<void> {
    for (const secret of this.#entered) this.#secrets.keep(secret)
    await this.stop()
  }

  /** Ends it, and the session too that it may have. Never rejects. */
  async abandon(): Promise<void> {
    await this.#account.logout()
    await this.stop()
  }
}

/** Only whoever tries it can try it again. */
const whatToDo = ({ code }: BridgeError): string =>
  code === 'CLOUD_RATE_LIMITED'
    ? 'Wait a while, and try again.'
    : 'Check what you entered, or wait a while, and try again.'

function outcomeOf({ state, error }: AccountView): boolean {
  if (state === 'code_needed') return false
  if (state === 'ready' && !error) return true
  if (error) throw new BridgeError(error.code, error.message, error.details ? { details: error.details } : {})
  throw new BridgeError('CLOUD_UNREACHABLE', `The sign-in was ended (${state}), because the bridge stops or restarts.`)
}

/** What goes wrong in a trial is said to whoever tries it; only mistakes of the program are for the log. */
function errorsOf(logger: Logger): Logger {
  const nothing = () => undefined
  return {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (first: object | string, message?: string) =>
      typeof first === 'string' ? logger.error(first) : logger.error(first, message ?? ''),
    child: (bound) => errorsOf(logger.child(bound)),
    isLevelEnabled: (level) => level === 'error' && logger.isLevelEnabled(level),
  }
}
