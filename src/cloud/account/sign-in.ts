import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { CodeRefused, LoginRefused, SessionRejected } from '../failures.ts'
import type { Challenge, Provider, Session, Step } from '../services/provider.ts'
import type { AccountMemory, AccountRecord } from './memory.ts'

/** How long after a refused login the bridge waits before it tries again unasked, so that no account gets locked. */
const REFUSED_MS = 3_600_000
/**
 * If a login sends somebody a code: the time between unasked logins, however they end, so that codes do not pile up and
 * no service mistakes the bridge for an attacker.
 */
const CODES_MS = 3_600_000
/** A session this close to its end is renewed before it is used. */
const EXPIRY_MARGIN_MS = 60_000

export interface SignInOptions {
  readonly account: string
  readonly record: AccountRecord
  readonly clock: Clock
}

/**
 * An account's session: from the store, renewed, or from a new sign-in; and what prevents that. This decides when the
 * password may be sent; the caller decides when to try at all.
 */
export class SignIn {
  readonly #account: string
  readonly #record: AccountRecord
  readonly #clock: Clock
  #memory: AccountMemory
  /** Monotonic ms until which the password is not sent unasked. */
  #refusedUntil = Number.NEGATIVE_INFINITY
  /** Likewise, because that could send a code. */
  #codesUntil = Number.NEGATIVE_INFINITY
  /** Whether the store has everything that is known here. */
  #stored = true

  /** Reads what an earlier run stored. */
  constructor(options: SignInOptions) {
    this.#account = options.account
    this.#record = options.record
    this.#clock = options.clock
    this.#memory = options.record.load()
    const { refusal, codes } = this.#memory
    if (refusal) this.#refusedUntil = this.#ends(refusal.at, REFUSED_MS)
    if (codes) this.#codesUntil = this.#ends(codes, CODES_MS)
  }

  get challenge(): Challenge | undefined {
    return this.#memory.challenge
  }

  /** Whether the account was signed out by hand and has not been signed in since. */
  get signedOut(): boolean {
    return this.#memory.signedOut === true
  }

  /** Milliseconds until the password may be sent unasked. */
  get refusedFor(): number {
    return Math.max(0, Math.max(this.#refusedUntil, this.#codesUntil) - this.#clock.monotonic())
  }

  /** Milliseconds until the session should be renewed, 0 or less if it is time; undefined if it has no known end. */
  get sessionFor(): number | undefined {
    const end = this.#memory.session?.expiresAt
    return end === undefined ? undefined : end - this.#clock.now() - EXPIRY_MARGIN_MS
  }

  /**
   * Does `work` with a session that seems valid, and again with a new one if that is not accepted.
   * @param asked whether a person asked: then the password is sent even if it was just refused.
   * @throws LoginRefused; SessionRejected; BridgeError `CLOUD_CODE_NEEDED`; what the provider and `work` throw.
   */
  async use<Result>(
    provider: Provider,
    asked: boolean,
    signal: AbortSignal,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const session = await this.#session(provider, asked, signal)
    try {
      return await work(session)
    } catch (error) {
      if (!(error instanceof SessionRejected)) throw error
    }
    const other = await this.#replace(session, provider, asked, signal)
    try {
      return await work(other)
    } catch (error) {
      // The service gave a session and then refused it: going on would be a login loop.
      if (error instanceof SessionRejected) this.#refused()
      throw error
    }
  }

  /**
   * Signs in with the password, abandoning an unfinished login.
   * @throws LoginRefused; BridgeError `CLOUD_CODE_NEEDED`; what the provider throws.
   */
  async start(provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    if (!asked) this.#checkHeld(provider)
    if (!asked && sendsCodes(provider, this.#memory)) {
      // Saved before the request: if no answer comes, it is not known whether a code was sent.
      this.#codesUntil = this.#clock.monotonic() + CODES_MS
      this.#save({ ...this.#memory, codes: this.#clock.now() })
    }
    return this.#done(await this.#refusable(() => provider.start(signal)), asked)
  }

  /**
   * Continues with a code.
   * @throws BridgeError `BAD_REQUEST` if none is expected; CodeRefused; what the provider throws.
   */
  async submit(code: string, provider: Provider, signal: AbortSignal): Promise<Session> {
    this.#catchUp()
    const { challenge } = this.#memory
    if (!challenge) {
      throw new BridgeError('BAD_REQUEST', `The cloud account ${this.#account} is not waiting for a code.`)
    }
    try {
      return this.#done(await provider.resume(challenge, code, signal), true)
    } catch (error) {
      if (error instanceof CodeRefused && error.over) this.#save({ ...this.#memory, challenge: undefined })
      throw error
    }
  }

  /** Forgets the session. @returns the session, if any, to be revoked if the service supports that. */
  end(): Session | undefined {
    const { session } = this.#memory
    this.#save({ signedOut: true })
    return session
  }

  /** Lets a signed-out account be signed in again. */
  readmit(): void {
    if (!this.isSignedOut()) return
    const { signedOut: _, ...memory } = this.#memory
    this.#memory = memory
    this.#stored = false
  }

  /**
   * Whether the account is signed out. Takes into account that another process signed it out (`thermo2mqtt logout`) or
   * in again (`login`).
   */
  isSignedOut(): boolean {
    // Unsaved data is newer than the stored one.
    const stored = this.#stored ? this.#loaded() : {}
    const news = this.signedOut ? stored.session || stored.challenge : stored.signedOut
    if (news) this.#memory = stored
    return this.signedOut
  }

  /** The stored memory; nothing if it can't be read, in which case the known session stays in use. */
  #loaded(): AccountMemory {
    try {
      return this.#record.load()
    } catch {
      return {}
    }
  }

  /** A session that seems valid. An unfinished login waits for its code, unless the code can be made here. */
  async #session(provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    if (this.challenge || (!this.#memory.session && this.refusedFor > 0)) this.#catchUp()
    const { session } = this.#memory
    if (this.challenge && !provider.makesCodes) throw this.#codeNeeded(this.challenge)
    if (!session) return this.start(provider, asked, signal)
    if ((this.sessionFor ?? 1) > 0) return session
    return this.#replace(session, provider, asked, signal)
  }

  /** A session to replace one that is no longer accepted: from another process, renewed, or from a new sign-in. */
  async #replace(rejected: Session, provider: Provider, asked: boolean, signal: AbortSignal): Promise<Session> {
    const other = this.#record.load().session
    if (other && other.token !== rejected.token) {
      this.#memory = { ...this.#memory, session: other }
      return other
    }
    const renewed = await provider.refresh(rejected, signal)
    if (renewed) return this.#signedIn(renewed)
    this.#save({ ...this.#memory, session: undefined })
    return this.start(provider, asked, signal)
  }

