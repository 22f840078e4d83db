import type { FastifyRequest } from 'fastify'
import type { ErrorCode } from '../../../core/errors.ts'
import type { App } from '../../app.ts'
import { fromOf, userOf } from '../../auth/caller.ts'
import type { Access } from '../../auth/index.ts'
import type { TokenPair } from '../../auth/sign-in.ts'
import type { Ingress } from '../../edge/ingress.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { LoginAnswer, Me, WaysIn } from '../../schemas/users/sign-in.ts'

const tags = ['sign-in']
/** Besides the common shape, errors have the one from the documents that these routes follow. */
const shape = { errorShape: 'fields' } as const
const open = { scope: 'open', ...shape } as const
const errors: readonly ErrorCode[] = ['BAD_REQUEST', 'UNAUTHORIZED', 'RATE_LIMITED']

const tokenJson = ({ access, refresh }: TokenPair) => ({ access, refresh })

/** Notes the user for the audit log: these routes identify the user themselves. */
function noteUser(request: FastifyRequest, name: string): void {
  request.note = { ...request.note, who: name, via: 'session' }
}

/** Signing in, staying signed in and signing out. */
export function signInRoutes(app: App, access: Access, ingress: Ingress, schemas: ApiSchemas): void {
  waysRoute(app, ingress, schemas)
  loginRoutes(app, access, schemas)
  refreshRoute(app, access, schemas)
  ownRoutes(app, access, schemas)
}

function waysRoute(app: App, ingress: Ingress, { signIn: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/login/ways',
    {
      schema: {
        operationId: 'waysIn',
        summary: 'Whether Home Assistant has signed in whoever asks',
        tags,
        response: { 200: schemas.waysIn },
      },
      config: { scope: 'open' },
    },
    async (request): Promise<WaysIn> => {
      const user = ingress.userOf(request)
      return { ingress: user && { name: user.name } }
    },
  )
}

/** The two steps of a sign-in. */
function loginRoutes(app: App, { signIn, users }: Access, { signIn: schemas }: ApiSchemas): void {
  app.post(
    '/api/v1/login',
    {
      schema: {
        operationId: 'login',
        summary: 'Sign in with user name and password',
        tags,
        body: schemas.login,
        response: { 200: schemas.loggedIn },
      },
      config: { ...open, errors },
    },
    async (request): Promise<LoginAnswer> => {
      const { username, password, stay } = request.body
      // Only existing names: a password typed into the name field must not stay in the log.
      const known = users.byName(username)
      if (known) request.note = { target: known.name }
      const signed = await signIn.login(username, password, fromOf(request), stay)
      if ('tokens' in signed) {
        noteUser(request, signed.user.name)
        return { message: 'Login successful', token: tokenJson(signed.tokens) }
      }
      return {
        message: 'Enter the code of your authenticator app',
        temp_token: signed.temporary,
        _links: { href: '/api/v1/auth/totp/verify/', method: 'POST', body: { token: { type: 'str' } } },
      }
    },
  )

  app.post(
    '/api/v1/auth/totp/verify',
    {
      schema: {
        operationId: 'verifyTotp',
        summary: 'The second step of a sign-in: the code',
        tags,
        body: schemas.verify,
        response: { 200: schemas.verified },
      },
      config: { ...open, errors },
    },
    async (request) => {
      const { temp_token: temporary, token } = request.body
      const { user, tokens } = await signIn.verify(temporary, token, fromOf(request))
      noteUser(request, user.name)
      return { key: tokens.access, token: tokenJson(tokens) }
    },
  )
}

function refreshRoute(app: App, { signIn }: Access, { signIn: schemas }: ApiSchemas): void {
  app.post(
    '/api/v1/token/refresh',
    {
      schema: {
        operationId: 'refreshToken',
        summary: 'Get the next pair of tokens; the previous pair ends',
        tags,
        body: schemas.refresh,
        response: { 200: schemas.refreshed },
      },
      config: { ...open, errors: ['BAD_REQUEST', 'UNAUTHORIZED'], audit: 'failures' },
    },
    async (request) => {
      const { user, tokens } = signIn.refresh(request.body.refresh, fromOf(request))
      noteUser(request, user.name)
      return { token: tokenJson(tokens) }
    },
  )
}

/** A signed-in user's own session and password. */
function ownRoutes(app: App, { signIn, users }: Access, { signIn: schemas, done }: ApiSchemas): void {
  app.post(
    '/api/v1/logout',
    {
      schema: { operationId: 'logout', summary: 'End this session', tags, response: { 200: done } },
      config: { scope: 'read', session: true, passwordMade: true, ...shape },
    },
    async (request) => {
      if (request.identity?.grant) signIn.endSession(request.identity.grant, 'signed_out')
      return { ok: true as const }
    },
  )

  app.get(
    '/api/v1/me',
    {
      schema: { operationId: 'me', summary: 'Who is signed in', tags, response: { 200: schemas.me } },
      config: { scope: 'read', passwordMade: true },
    },
    async (request): Promise<Me> => {
      const { name = '', via = 'none', role = null, scopes = [], userId = null } = request.identity ?? {}
      const user = userId === null ? undefined : users.get(userId)
      return {
        name,
        via: via === 'session' || via === 'ingress' ? via : 'token',
        role,
        scopes: [...scopes],
        user: user
          ? {
              totp: user.totp,
              recovery_codes_left: users.recoveryCodesLeft(user.id),
              password_fixed: signIn.isFixed(user),
              password_made: user.passwordMade,
            }
          : null,
      }
    },
  )

  app.post(
    '/api/v1/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: 'Change the password; ends all other sessions of this user',
        tags,
        body: schemas.password,
        response: { 200: done },
      },
      config: { scope: 'read', session: true, passwordMade: true, errors: ['BAD_REQUEST'], ...shape },
    },
    async (request) => {
      const { user, session } = userOf(request, users)
      const { current, new: next } = request.body
      await signIn.changePassword(user, current, next, session, fromOf(request))
      return { ok: true as const }
    },
  )
}
