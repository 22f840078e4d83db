import { BridgeError } from '../../../core/errors.ts'
import type { App } from '../../app.ts'
import type { Identity } from '../../auth/authenticator.ts'
import type { Access } from '../../auth/index.ts'
import { type ApiTokenRecord, ROLES, type Role, SCOPES_OF, type Scope, type SessionRecord } from '../../auth/ports.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'

const tags = ['sign-in']
/** Only people may create and end tokens and sessions: a lost token must not create others. */
const change = { scope: 'admin', session: true } as const
/** Everybody may see and end sessions of their own; administrators those of all. */
const own = { scope: 'read' } as const

const time = (ms: number): string => new Date(ms).toISOString()
const maybe = (ms: number | null): string | null => (ms === null ? null : time(ms))

const sameAs = (scopes: readonly Scope[], role: Role): boolean =>
  scopes.length === SCOPES_OF[role].size && scopes.every((scope) => SCOPES_OF[role].has(scope))

function tokenJson(token: ApiTokenRecord) {
  return {
    id: token.id,
    name: token.name,
    role: ROLES.find((role) => sameAs(token.scopes, role)) ?? null,
    scopes: [...token.scopes],
    created: time(token.created),
    created_by: token.createdBy,
    expires: maybe(token.expires),
    last_used: maybe(token.lastUsed),
  }
}

const sessionJson = (session: SessionRecord, current: string | null) => ({
  id: session.id,
  user: session.userName,
  created: time(session.created),
  last_used: time(session.lastUsed),
  expires: time(session.expires),
  address: session.address,
  user_agent: session.userAgent,
  stays: session.stays,
  current: session.id === current,
})

/** API tokens and sessions: listing and ending them. */
export function tokenRoutes(app: App, access: Access, schemas: ApiSchemas): void {
  apiTokenRoutes(app, access, schemas)
  sessionRoutes(app, access, schemas)
}

function apiTokenRoutes(app: App, { apiTokens }: Access, { signIn: schemas, done }: ApiSchemas): void {
  app.get(
    '/api/v1/tokens',
    {
      schema: { operationId: 'listTokens', summary: 'The API tokens', tags, response: { 200: schemas.apiTokens } },
      config: { scope: 'admin' },
    },
    async () => ({ tokens: apiTokens.list().map(tokenJson) }),
  )

  app.post(
    '/api/v1/tokens',
    {
      schema: {
        operationId: 'createToken',
        summary: 'Create an API token; it is shown only in this answer',
        tags,
        body: schemas.newApiToken,
        response: { 201: schemas.madeApiToken },
      },
      config: { ...change, errors: ['BAD_REQUEST'], audit: 'body' },
    },
    async (request, reply) => {
      const { name, role, scopes = role && SCOPES_OF[role], expires = null } = request.body
      if (!scopes || (role && request.body.scopes)) {
        throw new BridgeError('BAD_REQUEST', 'A token needs either a role or scopes.', { details: { field: 'role' } })
      }
      const { record, token } = apiTokens.create({
        name,
        scopes: [...scopes],
        expires: expires === null ? null : Date.parse(expires),
        createdBy: request.identity?.account ?? request.identity?.name ?? '',
        maker: request.identity?.userId ?? null,
      })
      request.note = { ...request.note, target: record.id }
      return reply.code(201).send({ ...tokenJson(record), token })
    },
  )

  app.delete(
    '/api/v1/tokens/:id',
    {
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke an API token, at once',
        tags,
        params: schemas.tokenParams,
        response: { 200: done },
      },
      config: { ...change, errors: ['BAD_REQUEST'] },
    },
    async (request) => {
      if (!apiTokens.revoke(request.params.id)) {
        throw new HttpError(404, 'There is no such token. GET /api/v1/tokens lists them.')
      }
      return { ok: true as const }
    },
  )
}

function sessionRoutes(app: App, { sessions, signIn }: Access, { signIn: schemas, done }: ApiSchemas): void {
  const seenBy = (identity: Identity | null) =>
    sessions.list().filter(({ userId }) => identity?.scopes.has('admin') || userId === identity?.userId)

  app.get(
    '/api/v1/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'Who is signed in: everybody for administrators, otherwise oneself',
        tags,
        response: { 200: schemas.sessions },
      },
      config: own,
    },
    async ({ identity }) => ({
      sessions: seenBy(identity).map((session) => sessionJson(session, identity?.grant ?? null)),
    }),
  )

  app.delete(
    '/api/v1/sessions/:id',
    {
      schema: {
        operationId: 'endSession',
        summary: 'End a session, at once; of others only as an administrator',
        tags,
        params: schemas.sessionParams,
        response: { 200: done },
      },
      config: { ...own, session: true, errors: ['BAD_REQUEST'] },
    },
    async ({ identity, params: { id } }) => {
      const session = seenBy(identity).find((each) => each.id === id)
      const why = session?.userId === identity?.userId ? 'ended' : 'ended_by_administrator'
      if (!session || !signIn.endSession(id, why)) {
        throw new HttpError(404, 'There is no such session. GET /api/v1/sessions lists them.')
      }
      return { ok: true as const }
    },
  )
}
