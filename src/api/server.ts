import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyServerOptions, fastify } from 'fastify'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { App } from './app.ts'
import { Documents } from './documents/index.ts'
import { auditRequests } from './edge/audit-requests.ts'
import { type BaseOf, leadToSlash, withoutBase } from './edge/base-path.ts'
import { Connections } from './edge/connections.ts'
import { allowOrigins } from './edge/cross-origin.ts'
import { Ingress } from './edge/ingress.ts'
import { refuseForeignHosts } from './edge/own-hosts.ts'
import { limitBodies } from './edge/slow-bodies.ts'
import { answerError, malformed } from './errors.ts'
import type { Metrics } from './metrics/index.ts'
import { backupRoutes } from './routes/bridge/backup.ts'
import { housekeepingRoutes } from './routes/bridge/housekeeping.ts'
import { infoRoutes } from './routes/bridge/info.ts'
import { logRoutes } from './routes/bridge/log.ts'
import { messageRoutes } from './routes/bridge/messages.ts'
import { builtPage, pageRoutes } from './routes/bridge/page.ts'
import { settingsRoutes } from './routes/bridge/settings.ts'
import { systemRoutes } from './routes/bridge/system.ts'
import { accountTotpRoutes } from './routes/house/account-totp.ts'
import { accountRoutes } from './routes/house/accounts.ts'
import { catalogRoutes } from './routes/house/catalog.ts'
import { deviceRoutes } from './routes/house/devices.ts'
import { energyRoutes } from './routes/house/energy.ts'
import { eventRoutes } from './routes/house/events.ts'
import { historyRoutes } from './routes/house/history.ts'
import { houseRoutes } from './routes/house/house.ts'
import { houseScheduleRoutes } from './routes/house/house-schedules.ts'
import { scheduleRoutes } from './routes/house/schedules.ts'
import { auditRoutes } from './routes/users/audit.ts'
import { signInRoutes } from './routes/users/sign-in.ts'
import { tokenRoutes } from './routes/users/tokens.ts'
import { totpRoutes } from './routes/users/totp.ts'
import { userRoutes } from './routes/users/users.ts'
import { answerUnknown, guard, listRoutes, type RouteRow } from './routing.ts'
import { apiSchemas } from './schemas/index.ts'
import type { ServerOptions } from './types.ts'
import { checkRequests, NO_COMPILERS } from './validation.ts'
import { diagnosticsOf } from './views/diagnostics.ts'
import { EventStreams } from './views/event-streams.ts'

export interface Server {
  readonly app: App
  readonly routes: readonly RouteRow[]
  readonly streams: EventStreams
  readonly documents: Documents
}

function createFastify({ logger, secrets, trustProxy = false, tls, basePath = '' }: ServerOptions): App {
  const settings: FastifyServerOptions = {
    logger: false,
    bodyLimit: 64 * 1024,
    // From the first byte of a request to its last; `limitBodies` allows most requests less. The time for an answer
    // depends on the device.
    requestTimeout: 900_000,
    // Silence on a socket; event streams send a keep-alive more often.
    connectionTimeout: 120_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    // True means one hop, the peer itself: trusting all hops would let a client claim any address.
    trustProxy: trustProxy === true ? (_peer, hop) => hop === 0 : trustProxy === false ? false : [...trustProxy],
    ...(basePath === '' ? {} : { rewriteUrl: withoutBase(basePath) }),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 100 },
    schemaController: NO_COMPILERS,
    frameworkErrors: (error, request, reply) => answerError({ logger, secrets }, error, request, reply),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end(malformed())
      else socket.destroy()
    },
  }
  if (!tls) return fastify(settings).withTypeProvider<TypeBoxTypeProvider>()
  // A node:https server has everything that a node:http server has, but fastify's types distinguish them.
  const secure: object = { https: { cert: tls.cert, key: tls.key } }
  return fastify({ ...settings, ...secure }).withTypeProvider<TypeBoxTypeProvider>()
}

/** Only application/json. An empty body counts as none, because programs send the type even without a body. */
function readJsonOnly(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body.toString(), done)
  })
}

