import type { App } from '../../app.ts'
import type { AuditLog } from '../../auth/audit-log.ts'
import { AUDIT_PAGE } from '../../auth/ports.ts'
import type { ApiSchemas } from '../../schemas/index.ts'

export function auditRoutes(app: App, audit: AuditLog, { signIn: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        operationId: 'audit',
        summary: 'Who changed what, from where, and how it ended',
        tags: ['system'],
        querystring: schemas.auditQuery,
        response: { 200: schemas.audit },
      },
      config: { scope: 'admin', errors: ['BAD_REQUEST'] },
    },
    async (request) => {
      const { limit, before } = request.query
      const wanted = limit === undefined ? AUDIT_PAGE : Number(limit)
      const page = audit.page(wanted, before === undefined ? null : Number(before))
      const entries = page.map((entry) => ({
        id: entry.id,
        at: new Date(entry.at).toISOString(),
        who: entry.who,
        via: entry.via,
        address: entry.address,
        action: entry.action,
        target: entry.target,
        details: entry.details,
        outcome: entry.outcome,
      }))
      return { entries, next: entries.length < wanted ? null : (entries.at(-1)?.id ?? null) }
    },
  )
}
