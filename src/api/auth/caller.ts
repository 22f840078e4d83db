/** Who calls, as routes see it. */
import type { FastifyRequest } from 'fastify'
import { BridgeError } from '../../core/errors.ts'
import type { UserRecord, UserStore } from './ports.ts'
import type { From } from './sign-in.ts'

export function fromOf({ ip, headers }: FastifyRequest): From {
  return { address: ip, userAgent: headers['user-agent'] ?? '' }
}

/** The user signed in, and the session. Throws `UNAUTHORIZED` when there is none any more. */
export function userOf({ identity }: FastifyRequest, users: UserStore): { user: UserRecord; session: string } {
  const user = identity?.userId ? users.get(identity.userId) : undefined
  if (!user || !identity?.grant) throw new BridgeError('UNAUTHORIZED', 'This session is over. Sign in again.')
  return { user, session: identity.grant }
}
