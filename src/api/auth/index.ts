/** Builds everything about who may do what. */
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { ApiTokens, type ApiTokensOptions } from './api-tokens.ts'
import { AuditLog } from './audit-log.ts'
import { type Authenticator, UserAuthenticator } from './authenticator.ts'
import { Guesses } from './credentials/guesses.ts'
import { type PasswordCost, Passwords } from './credentials/passwords.ts'
import { type FirstAdminOptions, prepareAdmin } from './first-admin.ts'
import { People } from './people.ts'
import type { ApiTokenStore, AuditStore, SessionStore, UserStore } from './ports.ts'
import { SecondFactor } from './second-factor.ts'
import { SignIn } from './sign-in.ts'
import { SpareSessions } from './spare-sessions.ts'

/** What sign-in stores, and how it shows the password made at the first start. */
export interface AccessOptions extends Pick<FirstAdminOptions, 'values' | 'configured' | 'announce'> {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly apiTokens: ApiTokenStore
  readonly audit: AuditStore
  /** Left out, nobody comes through the ingress of Home Assistant. */
  readonly throughIngress?: ApiTokensOptions['throughIngress']
  /** Only tests use a lower cost than recommended. */
  readonly passwordCost?: PasswordCost | undefined
}

export interface Access {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly authenticator: Authenticator
  readonly signIn: SignIn
  readonly secondFactor: SecondFactor
  readonly apiTokens: ApiTokens
  readonly people: People
  readonly audit: AuditLog
}

/** Creates the first user if there is none. */
export async function openAccess(options: AccessOptions, clock: Clock, logger: Logger): Promise<Access> {
  const { users, throughIngress = () => null } = options
  const sessions = new SpareSessions({ store: options.sessions, users, clock, logger })
  const passwords = new Passwords(options.passwordCost)
  const fixed = await prepareAdmin({ ...options, passwords, logger })
  const guesses = new Guesses({ clock, logger })
  const secondFactor = new SecondFactor({ users, clock })
  const signIn = new SignIn({ users, sessions, passwords, secondFactor, guesses, fixed, clock, logger })
  const apiTokens = new ApiTokens({ store: options.apiTokens, users, throughIngress, clock, logger })
  const authenticator = new UserAuthenticator({ signIn, apiTokens, users, sessions, clock })
  const people = new People({ users, sessions, signIn, apiTokens, passwords, logger })
  const audit = new AuditLog({ store: options.audit, clock, logger })
  return { users, sessions, authenticator, signIn, secondFactor, apiTokens, people, audit }
}
