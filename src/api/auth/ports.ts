/** Who may do what, and what sign-in needs from the store. `store` satisfies these by shape. */

/**
 * `read` views, `control` changes what thermostats do, `admin` changes the bridge, its accounts and who may sign in.
 */
export const SCOPES = ['read', 'control', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** What a person may do: see, also command devices, and everything. */
export const ROLES = ['look', 'control', 'administer'] as const
export type Role = (typeof ROLES)[number]

/** What each role may do, in the scopes that routes ask for. */
export const SCOPES_OF: Readonly<Record<Role, ReadonlySet<Scope>>> = {
  look: new Set(['read']),
  control: new Set(['read', 'control']),
  administer: new Set(['read', 'control', 'admin']),
}

/** The lowest role with this scope. */
export const ROLE_FOR: Readonly<Record<Scope, Role>> = { read: 'look', control: 'control', admin: 'administer' }

/** Those scopes that the role has too. */
export const within = (scopes: readonly Scope[], role: Role): Scope[] =>
  scopes.filter((scope) => SCOPES_OF[role].has(scope))

/** By which way somebody came: `ingress` is that of Home Assistant, `machine` is a command on the machine itself, `none` is nobody signed in. */
export const VIAS = ['session', 'ingress', 'token', 'basic', 'machine', 'none'] as const
export type Via = (typeof VIAS)[number]

/** The default number of audit log entries in one answer. */
export const AUDIT_PAGE = 100

export interface UserRecord {
  readonly id: number
  readonly name: string
  /** The result of `Passwords.hash`; null if the configuration sets the password. */
  readonly password: string | null
  /** Whether the bridge made the password, and its owner has to choose another one. */
  readonly passwordMade: boolean
  /** Whether a code is asked for. */
  readonly totp: boolean
  readonly role: Role
  /** Unix ms. */
  readonly created: number
}

export interface UserStore {
  list(): UserRecord[]
  get(id: number): UserRecord | undefined
  byName(name: string): UserRecord | undefined
  /** False when the name is taken. */
  add(name: string, password: string | null, made?: boolean, role?: Role): boolean
  /** False, and nothing changed, when nobody would be left who administers. */
  setRole(id: number, role: Role): boolean
  /** @param made whether the bridge made it, so that its owner has to choose another one */
  setPassword(id: number, password: string | null, made?: boolean): void
  /** Base32; undefined if there is none or it can't be read. */
  totpSecret(id: number): string | undefined
  /** Stores a secret, in place of any earlier one; codes are not asked for until `activateTotp`. */
  setTotpSecret(id: number, secret: string): void
  /** From now on codes are asked for. `recovery`: hashes that replace all earlier ones. */
  activateTotp(id: number, recovery: readonly Buffer[]): void
  /** Forgets secret and recovery codes. */
  clearTotp(id: number): void
  /** True once per step, and only for a later step than before: two requests can't both use one code. */
  useTotpStep(id: number, step: number): boolean
  /** The last step that was used, 0 when none was. */
  totpStep(id: number): number
  /** True once per code. */
  useRecoveryCode(id: number, hash: Buffer): boolean
  recoveryCodesLeft(id: number): number
  /** Whether this user has signed in from there before. */
  knows(id: number, address: string): boolean
  /** Notes a sign-in from there. Bounded: the address unused for the longest time is forgotten. */
  signedInFrom(id: number, address: string): void
  /** With sessions and API tokens. False, and nothing removed, when nobody would be left who administers. */
  remove(id: number): boolean
}

/** Why a session ended; `unknown` when the bridge knows nothing of it, or nothing any more. */
export const WHY_ENDED = {
  signed_out: 'This session was signed out.',
  ended: 'This session was ended on another device.',
  ended_by_administrator: 'An administrator has ended this session.',
  password_changed: 'The password has changed, which ended this session.',
  password_reset: 'An administrator has set another password, which ended this session.',
  user_removed: 'An administrator has removed this user.',
  reused: 'A token of this session was used twice, and somebody may have copied it, so it was ended.',
  idle: 'Nobody has used this session for long, so it was ended.',
  unknown: 'This refresh token is not valid, or the bridge no longer knows it.',
} as const
export type Ending = Exclude<keyof typeof WHY_ENDED, 'unknown'>

export interface SessionRecord {
  readonly id: string
  readonly userId: number
  readonly userName: string
  /** Whether the bridge made the password of the user, who has to choose another one. */
  readonly passwordMade: boolean
  /** What the user may do now. */
  readonly role: Role
  readonly created: number
  readonly lastUsed: number
  /** When the refresh token ends, Unix ms. */
  readonly expires: number
  readonly address: string
  readonly userAgent: string
  /** When the access token ends, Unix ms. */
  readonly accessExpires: number
  /** Whether the user has chosen to stay signed in. */
  readonly stays: boolean
}

/** Hashes of one pair of tokens, and when they expire. */
export interface TokenHashes {
  readonly access: Buffer
  readonly accessExpires: number
  readonly refresh: Buffer
  readonly expires: number
}

export interface SessionStore {
  list(): SessionRecord[]
  get(id: string): SessionRecord | undefined
  byAccess(hash: Buffer): SessionRecord | undefined
  /** @param family hash of the part that all refresh tokens of this session share */
  add(
    session: Pick<SessionRecord, 'id' | 'userId' | 'address' | 'userAgent'> & { readonly stays?: boolean },
    family: Buffer,
    hashes: TokenHashes,
  ): void
  /** The hashes that a refresh token of this session is compared with. */
  refreshHashes(id: string): { readonly family: Buffer; readonly refresh: Buffer } | undefined
  /** Replaces `old` with new hashes; false if `old` is no longer in force. */
  rotate(id: string, old: Buffer, hashes: TokenHashes, from: { address: string; userAgent: string }): boolean
  /** False when there was none. */
  remove(id: string, why: Ending): boolean
  /** Why a session ended, and the hash of its family; undefined while it goes on, or if it is not known any more. */
  endingOf(id: string): { readonly family: Buffer; readonly reason: Ending } | undefined
  /** Ends all sessions of a user but one; returns the ids of those ended. */
  removeOthers(userId: number, except: string | null, why: Ending): string[]
  /** Forgets expired sessions. */
  prune(): void
}

export interface ApiTokenRecord {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly created: number
  readonly createdBy: string
  /** Id of the user who made it; null for one who is no user of the bridge. */
  readonly maker: number | null
  readonly expires: number | null
  readonly lastUsed: number | null
}

export interface ApiTokenStore {
  list(): ApiTokenRecord[]
  get(id: string): ApiTokenRecord | undefined
  byHash(hash: Buffer): ApiTokenRecord | undefined
  add(
    token: Pick<ApiTokenRecord, 'id' | 'name' | 'scopes' | 'createdBy' | 'expires'> & {
      readonly maker?: number | null
    },
    hash: Buffer,
  ): void
  used(id: string, at: number): void
  /** False when there was none. */
  remove(id: string): boolean
}

export interface AuditEntry {
  /** Unix ms. */
  readonly at: number
  readonly who: string | null
  readonly via: Via
  readonly address: string | null
  readonly action: string
  readonly target: string | null
  readonly details: string | null
  /** `ok`, or the code of the error. */
  readonly outcome: string
}

export interface AuditStore {
  /** In one commit. Bounded: the oldest are forgotten. */
  add(entries: readonly AuditEntry[]): void
  /** The newest first, only those with an id below `before`. */
  page(limit: number, before: number | null): (AuditEntry & { readonly id: number })[]
}
