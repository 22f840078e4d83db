import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { ApiTokens } from './api-tokens.ts'
import { hashOf, isToken, OF_INGRESS } from './credentials/tokens.ts'
import {
  type Role,
  SCOPES_OF,
  type Scope,
  type SessionStore,
  type UserRecord,
  type UserStore,
  type Via,
} from './ports.ts'
import type { SignIn } from './sign-in.ts'

export interface Credentials {
  /** The Authorization header as it came. */
  readonly authorization: string | undefined
  /** Who is signed in where the request comes from, at Home Assistant. */
  readonly signedIn: { readonly name: string; readonly account: string; readonly role: Role } | null
  /** The address of the peer. */
  readonly address: string
  /** Whether HTTP Basic is accepted; it can only read. */
  readonly basic: boolean
}

export interface Identity {
  /** The user, or `token:<name>`. */
  readonly name: string
  /** Of somebody who is signed in at Home Assistant: who it is for the settings, whatever name is shown. */
  readonly account?: string
  readonly via: Via
  /** Of a person; null for an API token. */
  readonly role: Role | null
  /** Each is granted separately: `admin` does not include the others. */
  readonly scopes: ReadonlySet<Scope>
  readonly userId: number | null
  /** Id of the session or of the API token; null with a password. */
  readonly grant: string | null
  /** Whether the user may only choose a password, because the bridge made the one just used. */
  readonly passwordMade?: boolean
  /** Until when it holds by itself, ms of the monotonic clock; only where nothing can be looked up. */
  readonly until?: number
}

/** Decides who calls. */
export interface Authenticator {
  /** Rejects with `UNAUTHORIZED`, or with `RATE_LIMITED` (`details.retry_after`: seconds). */
  authenticate(credentials: Credentials): Promise<Identity>
  /**
   * Whether a caller who was let in is still allowed; asked now and then about long connections, such as event streams.
   */
  holds(identity: Identity): boolean
}

export interface UserAuthenticatorOptions {
  readonly signIn: SignIn
  readonly apiTokens: ApiTokens
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly clock: Clock
}

/** How long a correct password is not hashed again: one documentation page makes a dozen requests. */
const REMEMBER_MS = 5 * 60_000
const MAX_REMEMBERED = 16
/** How long what lasts, such as an event stream, goes on before Home Assistant is to say again who asks. */
const INGRESS_MS = 15 * 60_000

const MISSING =
  'Sign-in is needed: send "Authorization: Bearer <token>", with an API token or the access token of POST /api/v1/login.'
const NO_PASSWORD =
  'This is not a token, and passwords are not accepted here. Get a token with POST /api/v1/login, or create an API token.'
const NOT_THROUGH_INGRESS =
  'Home Assistant has signed in nobody here: open the page in Home Assistant, or sign in with user name and password.'
const BASIC_WRONG =
  'User name or password is wrong. With a second factor, or for a program, send an API token as the password.'
/** A password made by the bridge is in its log, or somebody has handed it over. */
export const CHOOSE_ONE =
  'The bridge made this password, and others may have seen it. First choose your own, on the page or with POST /api/v1/password.'

interface Remembered {
  readonly userId: number
  readonly password: string | null
  readonly until: number
}

/**
 * Bearer tokens for everything; HTTP Basic only for reading, where a route allows it. A browser can open `/docs` only
 * with Basic credentials, and then adds them to every later request, even to those triggered by a foreign page. Without
 * permission to change anything, such requests do no harm. There are no cookies.
 *
 * Who is signed in at Home Assistant is taken when the request says `Authorization: Ingress`, so that it is not the
 * browser alone that adds it; without that to look only, as with Basic.
 *
 * A wrong token does not count as a guess: nobody guesses 256 bits, and a program that keeps using a revoked token must
 * not keep its neighbours from signing in.
 */
export class UserAuthenticator implements Authenticator {
  readonly #options: UserAuthenticatorOptions
  readonly #remembered = new Map<string, Remembered>()
  readonly #salt = randomBytes(32)

  constructor(options: UserAuthenticatorOptions) {
    this.#options = options
  }

