/** Every error becomes `{"error":{"code","message","details"}}`, whichever part noticed it. */
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { asBridgeError, BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import { maskSecrets, type SecretValues } from '../core/logging/secrets.ts'

/**
 * An error of HTTP itself. There are no separate codes for a wrong path, method, type or size: they are a `BAD_REQUEST`
 * with the matching status.
 */
export class HttpError extends BridgeError {
  readonly #status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super('BAD_REQUEST', message)
    this.#status = status
    this.headers = headers
  }

  override get status(): number {
    return this.#status
  }
}

/** Our texts for request errors found by fastify: its own are meant for programmers, not for callers. */
const FRAMEWORK: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 64 KiB.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'Only bodies of type application/json are understood; send Content-Type: application/json.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; a JSON object is expected.',
  FST_ERR_BAD_URL: 'The path is not a valid one.',
  FST_ERR_MAX_PARAM_LENGTH: 'The path is too long.',
}

const isFastifyError = (thrown: unknown): thrown is FastifyError => thrown instanceof Error && 'statusCode' in thrown

function invalid(error: FastifyError): BridgeError {
  const part = error.validationContext ?? 'request'
  const errors = (error.validation ?? []).map((item) => ({
    path: `${part}${item.instancePath}`,
    message: complaint(item),
  }))
  const text = errors.map(({ path, message }) => `${path} ${message}`).join('; ')
  return new BridgeError('BAD_REQUEST', `The request is not valid: ${text}.`, { details: { errors } })
}

function complaint({ keyword, params, message }: FastifySchemaValidationError): string {
  const allowed =
    keyword === 'enum' && Array.isArray(params.allowedValues) ? params.allowedValues.join(', ') : undefined
  return allowed === undefined ? (message ?? 'is not valid') : `must be one of ${allowed}`
}

/** Anything thrown while a request is handled, as the error to answer with. */
function toBridgeError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError && thrown.code !== 'INTERNAL') return thrown
  if (isFastifyError(thrown)) {
    if (thrown.validation) return invalid(thrown)
    const status = thrown.statusCode ?? 500
    if (status >= 400 && status < 500) {
      return new HttpError(status, FRAMEWORK[thrown.code] ?? 'The request is not valid.')
    }
  }
  return asBridgeError(thrown instanceof BridgeError ? (thrown.cause ?? thrown.message) : thrown)
}

/**
 * Programs send a bearer token. Offering Basic makes a browser ask for a password, so it is offered only where that is
 * of use.
 */
const BEARER = 'Bearer realm="thermo2mqtt"'
const BASIC = 'Basic realm="thermo2mqtt", charset="UTF-8"'

/** The names of the fields that caused the refusal. */
function wrongFields(error: BridgeError, thrown: unknown): string[] {
  if (typeof error.details?.field === 'string') return [error.details.field]
  if (!isFastifyError(thrown) || thrown.validationContext !== 'body') return []
  return (thrown.validation ?? []).flatMap(({ instancePath, params }) => {
    const named = instancePath.split('/')[1] ?? params.missingProperty ?? params.additionalProperty
    return typeof named === 'string' && !['error', 'code'].includes(named) ? [named.slice(0, 64)] : []
  })
}

/**
 * The keys that clients of the documented sign-in expect: errors by field, `non_field_errors` if no single field is
 * wrong, or `detail` if the request itself was not at fault.
 */
function documentedKeys(error: BridgeError, thrown: unknown): Record<string, unknown> {
  const { code, message } = error
  if (error.status !== 400) return { detail: message, code }
  const fields = wrongFields(error, thrown)
  if (fields.length === 0) return { non_field_errors: [message], code }
  return { ...Object.fromEntries(fields.map((field) => [field, [message]])), code }
}

export interface ErrorAnswering {
  readonly logger: Logger
  readonly secrets: SecretValues
}

/**
 * Answers with an error. Faults in the bridge go to the log, not to the caller. Text from the caller that contains a
 * secret of the bridge is not repeated.
 */
export function answerError(
  { logger, secrets }: ErrorAnswering,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const error = toBridgeError(thrown)
  const { url: route = 'no route', config } = request.routeOptions
  reply.errorCode = error.code
  if (error.code === 'INTERNAL') logger.error({ err: thrown, method: request.method, route }, 'a request failed')
  if (error instanceof HttpError) reply.headers(error.headers)
  if (error.code === 'UNAUTHORIZED') reply.header('www-authenticate', config?.basic ? [BEARER, BASIC] : BEARER)
  const wait = error.details?.retry_after
  if (typeof wait === 'number') reply.header('retry-after', String(wait))
  const documented = config?.errorShape === 'fields' ? documentedKeys(error, thrown) : {}
  reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send(secrets.scrub(JSON.stringify({ ...documented, error: maskSecrets(error.body()) })))
}

/** The answer to data that is not HTTP; it ends the connection. */
export function malformed(): string {
  const body = JSON.stringify({ error: { code: 'BAD_REQUEST', message: 'This is not a valid HTTP request.' } })
  const head = ['HTTP/1.1 400 Bad Request', 'Connection: close', 'Content-Type: application/json']
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}
