/**
 * The examples in the OpenAPI document, composed from the schemas: the `examples` of a schema, otherwise the example
 * for a field of that name, otherwise one for its type. Routes get them automatically; a schema with unusual field
 * names sets `examples`.
 */
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { FIELDS, MESSAGES } from '../example-values.ts'

type Shared = Readonly<Record<string, object>>

const PREFIX = '#/components/schemas/'
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const

/** No schema is deeper; this stops recursive ones. */
const DEEPEST = 12

class Composer {
  readonly #shared: Shared

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /** A value that the schema allows; undefined if no meaningful one can be made up. */
  of(schema: unknown, name = '', depth = 0): unknown {
    if (!isObject(schema) || depth > DEEPEST) return undefined
    if (typeof schema.$ref === 'string') return this.of(this.#shared[schema.$ref.slice(PREFIX.length)], name, depth + 1)
    if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0]
    if ('const' in schema) return schema.const
    if (Array.isArray(schema.enum)) return schema.enum.find((value) => value === FIELDS[name]) ?? schema.enum[0]
    const choices = schema.anyOf ?? schema.oneOf
    if (Array.isArray(choices)) return this.#first(choices, name, depth)
    return this.#byType(schema, name, depth)
  }

  /** null only if there is nothing else, or where null means that all is well. */
  #first(choices: readonly unknown[], name: string, depth: number): unknown {
    const values = choices.map((choice) => this.of(choice, name, depth + 1)).filter((value) => value !== undefined)
    if (FIELDS[name] === null && values.includes(null)) return null
    return values.find((value) => value !== null) ?? values[0]
  }

  #byType(schema: Readonly<Record<string, unknown>>, name: string, depth: number): unknown {
    switch (schema.type) {
      case 'object':
        return this.#object(schema, depth)
      case 'array': {
        const item = this.of(schema.items, name, depth + 1)
        return item === undefined ? undefined : [item]
      }
      case 'string':
        if (schema.format === 'date-time') return '2026-01-15T12:00:00.000Z'
        return typeof FIELDS[name] === 'string' ? FIELDS[name] : undefined
      case 'number':
      case 'integer':
        return typeof FIELDS[name] === 'number' ? FIELDS[name] : (schema.minimum ?? 1)
      case 'boolean':
        return typeof FIELDS[name] === 'boolean' ? FIELDS[name] : true
      case 'null':
        return null
      default:
        return FIELDS[name]
    }
  }

  #object({ properties, required }: Readonly<Record<string, unknown>>, depth: number): unknown {
    const fields = isObject(properties) ? Object.entries(properties) : []
    const values = fields.flatMap(([name, schema]) => {
      const value = this.of(schema, name, depth + 1)
      return value === undefined ? [] : [[name, value] as const]
    })
    const made = Object.fromEntries(values)
    const whole = !Array.isArray(required) || required.every((name) => String(name) in made)
    return whole ? made : undefined
  }
}

const isCode = (text: string): text is ErrorCode => text in ERRORS

/** One example for each code listed in the description of an answer. */
function errorExamples(description: unknown, shape: unknown): Record<string, { value: object }> {
  const codes = String(description).split(', ').filter(isCode)
  const documented = isObject(shape) && shape.$ref === `${PREFIX}SignInError`
  return Object.fromEntries(
    codes.map((code) => {
      const message = MESSAGES[code]
      const extra = documented && ERRORS[code].status !== 400 ? { detail: message } : { non_field_errors: [message] }
      return [code, { value: { ...(documented ? { code, ...extra } : {}), error: { code, message } } }]
    }),
  )
}

/** The content of a body, by media type, with its examples. */
function inContent(content: unknown, composer: Composer, status?: string, description?: unknown): unknown {
  if (!isObject(content)) return content
  const media = Object.entries(content).map(([type, body]) => {
    if (!isObject(body) || 'example' in body || 'examples' in body || type !== 'application/json') return [type, body]
    if (status !== undefined && Number(status) >= 400) {
      const examples = errorExamples(description, body.schema)
      if (Object.keys(examples).length > 0) return [type, { ...body, examples }]
    }
    const example = composer.of(body.schema)
    return [type, example === undefined ? body : { ...body, example }]
  })
  return Object.fromEntries(media)
}

function inOperation(operation: unknown, composer: Composer): unknown {
  if (!isObject(operation)) return operation
  const { parameters, requestBody, responses } = operation
  const answers = Object.entries(isObject(responses) ? responses : {}).map(([status, response]) => {
    if (!isObject(response)) return [status, response]
    return [status, { ...response, content: inContent(response.content, composer, status, response.description) }]
  })
  return {
    ...operation,
    ...(Array.isArray(parameters)
      ? { parameters: parameters.map((parameter) => inParameter(parameter, composer)) }
      : {}),
    ...(isObject(requestBody)
      ? { requestBody: { ...requestBody, content: inContent(requestBody.content, composer) } }
      : {}),
    responses: Object.fromEntries(answers),
  }
}

function inParameter(parameter: unknown, composer: Composer): unknown {
  if (!isObject(parameter) || 'example' in parameter) return parameter
  const example = composer.of(parameter.schema, String(parameter.name))
  return example === undefined ? parameter : { ...parameter, example }
}

/** The paths of a document, with examples added to every parameter and body without one. */
export function withExamples(paths: unknown, shared: Shared): unknown {
  if (!isObject(paths)) return paths
  const composer = new Composer(shared)
  const made = Object.entries(paths).map(([path, operations]) => {
    if (!isObject(operations)) return [path, operations]
    const changed = METHODS.flatMap((method) =>
      method in operations ? [[method, inOperation(operations[method], composer)] as const] : [],
    )
    return [path, { ...operations, ...Object.fromEntries(changed) }]
  })
  return Object.fromEntries(made)
}
