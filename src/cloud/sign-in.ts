import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import { CodeRefused, LoginRefused } from './failures.ts'
import type { AccountMemory, AccountRecord } from './memory.ts'
import type { Challenge, Provider, Session, Step } from './provider.ts'

/** After the service refused the login, how long until it is tried again without being asked: no account gets locked. */
export const REFUSED_MS = 3_600_000
/** A session this close to its end is renewed before it is used. */
const EXPIRY_MARGIN_MS = 60_000

export interface SignInOptions {
  readonly account: string
  readonly record: AccountRecord
  readonly clock: Clock
}

/**
 * An account's session: had from the store, renewed, or signed in for, and what stands in the way of that. It decides when
 * the password may be sent; whoever calls it decides when to try at all.
 */
export class SignIn {
  readonly #account: string
  readonly #record: AccountRecord
  readonly #clock: Clock
  #memory: AccountMemory
  /** Monotonic ms until which the password is not sent unasked. */
  #refusedUntil = Number.NEGATIVE_INFINITY

  /** Reads what an earlier run kept. */
  constructor(options: SignInOptions) {
    this.#account = options.account
    this.#record = options.record
    this.#clock = options.clock
    this.#memory = options.record.load()
    const { refusal } = this.#memory
    if (!refusal) return
    // A wall clock that was set meanwhile must neither lengthen the wait nor forget it.
    const age = Math.min(Math.max(this.#clock.now() - refusal.at, 0), REFUSED_MS)
    this.#refusedUntil = this.#clock.monotonic() + REFUSED_MS - age
  }

  get challenge(): Challenge | undefined {
    return this.#memory.challenge
  }

  /** Milliseconds until the password may be sent unasked. */
  get refusedFor(): number {
    return Math.max(0, this.#refusedUntil - this.#clock.monotonic())
  }

  /**
   * A session that seems good. A login half-way is left to its code.
   * @param asked whether a person asked: then the password is sent even if it was refused a moment ago.
   * @throws LoginRefused; BridgeError `CLOUD_CODE_NEEDED`; what the provider throws.
   */
  async session(provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    if (this.challenge || this.refusedFor > 0) this.#catchUp()
    const { session } = this.#memory
    if (this.challenge) throw this.#codeNeeded(this.challenge)
    if (!session) return this.start(provider, asked, signal)
    if (session.expiresAt === undefined || session.expiresAt - this.#clock.now() > EXPIRY_MARGIN_MS) return session
    return this.replace(session, provider, asked, signal)
  }

  /** A session in place of one that the service no longer takes: renewed, else signed in for. Throws as `session`. */
  async replace(rejected: Session, provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    const other = this.#record.load().session
    if (other && other.token !== rejected.token) {
      this.#memory = { session: other }
      return other
    }
    const renewed = await provider.refresh(rejected, signal)
    if (renewed) return this.#signedIn(renewed)
    this.#save({ ...this.#memory, session: undefined })
    return this.start(provider, asked, signal)
  }

  /** Signs in with the password, giving up a login half-way. Throws as `session`. */
  async start(provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    if (this.refusedFor > 0 && !asked) throw new LoginRefused(waiting(this.#account))
    return this.#done(await this.#refusable(() => provider.start(signal)))
  }

  /**
   * Goes on with a code.
   * @throws BridgeError `BAD_REQUEST` when none is waited for; CodeRefused; what the provider throws.
   */
  async submit(code: string, provider: Provider, signal: AbortSignal): Promise<Session> {
    this.#catchUp()
    const { challenge } = this.#memory
    if (!challenge) {
      throw new BridgeError('BAD_REQUEST', `The cloud account ${this.#account} waits for no code.`)
    }
    try {
      return this.#done(await provider.resume(challenge, code, signal))
    } catch (error) {
      if (error instanceof CodeRefused && error.over) this.#save({ ...this.#memory, challenge: undefined })
      throw error
    }
  }

  /** Notes that the service turned the account away, so that the password is not sent again unasked for an hour. */
  refused(): void {
    this.#refusedUntil = this.#clock.monotonic() + REFUSED_MS
    this.#save({ refusal: this.#record.refusal(this.#clock.now()) })
  }

  /** Gives the session up, revoking it where the service can. It is forgotten even if that fails. */
  async end(provider: Provider, signal: AbortSignal): Promise<void> {
    const { session } = this.#memory
    this.#save({})
    if (session) await provider.logout(session, signal)
  }

  /** Takes over what another process, `thermo2mqtt login`, has achieved or begun meanwhile. */
  #catchUp(): void {
    const stored = this.#record.load()
    if (!stored.session && !stored.challenge) return
    this.#memory = stored
    this.#refusedUntil = Number.NEGATIVE_INFINITY
  }

  async #refusable(login: () => Promise<Step>): Promise<Step> {
    try {
      return await login()
    } catch (error) {
      if (error instanceof LoginRefused) this.refused()
      throw error
    }
  }

  #done(step: Step): Session {
    if (step.kind === 'signed_in') return this.#signedIn(step.session)
    this.#refusedUntil = Number.NEGATIVE_INFINITY
    this.#save({ challenge: step.challenge })
    throw this.#codeNeeded(step.challenge)
  }

  #signedIn(session: Session): Session {
    this.#refusedUntil = Number.NEGATIVE_INFINITY
    this.#save({ session })
    return session
  }

  #save(memory: { [Name in keyof AccountMemory]?: AccountMemory[Name] | undefined }): void {
    const { session, challenge, refusal } = memory
    this.#memory = {
      ...(session ? { session } : {}),
      ...(challenge ? { challenge } : {}),
      ...(refusal ? { refusal } : {}),
    }
    this.#record.save(this.#memory)
  }

  #codeNeeded({ prompt }: Challenge): BridgeError {
    return new BridgeError(
      'CLOUD_CODE_NEEDED',
      `The cloud account ${this.#account} needs a code to sign in. ${prompt} Give it with: thermo2mqtt login`,
    )
  }
}

function waiting(account: string): string {
  return `The cloud account ${account} was refused less than an hour ago. It is not tried again before, so that the account does not get locked, unless asked to: correct the password, or sign in by hand.`
}
