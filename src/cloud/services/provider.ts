import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { CloudHttp, CloudRequest } from '../http.ts'

/** What a login yields. Every flow needs no more: a token or key, and for some a second token that renews the first. */
export interface Session {
  readonly token: string
  readonly refreshToken?: string
  /** Unix ms; left out when the service does not say. */
  readonly expiresAt?: number
}

/** A login half-way: a code is needed to go on. Kept across restarts. */
export interface Challenge {
  /** Where the code comes from, for the user: `A code was sent by e-mail.` */
  readonly prompt: string
  /** What the service wants to see again with the code: a link, a temporary token, or nothing. A secret. */
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
  /** Of its firmware. */
  readonly version: string | null
  /** Undefined when the record has none that can be used. */
  readonly key: string | undefined
}

/** An account's devices, each serial once. */
export interface Directory {
  readonly devices: readonly CloudDevice[]
  /** What was left out of the list: reason and number of records. */
  readonly dropped: Readonly<Record<string, number>>
  /** Why the list ends early; null when it is whole. */
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

/** Where the secret comes from that second-factor codes are made of. */
export interface CodeSource {
  /** In base32; undefined when a person has to give the codes. */
  secret(): string | undefined
  /** The secret of a second factor that was set up and not yet activated. */
  pending(): string | undefined
  /**
   * The service did not take a code made of it though the clocks agree.
   * @returns whether a person is to be asked instead, as nobody can correct the secret in the settings.
   */
  refused(): boolean
}

/** A second factor made by an authenticator, as an account can have it set up and taken away. Methods throw as `Provider`'s. */
export interface TotpOperations {
  /** The code of now. @param secret base32. @throws BridgeError `BAD_REQUEST` when it is no such secret. */
  code(secret: string): string
  /** @throws SessionRejected; BridgeError `BAD_REQUEST` when the service does not allow it now. */
  setup(session: Session, signal: AbortSignal): Promise<{ readonly secret: string; readonly uri: string }>
  /** @returns recovery codes, none when the service gave none. Throws as `setup`. */
  activate(session: Session, code: string, signal: AbortSignal): Promise<readonly string[]>
  /** Throws as `setup`. */
  deactivate(session: Session, signal: AbortSignal): Promise<void>
}

/** What the configuration says of one account to its login flow. */
export interface ProviderOptions {
  readonly http: CloudHttp
  readonly username: string
  /** What the login calls the user name, where services differ. */
  readonly usernameField: 'username' | 'email'
  readonly password: string
  readonly codes: CodeSource
  /** Undefined when the service has no device list: the account is only kept signed in. */
  readonly list: ListShape | undefined
  readonly clock: Clock
  /** Every token the flow learns is to be remembered here, before anything else is done with it. */
  readonly secrets: SecretValues
}

/**
 * One login flow, without state of its own: the account keeps sessions and challenges and says when to do what.
 * Every method throws what `CloudHttp.send` throws, and besides what is noted.
 */
export interface Provider {
  /** Left out when the service has no such second factor. */
  readonly totp?: TotpOperations
  /** Whether codes are made here, so that a login half-way need not wait for a person. */
  readonly makesCodes?: boolean
  /** Signs in with user name and password. @throws LoginRefused */
  start(signal: AbortSignal): Promise<Step>
  /** Goes on with the code a person gave. @throws CodeRefused */
  resume(challenge: Challenge, code: string, signal: AbortSignal): Promise<Step>
  /** A newer session without the password; undefined when the flow has none or the service declines. */
  refresh(session: Session, signal: AbortSignal): Promise<Session | undefined>
  /** Revokes the session where the service can. */
  logout(session: Session, signal: AbortSignal): Promise<void>
  /** `request` with the session's proof in it. */
  authorise(request: CloudRequest, session: Session): CloudRequest
  /**
   * The devices of the account, or undefined when it has no list, after proving the session if that is possible.
   * @throws SessionRejected
   */
  devices(session: Session, signal: AbortSignal): Promise<Directory | undefined>
}
