import { randomBytes } from 'node:crypto'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Passwords } from './credentials/passwords.ts'
import type { FixedPassword } from './credentials/user-passwords.ts'
import type { SessionStore, UserStore } from './ports.ts'

/** The user created at the first start; the setting api.admin_password is this user's password. */
export const ADMIN = 'admin'

const CONFIGURED = 'api.configured_password'
/** Where the first release kept the password it had made. */
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
  /** Shows a line to the person who starts the bridge, bypassing the log. */
  readonly announce: (line: string) => void
  readonly logger: Logger
}

/**
 * Makes sure that somebody can sign in: `admin`, with the configured password, or with one made once and shown once. A
 * configured password is compared, not hashed: whoever can read the configuration has it anyway.
 */
export async function prepareAdmin(options: FirstAdminOptions): Promise<FixedPassword | null> {
  const { configured, logger } = options
  try {
    if (configured === null) await keepAdmin(options)
    else takeConfigured(options, configured)
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    // Existing users can still sign in, to see what is wrong with the store.
    logger.error({ err: error }, 'The users could not be updated in the store')
  }
  return configured === null ? null : { name: ADMIN, password: configured }
}

async function keepAdmin({ users, sessions, passwords, values, announce }: FirstAdminOptions): Promise<void> {
  values.delete(CONFIGURED)
  const admin = users.byName(ADMIN)
  if (admin ? admin.password !== null : users.list().length > 0) return
  const former = values.getSecret(FORMER)
  const password = former ?? randomBytes(15).toString('base64url')
  const hash = await passwords.hash(password)
  if (admin) {
    users.setPassword(admin.id, hash, true)
    sessions.removeOthers(admin.id, null, 'password_changed')
  } else users.add(ADMIN, hash, true)
  values.delete(FORMER)
  if (former === undefined) {
    announce(`Created the user ${ADMIN}. Password, shown only this once: ${password}`)
  }
}

function takeConfigured({ users, sessions, values }: FirstAdminOptions, password: string): void {
  if (!users.byName(ADMIN)) users.add(ADMIN, null)
  const admin = users.byName(ADMIN)
  // Whoever writes the configuration must always have a way in.
  if (admin) users.setRole(admin.id, 'administer')
  if (admin && values.getSecret(CONFIGURED) !== password) {
    // The password has changed: sessions with the former one end.
    sessions.removeOthers(admin.id, null, 'password_changed')
    values.setSecret(CONFIGURED, password)
    if (admin.password !== null) users.setPassword(admin.id, null)
  }
  values.delete(FORMER)
}
