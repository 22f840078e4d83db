/** Tokens: 256 random bits behind a prefix that says what they are, kept as SHA-256. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A search for leaked secrets finds them by these. `api` is for programs; the others belong to a sign-in. */
export const PREFIX = { api: 't2m_', access: 't2ma_', refresh: 't2mr_', temporary: 't2mt_' } as const

const random = (bytes = 32): string => randomBytes(bytes).toString('base64url')

export const newToken = (kind: keyof typeof PREFIX): string => PREFIX[kind] + random()

/** For what is shown: sessions and tokens in lists. */
export const newId = (): string => random(12)

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Whether `token` is the one that `hash` was made of. */
export const matches = (token: string, hash: Buffer): boolean => timingSafeEqual(hashOf(token), hash)

/** Whether `text` is written as tokens of this kind are. */
export function isToken(kind: 'api' | 'access' | 'temporary', text: string): boolean {
  return text.startsWith(PREFIX[kind]) && /^[\w-]{43}$/.test(text.slice(PREFIX[kind].length))
}

/**
 * A refresh token names its session and carries two secrets: that of the family, the same in every refresh token of the
 * session, and its own. A token of the right family that is not the one in force was genuine once: it was copied, or
 * used twice. So reuse is told from forgery without keeping the tokens of the past.
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
