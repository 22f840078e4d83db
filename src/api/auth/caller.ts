/** The caller, as routes see it. */
import type { FastifyRequest } from 'fastify'
import { BridgeError } from '../../core/errors.ts'
import type { UserRecord, UserStore } from './ports.ts'
import type { From } from './sign-in.ts'

export function fromOf({ ip, headers }: FastifyRequest): From {
  return { address: ip, userAgent: headers['user-agent'] ?? '' }
}

/**
 * The user signed in, and the session. Throws `UNAUTHORIZED` when there is none any more, `FORBIDDEN` for somebody whom Home
 * Assistant has signed in.
 */
export function userOf({ identity }: FastifyRequest, users: UserStore): { user: UserRecord; session: string } {
  if (identity?.via === 'ingress') {
    throw new BridgeError(
      'FORBIDDEN',
      'Home Assistant has signed you in, so there is no password to ask you for. Sign out, then sign in with user name and password.',
      { details: { reason: 'ingress' } },
    )
  }
  const user = identity?.userId ? users.get(identity.userId) : undefined
  if (!user || !identity?.grant) throw new BridgeError('UNAUTHORIZED', 'This session is over. Sign in again.')
  return { user, session: identity.grant }
}
