/** How the OpenAPI document is made from the routes. */
import type { FastifyDynamicSwaggerOptions, SwaggerTransform } from '@fastify/swagger'
import type { FastifyContextConfig, FastifySchema } from 'fastify'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { ROLE_FOR } from '../auth/ports.ts'
import { errorsOf } from '../routing.ts'
import type { ApiSchemas } from '../schemas/index.ts'
import { components, refer } from './components.ts'
import { withExamples } from './examples.ts'

/** One answer per HTTP status, naming its codes. */
function errorResponses(config: FastifyContextConfig, schemas: ApiSchemas, url: string): Record<string, unknown> {
  const schema = config.errorShape === 'fields' ? schemas.signIn.signInError : schemas.error
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(config)) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  // What a path names may not exist; a missing device has its own code.
  const missing = ERRORS.UNKNOWN_DEVICE.status
  if (url.includes(':') && byStatus.has(ERRORS.BAD_REQUEST.status) && !byStatus.has(missing))
    byStatus.set(missing, ['BAD_REQUEST'])
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      { description: codes.join(', '), content: { 'application/json': { schema } } },
    ]),
  )
}

/** A bearer token with the scope; HTTP Basic where it is accepted. */
function security({ scope, basic }: FastifyContextConfig): { [name: string]: readonly string[] }[] {
  if (scope === 'open') return []
  const bearer = { bearer: [scope ?? 'admin'] }
  return basic ? [bearer, { basic: [] }] : [bearer]
}

const WHO = {
  look: 'every role: look, control or administer',
  control: 'the role control or administer',
  administer: 'the role administer',
} as const

/** Says who may ask, after what the route says itself. */
function described({ description }: FastifySchema, { scope = 'admin', session }: FastifyContextConfig): string {
  const needs =
    scope === 'open'
      ? 'Needs no sign-in.'
      : `For users with ${WHO[ROLE_FOR[scope]]}${session ? '; not for API tokens' : `, and API tokens with the scope ${scope}`}.`
  return [description, needs].filter(Boolean).join('\n\n')
}

/** Adds descriptions to answers that are plain schemas; others have one already. */
function answers(schema: FastifySchema, summary: string): Record<string, unknown> {
  const described = Object.entries(schema.response ?? {}).map(([status, answer]: [string, unknown]) => {
    if (isObject(answer) && 'content' in answer) return [status, answer]
    return [status, { description: summary, content: { 'application/json': { schema: answer } } }]
  })
  return Object.fromEntries(described)
}

const transform =
  (schemas: ApiSchemas): SwaggerTransform =>
  ({ schema, url, route }) => {
    if (schema?.hide) return { schema, url }
    const config = route.config ?? {}
    const shown: FastifySchema = {
      ...schema,
      description: described(schema ?? {}, config),
      ...(config.documentedBody ? { body: config.documentedBody } : {}),
      // The body is accepted as it comes, so the route has no schema.
      ...(config.upload ? { body: { type: 'string', format: 'binary' } } : {}),
      security: security(config),
      response: { ...errorResponses(config, schemas, url), ...answers(schema ?? {}, schema?.summary ?? url) },
    }
    return { schema: shown, url }
  }

/** The document of a bridge whose paths begin with `base`; empty for the root of its origin. */
export function below<D extends object>(document: D, base: string): D {
  return { ...document, servers: [{ url: base === '' ? '/' : base }] }
}

export function swaggerOptions(version: string, schemas: ApiSchemas): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'thermo2mqtt',
        version,
        description:
          'Terneo and Welrok thermostats, controlled on the local network. A slash at the end of a path makes no difference. ' +
          'Errors are {"error":{"code","message","details"}}; the codes are those of MQTT. A wrong path, method, type or ' +
          'size of a request is a BAD_REQUEST with the HTTP status 404, 405, 415 or 413, a foreign Host one with 421.',
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'devices', description: 'Thermostats: states and commands' },
        { name: 'cloud', description: 'Accounts with the vendors, which provide the keys' },
        { name: 'sign-in', description: 'Users, their second factor and sessions; API tokens' },
        { name: 'settings', description: 'Settings that need no file: read, change, test' },
        { name: 'events', description: 'Events as they happen' },
        { name: 'system', description: 'Health, metrics, documentation' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An access token from a sign-in, or an API token.' },
          basic: {
            type: 'http',
            scheme: 'basic',
            description:
              'User name and password, or an API token as the password: only /docs, /openapi.json, /metrics.',
          },
        },
      },
    },
    transform: transform(schemas),
    // Made once all answers are known: shared schemas appear once and are referenced everywhere else.
    transformObject: (made) => {
      if (!('openapiObject' in made)) return made.swaggerObject
      const { openapiObject: document } = made
      const shared = components(schemas)
      return {
        ...document,
        paths: withExamples(refer(document.paths, shared), shared),
        components: { ...document.components, schemas: shared },
      } as typeof document
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string' ? json.$id : `Schema${i}`),
    },
  }
}
