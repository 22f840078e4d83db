/** An application of its own, which is never listened to: it has the routes to tell of them, and Swagger UI to show them. */
import type { IncomingHttpHeaders } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { fastify, type RouteOptions } from 'fastify'
import type { ApiSchemas } from '../schemas/index.ts'
import { NO_COMPILERS } from '../validation.ts'
import { below, swaggerOptions } from './openapi.ts'

/** What of a request decides about the answer, and what of the answer is not made anew. */
const ASKED = ['if-none-match', 'if-modified-since', 'range'] as const
const TOLD = [
  'content-type',
  'cache-control',
  'etag',
  'last-modified',
  'accept-ranges',
  'content-range',
  'location',
] as const

/** By this header the document learns below which path it is read. */
const BASE = 'x-base'

const picked = <Name extends string, Value>(from: Readonly<Partial<Record<Name, Value>>>, names: readonly Name[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** What of a route the document is made of. */
export type Told = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>

export interface DocsOptions {
  /** The path of the page. */
  readonly at: string
  readonly routes: readonly Told[]
  readonly version: string
  readonly schemas: ApiSchemas
}

export interface DocsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | string[]>>
  readonly body: Buffer
}

export interface DocsSite {
  openapi(base: string): object
  page(url: string, headers: IncomingHttpHeaders, base: string): Promise<DocsAnswer>
}

export async function openDocs({ at, routes, version, schemas }: DocsOptions): Promise<DocsSite> {
  const app = fastify({
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: NO_COMPILERS,
  })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  await app.register(swagger, swaggerOptions(version, schemas))
  await app.register(swaggerUi, {
    routePrefix: at,
    transformSpecification: (document, { headers }) => below(document, String(headers[BASE])),
    // What is shared with others is left as it is.
    transformSpecificationClone: false,
  })
  for (const route of routes) app.route({ ...route, handler: (_request, reply) => reply.callNotFound() })
  await app.ready()
  return {
    openapi: (base) => below(app.swagger(), base),
    page: async (url, headers, base) => {
      const asked = { ...picked(headers, ASKED), [BASE]: base }
      const answer = await app.inject({ method: 'GET', url, headers: asked })
      return { status: answer.statusCode, headers: picked(answer.headers, TOLD), body: answer.rawPayload }
    },
  }
}
