import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { networkOf } from '../../core/network/addresses.ts'
import { isCommonPassword } from '../../core/passwords/common.ts'
import type { Guess, Guesses } from './credentials/guesses.ts'
import type { Passwords } from './credentials/passwords.ts'
import * as tokens from './credentials/tokens.ts'
import { equal, type FixedPassword, UserPasswords } from './credentials/user-passwords.ts'
import { type Ending, type SessionStore, type UserRecord, type UserStore, WHY_ENDED } from './ports.ts'
import { type SecondFactor, wrongCode } from './second-factor.ts'

const MINUTE = 60_000
const ACCESS_MS = 15 * MINUTE
/** How long a session lasts that nobody uses: of who stays signed in, and of everybody else. */
const IDLE_MS = { stays: 30 * 24 * 60 * MINUTE, leaves: 12 * 60 * MINUTE } as const
const TEMPORARY_MS = 5 * MINUTE
/** Milliseconds during which a refresh token that was just used gets the same answer again. */
const SAME_ANSWER_MS = 10_000
const TRIES_PER_TEMPORARY = 5
const MAX_TEMPORARY = 100

/** Where a request comes from. */
export interface From {
  readonly address: string
  readonly userAgent: string
}

/** Who has shown who they are, and how long that is to hold. */
interface Opening {
  readonly user: UserRecord
  readonly stays: boolean
}

export interface TokenPair {
  readonly access: string
  readonly refresh: string
}

export interface SignInOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly passwords: Passwords
  readonly secondFactor: SecondFactor
  readonly guesses: Guesses
  readonly fixed: FixedPassword | null
  readonly clock: Clock
  readonly logger: Logger
}

type Signed = { readonly user: UserRecord; readonly tokens: TokenPair }
type CodeWanted = { readonly user: UserRecord; readonly temporary: string }

interface Temporary {
  readonly userId: number
  /** Hash of the password that was right: if it changes, the second step fails. */
  readonly password: string | null
  readonly stays: boolean
  readonly until: number
  tries: number
}

/** The answer to a refresh token. */
interface Renewal {
  readonly own: string
  readonly address: string
  readonly pair: TokenPair
  readonly until: number
}

/** Users' way in: password, second factor, tokens and their renewal. */
export class SignIn {
  /** Ids of sessions that were ended. */
  readonly ended: EventBus<{ ended: string }>
  readonly #options: SignInOptions
  readonly #passwords: UserPasswords
  /** Sign-ins that wait for a code, by the hash of their token. */
  readonly #temporary = new Map<string, Temporary>()
  /** The last renewals, by session. */
  readonly #renewals = new Map<string, Renewal>()

  constructor(options: SignInOptions) {
    this.#options = options
    this.#passwords = new UserPasswords(options)
    this.ended = new EventBus((error) => options.logger.error({ err: error }, 'a listener failed'))
  }

