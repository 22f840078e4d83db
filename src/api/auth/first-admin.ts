import { randomBytes } from 'node:crypto'
import type { Passwords } from './passwords.ts'
import type { SessionStore, UserStore } from './ports.ts'
import type { FixedPassword } from './sign-in.ts'

/** The user whom the first start makes, and whose password the setting api.admin_password is. */
export const ADMIN = 'admin'

const CONFIGURED = 'api.configured_password'
/** Where the first release kept the password that it had made. */
const FORMER = 'api.admin_password'

export interface FirstAdminOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly passwords: Passwords
  readonly values: {
    getSecret(name: string): string | undefined
    setSecret(name: string, value: string): void
    delete(name: string): void
  }
  /** The setting api.admin_password. */
  readonly configured: string | null
  /** Shows a line to whoever starts the bridge, past the log. */
  readonly announce: (line: string) => void
}

/**
 * Sees to it that somebody can sign in: `admin`, with the configured password, else with one made once and shown once.
 * A configured password is compared, not hashed: who can read the configuration has it anyway.
 */
export async function prepareAdmin(options: FirstAdminOptions): Promise<FixedPassword | null> {
  if (options.configured !== null) return takeConfigured(options, options.configured)
  const { users, sessions, passwords, values, announce } = options
  values.delete(CONFIGURED)
  const admin = users.byName(ADMIN)
  if (admin ? admin.password !== null : users.list().length > 0) return null
  const former = values.getSecret(FORMER)
  const password = former ?? randomBytes(15).toString('base64url')
  const hash = await passwords.hash(password)
  if (admin) {
    users.setPassword(admin.id, hash)
    sessions.removeOthers(admin.id, null)
  } else users.add(ADMIN, hash)
  values.delete(FORMER)
  if (former === undefined) {
    announce(`Made the user ${ADMIN}. Password, shown only this once: ${password}`)
  }
  return null
}

function takeConfigured({ users, sessions, values }: FirstAdminOptions, password: string): FixedPassword {
  values.delete(FORMER)
  if (!users.byName(ADMIN)) users.add(ADMIN, null)
  const admin = users.byName(ADMIN)
  if (admin && values.getSecret(CONFIGURED) !== password) {
    // Another password: whoever signed in with the former one is out.
    sessions.removeOthers(admin.id, null)
    values.setSecret(CONFIGURED, password)
    if (admin.password !== null) users.setPassword(admin.id, null)
  }
  return { name: ADMIN, password }
}