  async authenticate({ authorization, signedIn, address, basic }: Credentials): Promise<Identity> {
    if (/^ingress$/i.test(authorization ?? '')) return this.#ingress(signedIn)
    if (authorization === undefined && basic && signedIn) return readOnly(this.#ingress(signedIn))
    const [, scheme, value] = /^(bearer|basic) +(\S+) *$/i.exec(authorization ?? '') ?? []
    if (scheme === undefined || value === undefined) throw new BridgeError('UNAUTHORIZED', MISSING)
    if (scheme.toLowerCase() === 'bearer') return this.#bearer(value)
    if (!basic) {
      throw new BridgeError('UNAUTHORIZED', `HTTP Basic only opens /docs, /openapi.json and /metrics. ${MISSING}`)
    }
    return this.#basic(value, address)
  }

  holds({ via, grant, until, role }: Identity): boolean {
    if (until !== undefined) return this.#options.clock.monotonic() < until
    if (grant === null) return via === 'basic'
    if (via === 'token' || via === 'basic') return this.#options.apiTokens.holds(grant)
    // With another role it is to be opened anew, so that the page learns of it.
    return this.#options.sessions.get(grant)?.role === role
  }

  #ingress(user: Credentials['signedIn']): Identity {
    if (!user) throw new BridgeError('UNAUTHORIZED', NOT_THROUGH_INGRESS)
    const until = this.#options.clock.monotonic() + INGRESS_MS
    const { name, account, role } = user
    const of = { name: OF_INGRESS + name, account: OF_INGRESS + account }
    return { ...of, via: 'ingress', role, scopes: SCOPES_OF[role], userId: null, grant: null, until }
  }

  #bearer(token: string): Identity {
    if (isToken('api', token)) return this.#apiToken(token)
    if (!isToken('access', token)) throw new BridgeError('UNAUTHORIZED', NO_PASSWORD)
    const { sessions, clock } = this.#options
    const session = sessions.byAccess(hashOf(token))
    if (!session || session.accessExpires <= clock.now()) {
      throw new BridgeError(
        'UNAUTHORIZED',
        'The access token has expired or was revoked. Get another with POST /api/v1/token/refresh, or sign in again.',
      )
    }
    const { userName: name, userId, id: grant, passwordMade, role } = session
    return { name, via: 'session', role, scopes: SCOPES_OF[role], userId, grant, passwordMade }
  }

  #apiToken(token: string): Identity {
    const { id, name, scopes } = this.#options.apiTokens.authenticate(token)
    return { name: `token:${name}`, via: 'token', role: null, scopes: new Set(scopes), userId: null, grant: id }
  }

  async #basic(value: string, address: string): Promise<Identity> {
    const pair = Buffer.from(value, 'base64').toString('utf8')
    const colon = pair.indexOf(':')
    if (colon < 0) throw new BridgeError('UNAUTHORIZED', MISSING)
    const [name, password] = [pair.slice(0, colon), pair.slice(colon + 1)]
    if (isToken('api', password)) return readOnly(this.#apiToken(password))
    const user = await this.#password(name, password, address)
    if (!user || user.totp) throw new BridgeError('UNAUTHORIZED', BASIC_WRONG)
    if (user.passwordMade) throw new BridgeError('UNAUTHORIZED', CHOOSE_ONE)
    const { name: known, role, id: userId } = user
    return readOnly({ name: known, via: 'basic', role, scopes: SCOPES_OF[role], userId, grant: null })
  }

  async #password(name: string, password: string, address: string): Promise<UserRecord | undefined> {
    const { signIn, users, clock } = this.#options
    const key = createHmac('sha256', this.#salt)
      .update(JSON.stringify([name, password]))
      .digest('base64')
    const known = this.#remembered.get(key)
    const held = known && known.until > clock.monotonic() ? users.get(known.userId) : undefined
    if (held && held.password === known?.password) return held
    this.#remembered.delete(key)
    const user = await signIn.checkPassword(name, password, address)
    if (!user) return undefined
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size >= MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest)
    this.#remembered.set(key, { userId: user.id, password: user.password, until: clock.monotonic() + REMEMBER_MS })
    return user
  }
}

function readOnly(identity: Identity): Identity {
  const scopes = new Set<Scope>(identity.scopes.has('read') ? ['read'] : [])
  return { ...identity, via: 'basic', scopes }
}
