/** The passwords of the users, and that of the configuration. */
import { timingSafeEqual } from 'node:crypto'
import type { UserRecord, UserStore } from '../ports.ts'
import type { Passwords } from './passwords.ts'
import { hashOf } from './tokens.ts'

/** The password set by the configuration, and its user. */
export interface FixedPassword {
  readonly name: string
  readonly password: string
}

export interface UserPasswordsOptions {
  readonly users: Pick<UserStore, 'get' | 'byName' | 'setPassword'>
  readonly passwords: Passwords
  readonly fixed: FixedPassword | null
}

/** Hashing takes its time, and waits for its turn. What others change meanwhile counts. */
export class UserPasswords {
  readonly #options: UserPasswordsOptions

  constructor(options: UserPasswordsOptions) {
    this.#options = options
  }

  isFixed({ name }: Pick<UserRecord, 'name'>): boolean {
    return this.#options.fixed?.name.toLowerCase() === name.toLowerCase()
  }

  /** The user with this name and password. Takes as long for a user that does not exist. */
  async userWith(name: string, password: string): Promise<UserRecord | undefined> {
    const { users, passwords, fixed } = this.#options
    const user = users.byName(name)
    const fixedPassword = user && this.isFixed(user) ? fixed?.password : undefined
    const stored = fixedPassword === undefined ? (user?.password ?? null) : null
    const verified = await passwords.verify(password, stored)
    const right = fixedPassword === undefined ? verified : equal(password, fixedPassword)
    if (!right || !user) return undefined
    const now = users.get(user.id)
    // The user may be gone, or have another password: that is the one to be right.
    if (now?.password !== user.password) return this.userWith(name, password)
    if (stored === null || !passwords.isOld(stored)) return now
    await this.replace(user, password, user.passwordMade)
    return this.userWith(name, password)
  }

  /** False, and nothing changed, if the user has another password by now than in `user`. @param made whether the bridge made it */
  async replace({ id, password }: UserRecord, next: string, made = false): Promise<boolean> {
    const { users, passwords } = this.#options
    const hash = await passwords.hash(next)
    if (users.get(id)?.password !== password) return false
    users.setPassword(id, hash, made)
    return true
  }
}

/** Hashed first: timingSafeEqual needs equal lengths, and the comparison must not reveal the length. */
export const equal = (a: string, b: string): boolean =>
  timingSafeEqual(hashOf(a.normalize('NFC')), hashOf(b.normalize('NFC')))
