import type { App } from '../../app.ts'
import type { Documents } from '../../documents/index.ts'
import type { BaseOf } from '../../edge/base-path.ts'
import type { Metrics } from '../../metrics/index.ts'
import { DOCS, nothingHere } from '../../routing.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { Check } from '../../types.ts'

const tags = ['system']

const METRICS = `# HELP thermo2mqtt_device_up Whether the device is online.
# TYPE thermo2mqtt_device_up gauge
thermo2mqtt_device_up{serial="404CCAAAD4E8A89860609800000149"} 1
`

export interface SystemRoutes {
  readonly readiness: () => Readonly<Record<string, Check>>
  /** Resolves with the single instance, made at the first scrape, because not everybody scrapes. */
  readonly metrics: () => Promise<Metrics>
  readonly documents: Documents
  /** The base path of the API for a request. */
  readonly base: BaseOf
}

const checkJson = ({ ok, code, detail, since }: Check) => ({
  ok,
  ...(code === undefined ? {} : { code }),
  ...(detail === undefined ? {} : { detail }),
  ...(since === undefined ? {} : { since }),
})

/** Routes on which other programs ask the bridge about itself. */
export function systemRoutes(
  app: App,
  { readiness, metrics, documents, base }: SystemRoutes,
  schemas: ApiSchemas,
): void {
  healthRoutes(app, readiness, schemas)
  metricsRoute(app, metrics)
  documentRoute(app, documents, base)
  docsRoutes(app, documents, base)
}

function healthRoutes(app: App, readiness: SystemRoutes['readiness'], schemas: ApiSchemas): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'health',
        summary: 'Whether the process works',
        tags,
        response: { 200: schemas.health },
      },
      config: { scope: 'open' },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'readiness',
        summary: 'Whether everything works; if not, 503 and the reasons',
        tags,
        response: { 200: schemas.readiness, 503: schemas.readiness },
      },
      config: { scope: 'open' },
    },
    async (_request, reply) => {
      const checks = Object.fromEntries(Object.entries(readiness()).map(([name, check]) => [name, checkJson(check)]))
      const ready = Object.values(checks).every((check) => check.ok)
      return reply.code(ready ? 200 : 503).send({ ready, checks })
    },
  )
}

function metricsRoute(app: App, metrics: SystemRoutes['metrics']): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'Metrics for Prometheus',
        tags,
        response: {
          200: {
            description: "Prometheus' text form.",
            content: { 'text/plain': { schema: { type: 'string' }, example: METRICS } },
          },
        },
      },
      config: { scope: 'read', basic: true },
    },
    async (_request, reply) => {
      const all = await metrics()
      reply.type(all.contentType)
      return await all.text()
    },
  )
}

function documentRoute(app: App, documents: Documents, base: BaseOf): void {
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'openapi',
        summary: 'This document',
        tags,
        response: {
          200: {
            description: 'OpenAPI 3.1.',
            content: {
              'application/json': {
                schema: { type: 'object', examples: [{ openapi: '3.1.0', info: { title: 'thermo2mqtt' } }] },
              },
            },
          },
        },
      },
      config: { scope: 'read', basic: true },
    },
    async (request, reply) => reply.send(await documents.openapi(base(request))),
  )
}

/** Swagger UI. */
function docsRoutes(app: App, documents: Documents, base: BaseOf): void {
  for (const path of [`${DOCS}/`, `${DOCS}/json`, `${DOCS}/yaml`, `${DOCS}/static/*`]) {
    app.get(
      path,
      { schema: { hide: true, summary: 'Swagger UI' }, config: { scope: 'read', basic: true } },
      async (request, reply) => {
        const { status, headers, body } = await documents.page(request.raw, base(request))
        if (status >= 400) throw nothingHere()
        return reply.code(status).headers(headers).send(body)
      },
    )
  }
}
