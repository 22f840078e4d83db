import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { CloudHttp, CloudRequest } from '../http.ts'

/** The result of a login, enough for every flow: a token or key, and for some a second token that renews the first. */
export interface Session {
  readonly token: string
  readonly refreshToken?: string
  /** Unix ms; left out when the service does not say. */
  readonly expiresAt?: number
}

/** An unfinished login that needs a code. Kept across restarts. */
export interface Challenge {
  /** Where the code comes from, for the user: `A code was sent by e-mail.` */
  readonly prompt: string
  /** What the service needs along with the code: a link, a temporary token, or nothing. A secret. */
  readonly reference: string
  /** Unix ms. */
  readonly since: number
}

export type Step =
  | { readonly kind: 'signed_in'; readonly session: Session }
  | { readonly kind: 'code_needed'; readonly challenge: Challenge }

export interface CloudDevice {
  readonly serial: string
  readonly name: string | null
  readonly type: string | null
  /** The version of its firmware. */
  readonly version: string | null
  /** Undefined if the record has no usable key. */
  readonly key: string | undefined
}

/** An account's devices, each serial once. */
export interface Directory {
  readonly devices: readonly CloudDevice[]
  /** What was left out of the list: reason and number of records. */
  readonly dropped: Readonly<Record<string, number>>
  /** Why the list is incomplete; null if it is complete. */
  readonly cut: string | null
}

/** Where a service's device list is and what its records look like: dotted paths into the JSON, '' for the value itself. */
export interface ListShape {
  readonly path: string
  readonly items: string
  readonly serial: string
  readonly key: string
  readonly name: string
  readonly type: string
  readonly version: string
  readonly next: string
}

/** The source of the secret for second-factor codes. */
export interface CodeSource {
  /** In base32; undefined if a person must enter the codes. */
  secret(): string | undefined
  /** The secret of a second factor that was set up and not yet activated. */
  pending(): string | undefined
  /**
   * The service did not accept a code made from it although the clocks agree.
   * @returns whether to ask a person instead, because the secret can't be corrected in the settings.
   */
  refused(): boolean
}

/**
 * A second factor with an authenticator app, and how an account sets it up and turns it off. Methods throw like
 * `Provider`'s.
 */
export interface TotpOperations {
  /** The present code. @param secret base32. @throws BridgeError `BAD_REQUEST` for an invalid secret. */
  code(secret: string): string
  /** @throws SessionRejected; BridgeError `BAD_REQUEST` if the service does not allow it now. */
  setup(session: Session, signal: AbortSignal): Promise<{ readonly secret: string; readonly uri: string }>
  /** @returns recovery codes, if the service gave any. Throws like `setup`. */
  activate(session: Session, code: string, signal: AbortSignal): Promise<readonly string[]>
  /** Throws as `setup`. */
  deactivate(session: Session, signal: AbortSignal): Promise<void>
}

/** The configuration of one account for its login flow. */
export interface ProviderOptions {
  readonly http: CloudHttp
  readonly username: string
  /** The name of the user name field in the login, which differs between services. */
  readonly usernameField: 'username' | 'email'
  readonly password: string
  readonly codes: CodeSource
  /** Undefined if the service has no device list: the account is only kept signed in. */
  readonly list: ListShape | undefined
  readonly clock: Clock
  /** Every token that the flow learns must be added here before anything else is done with it. */
  readonly secrets: SecretValues
}

/**
 * One login flow, without state of its own: the account keeps sessions and challenges and decides when to do what.
 * Every method throws what `CloudHttp.send` throws, and what is noted below.
 */
export interface Provider {
  /** Absent if the service has no such second factor. */
  readonly totp?: TotpOperations
  /** Whether codes are made here, so that a login need not wait for a person. */
  readonly makesCodes?: boolean
  /** Signs in with user name and password. @throws LoginRefused */
  start(signal: AbortSignal): Promise<Step>
  /** Continues with the code from a person. @throws CodeRefused */
  resume(challenge: Challenge, code: string, signal: AbortSignal): Promise<Step>
  /** A newer session without the password; undefined if the flow has none or the service declines. */
  refresh(session: Session, signal: AbortSignal): Promise<Session | undefined>
  /** Revokes the session if the service supports that. */
  logout(session: Session, signal: AbortSignal): Promise<void>
  /** `request` with the session's credentials. */
  authorise(request: CloudRequest, session: Session): CloudRequest
  /**
   * The devices of the account, or undefined when it has no list, after proving the session if that is possible.
   * @throws SessionRejected
   */
  devices(session: Session, signal: AbortSignal): Promise<Directory | undefined>
}