  /** Notes that the service refused the account, so that the password is not sent again unasked for an hour. */
  #refused(): void {
    this.#refusedUntil = this.#clock.monotonic() + REFUSED_MS
    this.#save({ refusal: this.#record.refusal(this.#clock.now()) })
  }

  /** Takes over what another process, `thermo2mqtt login`, has done meanwhile. */
  #catchUp(): void {
    const stored = this.#record.load()
    if (!stored.session && !stored.challenge) return
    this.#memory = stored
    this.#refusedUntil = Number.NEGATIVE_INFINITY
  }

  /** @throws LoginRefused while the password must not be sent unasked. */
  #checkHeld(provider: Provider): void {
    const now = this.#clock.monotonic()
    if (now < this.#refusedUntil) throw new LoginRefused(waiting(this.#account))
    if (now < this.#codesUntil && sendsCodes(provider, this.#memory)) throw new LoginRefused(codeSent(this.#account))
  }

  async #refusable(login: () => Promise<Step>): Promise<Step> {
    try {
      return await login()
    } catch (error) {
      if (error instanceof LoginRefused) this.#refused()
      throw error
    }
  }

  #done(step: Step, asked: boolean): Session {
    if (step.kind === 'signed_in') return this.#signedIn(step.session)
    this.#refusedUntil = Number.NEGATIVE_INFINITY
    const codes = asked ? (this.#memory.codes ?? 0) : this.#clock.now()
    if (!asked) this.#codesUntil = this.#clock.monotonic() + CODES_MS
    this.#save({ challenge: step.challenge, codes })
    throw this.#codeNeeded(step.challenge)
  }

  #signedIn(session: Session): Session {
    this.#refusedUntil = Number.NEGATIVE_INFINITY
    this.#save({ session })
    return session
  }

  /** Monotonic ms at which a wait ends that began at wall clock time `from`; the wall clock may have been set since. */
  #ends(from: number, wait: number): number {
    const age = Math.min(Math.max(this.#clock.now() - from, 0), wait)
    return this.#clock.monotonic() + wait - age
  }

  /** That the service sends codes is never forgotten. */
  #save(memory: { [Name in keyof AccountMemory]?: AccountMemory[Name] | undefined }): void {
    const { session, challenge, refusal, signedOut, codes = this.#memory.codes } = memory
    this.#memory = {
      ...(session ? { session } : {}),
      ...(challenge ? { challenge } : {}),
      ...(refusal ? { refusal } : {}),
      ...(signedOut ? { signedOut } : {}),
      ...(codes === undefined ? {} : { codes }),
    }
    this.#stored = false
    this.#record.save(this.#memory)
    this.#stored = true
  }

  #codeNeeded({ prompt }: Challenge): BridgeError {
    return new BridgeError(
      'CLOUD_CODE_NEEDED',
      `The cloud account ${this.#account} needs a code to sign in. ${prompt} Give it with: thermo2mqtt login`,
    )
  }
}

/** Whether a login sends somebody a code; codes from an authenticator app are not sent. */
function sendsCodes(provider: Provider, memory: AccountMemory): boolean {
  return memory.codes !== undefined && provider.totp === undefined
}

function waiting(account: string): string {
  return `The cloud account ${account} was refused less than an hour ago. To keep the account from being locked, the bridge waits an hour before it tries again. Correct the password, or sign in by hand.`
}

function codeSent(account: string): string {
  return `The cloud account ${account} needs a new sign-in, which sends a code, and the last sign-in was less than an hour ago. So that codes do not pile up, the bridge waits an hour. Sign in by hand to get a code now.`
}
