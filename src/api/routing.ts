/** Who may call which route, the list of routes, and the answer where there is none. */
import type { FastifyContextConfig } from 'fastify'
import { BridgeError, type ErrorCode } from '../core/errors.ts'
import type { App } from './app.ts'
import { type Authenticator, CHOOSE_ONE, type Identity } from './auth/authenticator.ts'
import { ROLE_FOR, type Scope } from './auth/ports.ts'
import type { Ingress } from './edge/ingress.ts'
import { HttpError } from './errors.ts'

/** The path of Swagger UI. */
export const DOCS = '/docs'

/** A registered route, for the table of routes and its test. */
export interface RouteRow {
  readonly method: string
  /** As fastify writes it: `/api/v1/devices/:id`. */
  readonly url: string
  readonly scope: Scope | 'open'
  /** Only for a user's own sign-in, not for API tokens. */
  readonly session: boolean
  /** Whether HTTP Basic is accepted. */
  readonly basic: boolean
  readonly summary: string
  readonly errors: readonly ErrorCode[]
  /** Part of a page, such as the one at /docs, not of the API. */
  readonly hidden: boolean
}

/** What any route can answer, whatever it does, when it asks for a sign-in. */
const SIGN_IN_ERRORS: readonly ErrorCode[] = ['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED']

/** Every code that a route can answer with. */
export function errorsOf(config: FastifyContextConfig): readonly ErrorCode[] {
  const common = config.scope === 'open' ? [] : SIGN_IN_ERRORS
  return [...new Set<ErrorCode>([...(config.errors ?? []), ...common, 'INTERNAL'])]
}

/** Only `open` routes answer before the caller is known; this includes unknown paths. */
export function guard(app: App, authenticator: Authenticator, ingress: Ingress): void {
  app.decorateRequest('identity', null)
  app.addHook('onRequest', async (request) => {
    const {
      scope = 'admin',
      basic = false,
      session = false,
    } = request.is404 ? ({ scope: 'read' } as const) : request.routeOptions.config
    if (scope === 'open') return
    const { authorization } = request.headers
    const signedIn = ingress.userOf(request)
    const identity = await authenticator.authenticate({ authorization, signedIn, address: request.ip, basic })
    request.identity = identity
    if (session && identity.via !== 'session' && identity.via !== 'ingress') {
      throw new BridgeError('FORBIDDEN', 'This route is for a signed-in user, not for an API token.', {
        details: { session: true },
      })
    }
    if (identity.passwordMade && !request.routeOptions.config?.passwordMade) {
      throw new BridgeError('FORBIDDEN', CHOOSE_ONE, { details: { reason: 'password_made' } })
    }
    if (identity.scopes.has(scope)) return
    throw notAllowed(scope, identity)
  })
}

/** Says to a person which role it takes, and to a program which scope. */
function notAllowed(scope: Scope, { role, via }: Identity): BridgeError {
  if (role === null || via === 'basic') {
    return new BridgeError('FORBIDDEN', `This needs the scope ${scope}, which this token does not have.`, {
      details: { scope },
    })
  }
  const needed = ROLE_FOR[scope]
  return new BridgeError(
    'FORBIDDEN',
    `This needs the role ${needed}; you have the role ${role}. An administrator can change it.`,
    { details: { reason: 'role', scope, role, needed } },
  )
}

/** Keeps a list of the routes, and refuses a route without a scope. */
export function listRoutes(app: App): RouteRow[] {
  const routes: RouteRow[] = []
  app.addHook('onRoute', (route) => {
    const scope = route.config?.scope
    if (!scope) throw new Error(`The route ${route.url} does not say which scope it needs.`)
    for (const method of [route.method].flat()) {
      routes.push({
        method,
        url: route.url,
        scope,
        session: route.config?.session === true,
        basic: route.config?.basic === true,
        summary: route.schema?.summary ?? '',
        errors: errorsOf(route.config ?? {}),
        hidden: route.schema?.hide === true,
      })
    }
  })
  return routes
}

const pattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^$()|[\]\\]/g, '\\$&')
      .replace(/:[a-z]+/g, '[^/]+')
      .replace('*', '.*')}/?$`,
  )

export const nothingHere = (): HttpError =>
  new HttpError(404, 'There is nothing at this path. /openapi.json lists what there is.')

/** A known path by a wrong method is 405, with the right ones in Allow; the rest is 404. */
export function answerUnknown(app: App, routes: readonly RouteRow[]): void {
  app.setNotFoundHandler((request, reply) => {
    const [path = '/'] = request.url.split('?')
    const methods = new Set(routes.filter(({ url }) => pattern(url).test(path)).map(({ method }) => method))
    const allow = [...methods, 'OPTIONS'].join(', ')
    // A file of the page that is not there has a route, but nothing at its end.
    if (methods.size === 0 || methods.has(request.method)) throw nothingHere()
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    throw new HttpError(405, `This path does not accept ${request.method}; it accepts ${allow}.`, { allow })
  })
}
