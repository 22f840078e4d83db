/** Records requests in the audit log. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isObject } from '../../core/json.ts'
import { maskSecrets } from '../../core/logging/secrets.ts'
import type { App } from '../app.ts'
import type { AuditLog } from '../auth/audit-log.ts'
import type { Via } from '../auth/ports.ts'

/** What a route knows that the request does not show. */
export interface AuditNote {
  readonly who?: string
  readonly via?: Via
  readonly target?: string
}

/**
 * Requests that change nothing are not recorded, unless their route says so. Requests without sign-in are recorded only
 * on open routes.
 */
function isRecorded(request: FastifyRequest, outcome: string): boolean {
  const { method, identity, routeOptions } = request
  const { audit, scope } = routeOptions.config
  if (request.is404) return false
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(method)
  if (audit === 'failures') return outcome !== 'ok'
  if (audit === undefined ? !changes : !audit) return false
  if (identity) return true
  // Refusals for too many requests are not recorded: otherwise a stranger could fill the log.
  return scope === 'open' && outcome !== 'RATE_LIMITED'
}

/** The body if the route allows it, with fields that are secret by name masked. */
function detailsOf({ routeOptions, body }: FastifyRequest): string | null {
  return routeOptions.config.audit === 'body' && isObject(body) ? JSON.stringify(maskSecrets(body)) : null
}

function targetOf({ params, note }: FastifyRequest): string | null {
  if (note?.target !== undefined) return note.target
  const values = isObject(params) ? Object.values(params).filter((value) => typeof value === 'string') : []
  return values.length > 0 ? values.join('/').slice(0, 200) : null
}

export function auditRequests(app: App, audit: AuditLog): void {
  app.decorateRequest('note', null)
  app.addHook('onResponse', async (request: FastifyRequest, reply: FastifyReply) => {
    const outcome = reply.errorCode ?? (reply.statusCode < 400 ? 'ok' : String(reply.statusCode))
    if (!isRecorded(request, outcome)) return
    const { identity, note, routeOptions } = request
    audit.record({
      who: note?.who ?? identity?.name ?? null,
      via: note?.via ?? identity?.via ?? 'none',
      address: request.ip,
      action: routeOptions.schema?.operationId ?? `${request.method} ${routeOptions.url ?? ''}`,
      target: targetOf(request),
      details: detailsOf(request),
      outcome,
    })
  })
}