  /**
   * Rejects with `UNAUTHORIZED`, in the same time and words for a wrong name and a wrong password, or with
   * `RATE_LIMITED`.
   */
  async login(name: string, password: string, from: From, stays = true): Promise<Signed | CodeWanted> {
    const user = await this.checkPassword(name, password, from.address)
    if (!user) throw new BridgeError('UNAUTHORIZED', 'User name or password is wrong.')
    if (!user.totp) return { user, tokens: this.#open({ user, stays }, from) }
    return { user, temporary: this.#remember({ user, stays }) }
  }

  /** The second step. Rejects with `UNAUTHORIZED` if the first must be repeated, `BAD_REQUEST` for a wrong code. */
  async verify(temporary: string, code: string, from: From): Promise<Signed> {
    const { users, secondFactor, guesses, clock } = this.#options
    const key = tokens.hashOf(temporary).toString('base64')
    const held = this.#temporary.get(key)
    const user = held && users.get(held.userId)
    if (!held || !user?.totp || held.until <= clock.monotonic() || held.password !== user.password) {
      this.#temporary.delete(key)
      throw new BridgeError(
        'UNAUTHORIZED',
        'This sign-in has expired or does not exist. Start again with user name and password.',
      )
    }
    const guess = this.#guess(`code of ${user.id}`, user, from.address)
    guesses.begin(guess)
    held.tries++
    if (held.tries >= TRIES_PER_TEMPORARY) this.#temporary.delete(key)
    if (!secondFactor.takes(user, code)) throw wrongCode()
    guesses.succeeded(guess)
    this.#temporary.delete(key)
    return { user, tokens: this.#open({ user, stays: held.stays }, from) }
  }

  /**
   * Throws `UNAUTHORIZED`, with the reason. A token used twice ends its session: either its user or a thief has a copy. For ten seconds,
   * the same address gets the same answer instead: the first may have been lost on the way, or two tabs asked at once.
   */
  refresh(text: string, from: From): Signed {
    const { users, sessions, logger } = this.#options
    const given = tokens.parseRefresh(text)
    const held = given && sessions.refreshHashes(given.session)
    const session = given && sessions.get(given.session)
    const user = session && users.get(session.userId)
    if (!given || !held || !user || !tokens.matches(given.family, held.family)) throw this.#over(given)
    const before = this.#renewalOf(given, from)
    if (before) return { user, tokens: before.pair }
    const next = tokens.newRefresh(given.session, given.family)
    const pair = { access: tokens.newToken('access'), refresh: tokens.writeRefresh(next) }
    const inForce = tokens.matches(given.own, held.refresh)
    if (
      inForce &&
      sessions.rotate(given.session, held.refresh, this.#hashes(pair.access, next.own, session.stays), shown(from))
    ) {
      const until = this.#options.clock.monotonic() + SAME_ANSWER_MS
      this.#renewals.set(given.session, { own: given.own, address: from.address, pair, until })
      return { user, tokens: pair }
    }
    this.endSession(given.session, 'reused')
    logger.warn({ address: from.address, user: user.name }, 'a refresh token came a second time: its session was ended')
    throw new BridgeError(
      'UNAUTHORIZED',
      'This refresh token was used before. Somebody may have copied it, so the session was ended. Sign in again.',
      { details: { reused: true, reason: 'reused' } },
    )
  }

  /** Says why a session ended, but only to who has had a token of it. */
  #over(given: tokens.RefreshToken | undefined): BridgeError {
    const ending = given && this.#options.sessions.endingOf(given.session)
    const reason = ending && tokens.matches(given.family, ending.family) ? ending.reason : 'unknown'
    return new BridgeError('UNAUTHORIZED', `${WHY_ENDED[reason]} Sign in again.`, { details: { reason } })
  }

  /** The answer that this token just got; undefined for another token, another address or too late. */
  #renewalOf({ session, own }: tokens.RefreshToken, { address }: From): Renewal | undefined {
    const now = this.#options.clock.monotonic()
    for (const [id, { until }] of this.#renewals) if (until <= now) this.#renewals.delete(id)
    const renewal = this.#renewals.get(session)
    return renewal && equal(renewal.own, own) && renewal.address === address ? renewal : undefined
  }

  /** False when there was none. */
  endSession(id: string, why: Ending): boolean {
    const was = this.#options.sessions.remove(id, why)
    if (was) this.ended.emit('ended', id)
    return was
  }

  /** Ends all sessions of the user but one. */
  endOthers(userId: number, except: string | null, why: Ending): void {
    for (const id of this.#options.sessions.removeOthers(userId, except, why)) this.ended.emit('ended', id)
  }

  isFixed(user: Pick<UserRecord, 'name'>): boolean {
    return this.#passwords.isFixed(user)
  }

  /** Rejects with `BAD_REQUEST` (wrong, set by the configuration, unchanged or too common) or `RATE_LIMITED`. */
  async changePassword(user: UserRecord, current: string, next: string, session: string, from: From): Promise<void> {
    if (this.isFixed(user)) {
      throw new BridgeError('BAD_REQUEST', 'The configuration sets this password: change api.admin_password there.')
    }
    const known = await this.confirm(user, current, from)
    if (equal(next, current)) throw badNew('This is already your password.', 'same_password')
    if (isCommonPassword(next, [user.name])) {
      throw badNew(
        'This is one of the first passwords that attackers try. Choose another, such as four words.',
        'common_password',
      )
    }
    if (!(await this.#passwords.replace(known, next))) throw wrongPassword('current')
    this.endOthers(user.id, session, 'password_changed')
  }

  /** Checks the password of a signed-in user again. Rejects with `BAD_REQUEST` or `RATE_LIMITED`. */
  async confirm(user: UserRecord, password: string, { address }: From, field = 'current'): Promise<UserRecord> {
    const known = await this.checkPassword(user.name, password, address)
    if (known?.id === user.id) return known
    throw wrongPassword(field)
  }

  /** Checks a code of a signed-in user. Throws `BAD_REQUEST` or `RATE_LIMITED`. */
  confirmCode(user: UserRecord, code: string, { address }: From): void {
    const guess = this.#guess(`code of ${user.id}`, user, address)
    this.#options.guesses.begin(guess)
    if (!this.#options.secondFactor.takes(user, code)) throw wrongCode()
    this.#options.guesses.succeeded(guess)
  }

  /** The user with this name and password. Takes as long, and counts the same, for a user that does not exist. */
  async checkPassword(name: string, password: string, address: string): Promise<UserRecord | undefined> {
    const { users, guesses } = this.#options
    const guess = this.#guess(`password of ${name}`, users.byName(name), address)
    guesses.begin(guess)
    const user = await this.#passwords.userWith(name, password)
    if (user) guesses.succeeded(guess)
    return user
  }

  #guess(subject: string, user: UserRecord | undefined, address: string): Guess {
    const network = networkOf(address)
    return { subject, network, known: user !== undefined && this.#options.users.knows(user.id, network) }
  }

  #open({ user, stays }: Opening, from: From): TokenPair {
    const { users, sessions } = this.#options
    const id = tokens.newId()
    const refresh = tokens.newRefresh(id)
    const access = tokens.newToken('access')
    sessions.prune()
    sessions.add(
      { id, userId: user.id, stays, ...shown(from) },
      tokens.hashOf(refresh.family),
      this.#hashes(access, refresh.own, stays),
    )
    try {
      users.signedInFrom(user.id, networkOf(from.address))
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the addresses of sign-ins can’t be saved now')
    }
    return { access, refresh: tokens.writeRefresh(refresh) }
  }

  #hashes(access: string, refresh: string, stays: boolean) {
    const now = this.#options.clock.now()
    return {
      access: tokens.hashOf(access),
      accessExpires: now + ACCESS_MS,
      refresh: tokens.hashOf(refresh),
      expires: now + (stays ? IDLE_MS.stays : IDLE_MS.leaves),
    }
  }

  #remember({ user, stays }: Opening): string {
    const token = tokens.newToken('temporary')
    const now = this.#options.clock.monotonic()
    for (const [key, { until }] of this.#temporary) if (until <= now) this.#temporary.delete(key)
    const [oldest] = this.#temporary.keys()
    if (this.#temporary.size >= MAX_TEMPORARY && oldest !== undefined) this.#temporary.delete(oldest)
    const entry = { userId: user.id, password: user.password, stays, until: now + TEMPORARY_MS, tries: 0 }
    this.#temporary.set(tokens.hashOf(token).toString('base64'), entry)
    return token
  }
}

const shown = ({ address, userAgent }: From) => ({ address: address.slice(0, 64), userAgent: userAgent.slice(0, 200) })

const wrongPassword = (field: string): BridgeError =>
  new BridgeError('BAD_REQUEST', 'The password is wrong.', { details: { field } })

const badNew = (message: string, reason: string): BridgeError =>
  new BridgeError('BAD_REQUEST', message, { details: { field: 'new', reason } })
