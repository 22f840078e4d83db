/** The caller of a route, as the log of a device names people and programs. */
import { type Actor, BRIDGE } from '../../core/actor.ts'
import type { Identity } from './authenticator.ts'
import { COMMAND_LINE, OF_INGRESS } from './credentials/tokens.ts'

const TOKEN = 'token:'

/** null only where nobody need sign in, which no route for commands allows. */
export function actorOf(identity: Identity | null): Actor {
  if (!identity) return BRIDGE
  const { name, via } = identity
  if (via === 'ingress') return { via: 'user', name: name.slice(OF_INGRESS.length) }
  if (!name.startsWith(TOKEN)) return { via: 'user', name }
  const token = name.slice(TOKEN.length)
  return token.startsWith(COMMAND_LINE)
    ? { via: 'command_line', name: token.slice(COMMAND_LINE.length) }
    : { via: 'token', name: token }
}