/** In a frame the page is shown only by Home Assistant, whose origin is its own then. */
async function harden(app: App, scheme: 'http' | 'https', ingress: Ingress): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        manifestSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: [(request) => (ingress.isFrom(request) ? "'self'" : "'none'")],
      },
    },
    // If the bridge speaks plain HTTP, a proxy that adds TLS adds this header too.
    strictTransportSecurity: scheme === 'https' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: false,
  })
  app.addHook('onRequest', async ({ raw }, reply) => {
    reply.header('x-frame-options', ingress.isFrom(raw) ? 'SAMEORIGIN' : 'DENY')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/**
 * Saved data is on the disk before the client gets its answer. Commands to devices handle this themselves, whatever the
 * disk does.
 */
function tellWhenKept(app: App, durable: ServerOptions['durable']): void {
  if (!durable) return
  app.addHook('onSend', async ({ method, routeOptions }) => {
    if (method !== 'GET' && method !== 'HEAD' && routeOptions.config.scope !== 'control') await durable()
  })
}

/** The request and its result, but never its headers, query or body. */
function logRequests(app: App, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    if (!logger.isLevelEnabled('debug') || request.routeOptions.config.unlogged) return
    const { method, url } = request
    const path = url.split('?', 1)[0]?.slice(0, 200)
    logger.debug({ method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request')
  })
}

/** The server with all its routes, not listening yet. */
export async function buildServer(options: ServerOptions): Promise<Server> {
  const { logger, devices, accounts, access } = options
  const { authenticator, signIn, apiTokens, audit } = access
  const app = createFastify(options)
  const schemas = apiSchemas()
  const streams = new EventStreams({ ...options, authenticator })
  for (const { ended } of [signIn, apiTokens]) ended.on('ended', (grant) => streams.endOf(grant))
  access.people.changed.on('changed', (session) => streams.endOf(session))
  const routes = listRoutes(app)
  checkRequests(app)
  const ingress = new Ingress(options.ingress, logger)

  // Answers are built field by field in views.ts; the schemas of answers are documentation and types.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error, request, reply) => answerError(options, error, request, reply))
  app.decorateReply('errorCode', null)
  new Connections(logger).watch(app)
  readJsonOnly(app)
  tellWhenKept(app, options.durable)
  logRequests(app, logger)
  await harden(app, options.tls ? 'https' : 'http', ingress)
  refuseForeignHosts(app, { hosts: options.hosts ?? [], cert: options.tls?.cert, ingress, logger })
  allowOrigins(app, options.allowedOrigins ?? [])
  guard(app, authenticator, ingress)
  leadToSlash(app, options.basePath ?? '')
  limitBodies(app, options.clock)
  auditRequests(app, audit)
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) =>
      new BridgeError('RATE_LIMITED', 'Too many requests of this expensive kind. Try again later.', {
        details: { retry_after: Math.ceil(ttl / 1000) },
      }),
  })
  const base: BaseOf = (request) => ingress.pathOf(request) ?? options.basePath ?? ''
  const documents = new Documents(options.version, schemas)
  documents.watch(app)

  let metrics: Promise<Metrics> | undefined
  const makeMetrics = async () => {
    const { Metrics } = await import('./metrics/index.ts')
    return new Metrics({ ...options, streams, sources: options.metrics ?? [] })
  }
  const allMetrics = () => (metrics ??= makeMetrics())
  app.addHook('onClose', async () => (await metrics)?.close())
  const diagnostics = () => diagnosticsOf({ ...options, metrics: async () => (await allMetrics()).text() })
  deviceRoutes(app, devices, schemas)
  houseRoutes(app, devices.house, schemas)
  scheduleRoutes(app, devices, schemas)
  await houseScheduleRoutes(app, devices, schemas)
  historyRoutes(app, devices, options.history, schemas)
  energyRoutes(app, devices, options.history, schemas)
  accountRoutes(app, accounts, schemas)
  accountTotpRoutes(app, accounts, schemas)
  eventRoutes(app, streams)
  signInRoutes(app, access, ingress, schemas)
  totpRoutes(app, access, schemas)
  tokenRoutes(app, access, schemas)
  userRoutes(app, access, schemas)
  auditRoutes(app, audit, schemas)
  settingsRoutes(app, options, schemas)
  systemRoutes(app, { readiness: options.readiness, metrics: allMetrics, documents, base }, schemas)
  infoRoutes(app, { ...options, streams }, schemas)
  housekeepingRoutes(app, { ...options, diagnostics }, schemas)
  logRoutes(app, options, schemas)
  messageRoutes(app, options.messages, schemas)
  await backupRoutes(app, access, options.housekeeping.backups, schemas)
  catalogRoutes(app, schemas)
  pageRoutes(app, options.page ?? builtPage())
  answerUnknown(app, routes)
  await app.ready()
  app.server.headersTimeout = 10_000
  return { app, routes, streams, documents }
}
