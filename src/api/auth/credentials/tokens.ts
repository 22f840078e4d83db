/** Tokens: a prefix for their kind, then 256 random bits; stored as SHA-256. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Scanners for leaked secrets find tokens by these prefixes. `api` is for programs; the others belong to a sign-in. */
export const PREFIX = { api: 't2m_', access: 't2ma_', refresh: 't2mr_', temporary: 't2mt_' } as const

const random = (bytes = 32): string => randomBytes(bytes).toString('base64url')

export const newToken = (kind: keyof typeof PREFIX): string => PREFIX[kind] + random()

/** An id to show in lists of sessions and tokens. */
export const newId = (): string => random(12)

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Whether `hash` is the hash of `token`. */
export const matches = (token: string, hash: Buffer): boolean => timingSafeEqual(hashOf(token), hash)

/** Whether `text` has the form of this kind of token. */
export function isToken(kind: 'api' | 'access' | 'temporary', text: string): boolean {
  return text.startsWith(PREFIX[kind]) && /^[\w-]{43}$/.test(text.slice(PREFIX[kind].length))
}

/**
 * A refresh token names its session and carries two secrets: that of the family, the same in every refresh token of the
 * session, and its own. A token of the right family that is not in force was genuine once, so it was copied or used
 * twice. This tells reuse from forgery without storing old tokens.
 */
export interface RefreshToken {
  readonly session: string
  readonly family: string
  readonly own: string
}

export const newRefresh = (session: string, family = random()): RefreshToken => ({ session, family, own: random() })

export const writeRefresh = ({ session, family, own }: RefreshToken): string =>
  `${PREFIX.refresh}${session}.${family}.${own}`

export function parseRefresh(text: string): RefreshToken | undefined {
  if (!text.startsWith(PREFIX.refresh)) return undefined
  const match = /^([\w-]{16})\.([\w-]{43})\.([\w-]{43})$/.exec(text.slice(PREFIX.refresh.length))
  const [, session, family, own] = match ?? []
  if (session === undefined || family === undefined || own === undefined) return undefined
  return { session, family, own }
}

/** How names of tokens begin that the command line makes for itself; nobody else may give one of these. */
export const COMMAND_LINE = 'command line, '

/** How the names of those begin who are signed in at Home Assistant; no user of the bridge has such a name. */
export const OF_INGRESS = 'homeassistant:'
