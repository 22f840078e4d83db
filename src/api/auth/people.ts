/** The users, as administrators manage them. */
import { randomBytes } from 'node:crypto'
import { BridgeError } from '../../core/errors.ts'
import { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { ApiTokens } from './api-tokens.ts'
import type { Passwords } from './credentials/passwords.ts'
import type { Role, SessionStore, UserRecord, UserStore } from './ports.ts'
import type { SignIn } from './sign-in.ts'

/** Plain letters only: names that look alike must not be two users. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
const NAME_RULE = 'A user name has 1 to 64 letters from A to Z, digits, . _ @ or -, and begins with a letter or digit.'
/** More than any house has; what administrators can store is bounded, too. */
const MAX_USERS = 100
const LAST =
  'Nobody else administers the bridge, so this user must stay an administrator. Make somebody else one first.'

export interface PeopleOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly signIn: SignIn
  readonly apiTokens: ApiTokens
  readonly passwords: Passwords
  readonly logger: Logger
}

const refused = (message: string, field?: string): BridgeError =>
  new BridgeError('BAD_REQUEST', message, field === undefined ? {} : { details: { field } })

/** @throws BridgeError `BAD_REQUEST` for a name that no user can have */
export function checkUserName(name: string): void {
  if (!NAME.test(name)) throw refused(NAME_RULE, 'name')
}

/** A password for somebody to read off and type once. */
export const madePassword = (): string => randomBytes(15).toString('base64url')

/** @throws BridgeError `BAD_REQUEST` unless `done` */
export function unlessLast(done: boolean): void {
  if (!done) throw refused(LAST, 'role')
}

/** Everything but `list` throws `BAD_REQUEST` if it can't be done, and says why. */
export class People {
  /** Ids of sessions whose user has another role now. */
  readonly changed: EventBus<{ changed: string }>
  readonly #options: PeopleOptions

  constructor(options: PeopleOptions) {
    this.#options = options
    this.changed = new EventBus((error) => options.logger.error({ err: error }, 'a listener failed'))
  }

  list(): UserRecord[] {
    return this.#options.users.list()
  }

  get(id: number): UserRecord | undefined {
    return this.#options.users.get(id)
  }

  /** With a password that its owner has to replace at the first sign-in. */
  async add(name: string, role: Role): Promise<{ readonly user: UserRecord; readonly password: string }> {
    const { users, passwords } = this.#options
    checkUserName(name)
    if (users.list().length >= MAX_USERS) {
      throw refused(`There are ${MAX_USERS} users already. Remove some first.`)
    }
    const password = madePassword()
    const added = !users.byName(name) && users.add(name, await passwords.hash(password), true, role)
    const user = users.byName(name)
    if (!added || !user) throw refused('There is a user with this name already.', 'name')
    return { user, password }
  }

  setRole(user: UserRecord, role: Role): void {
    if (role !== 'administer') this.#checkFree(user)
    unlessLast(this.#options.users.setRole(user.id, role))
    if (role === user.role) return
    for (const id of this.#sessionsOf(user)) this.changed.emit('changed', id)
  }

  /** Another password that its owner has to replace. Ends all sessions of the user. */
  async resetPassword(user: UserRecord): Promise<string> {
    const { users, passwords, signIn } = this.#options
    this.#checkFree(user)
    const password = madePassword()
    users.setPassword(user.id, await passwords.hash(password), true)
    signIn.endOthers(user.id, null, 'password_reset')
    return password
  }

  /** With sessions and API tokens, at once. */
  remove(user: UserRecord): void {
    const { users, signIn, apiTokens } = this.#options
    this.#checkFree(user)
    const [sessions, tokens] = [this.#sessionsOf(user), apiTokens.madeBy(user.id)]
    unlessLast(users.remove(user.id))
    for (const id of sessions) signIn.ended.emit('ended', id)
    for (const id of tokens) apiTokens.ended.emit('ended', id)
  }

  #sessionsOf({ id }: UserRecord): string[] {
    return this.#options.sessions.list().flatMap((session) => (session.userId === id ? [session.id] : []))
  }

  #checkFree(user: UserRecord): void {
    if (!this.#options.signIn.isFixed(user)) return
    throw refused('The configuration sets the password of this user (api.admin_password): change it there.')
  }
}
