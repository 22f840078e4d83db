/** A client of REST that knows nothing but the OpenAPI document: it refuses to send, and to take, what that does not allow. */
import { Compile } from 'typebox/schema'
import { isObject, type JsonObject } from '../../../src/core/json.ts'

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly example: unknown }[]
  /** What the document shows as a body; undefined when it takes none. */
  readonly example: unknown
  readonly raw: JsonObject
}

export interface CallArguments {
  readonly params?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Not sent when null. */
  readonly token?: string | null
}

export interface CallAnswer {
  readonly status: number
  readonly body: unknown
}

const JSON_TYPE = 'application/json'
const BYTES = 'application/octet-stream'
const METHODS = ['get', 'put', 'post', 'patch', 'delete']

export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value)

const fieldsOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : [])

/** Schemas of a document, with everything refused that they do not name. */
export class Schemas {
  readonly #components: unknown
  readonly #checks = new Map<string, ReturnType<typeof Compile>>()

  constructor(document: JsonObject) {
    this.#components = closed(document.components)
  }

  /** What is wrong with `value`, in words; empty when nothing is. */
  objections(schema: unknown, value: unknown): string[] {
    if (!isObject(schema)) return ['there is no schema']
    const key = JSON.stringify(schema)
    const made = this.#checks.get(key) ?? Compile(whole(this.#components, schema))
    this.#checks.set(key, made)
    if (made.Check(value)) return []
    const [, errors] = made.Errors(value)
    return errors.map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
}

/** A schema that the components it refers to stand beside. */
const whole = (components: unknown, schema: unknown): { readonly [keyword: string]: unknown } => ({
  components,
  allOf: [closed(schema)],
})

/** A copy of schemas in which an object has only the properties it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isObject(schema)) return schema
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'examples' || key === 'enum' ? value : closed(value)]),
  )
  const open = schema.type === 'object' && !('additionalProperties' in schema)
  return open && fieldsOf(schema.properties).length > 0 ? { ...copy, additionalProperties: false } : copy
}

export function operationsOf(document: JsonObject): Operation[] {
  return fieldsOf(document.paths).flatMap(([path, item]) =>
    fieldsOf(item).flatMap(([method, raw]) => {
      if (!METHODS.includes(method) || !isObject(raw)) return []
      const parameters = (Array.isArray(raw.parameters) ? raw.parameters : []).filter(isObject)
      return {
        id: String(raw.operationId),
        method,
        path,
        parameters: parameters.map(({ name, in: where, example }) => ({
          name: String(name),
          in: String(where),
          example,
        })),
        example: at(raw, 'requestBody', 'content', 'application/json', 'example'),
        raw,
      }
    }),
  )
}

export class OpenApiClient {
  readonly operations: ReadonlyMap<string, Operation>
  /** The statuses that each operation has answered with. */
  readonly called = new Map<string, Set<number>>()
  /** Whatever the service answered that the document does not know. */
  readonly complaints: string[] = []
  /** Sent with every call that names none of its own. */
  token: string | null = null
  readonly #url: string
  readonly #schemas: Schemas

  constructor(document: JsonObject, url: string) {
    this.#url = url
    this.#schemas = new Schemas(document)
    this.operations = new Map(operationsOf(document).map((operation) => [operation.id, operation]))
  }

  /** @throws TypeError for what the document does not allow to be sent */
  async call(id: string, { params = {}, body, token = this.token }: CallArguments = {}): Promise<CallAnswer> {
    const operation = this.operations.get(id)
    if (!operation) throw new TypeError(`the document knows no operation ${id}`)
    this.#checkBody(operation, body)
    const open = Array.isArray(operation.raw.security) && operation.raw.security.length === 0
    const response = await fetch(this.#url + this.#target(operation, params), {
      method: operation.method.toUpperCase(),
      headers: {
        ...(body === undefined ? {} : { 'content-type': body instanceof Uint8Array ? BYTES : JSON_TYPE }),
        ...(open || token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
    })
    return this.#take(operation, response)
  }

  #target({ path, parameters, raw }: Operation, params: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams()
    let filled = path
    for (const { name, in: where } of parameters) {
      const value = params[name]
      if (value === undefined) continue
      const schema = (Array.isArray(raw.parameters) ? raw.parameters : []).find((one) => at(one, 'name') === name)
      const wrong = this.#schemas.objections(at(schema, 'schema'), value)
      if (wrong.length > 0) throw new TypeError(`${name}=${value}: ${wrong.join()}`)
      if (where === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value))
      else query.set(name, value)
    }
    if (filled.includes('{')) throw new TypeError(`${path} needs more than ${Object.keys(params).join()}`)
    return query.size > 0 ? `${filled}?${query}` : filled
  }

  #checkBody({ id, raw }: Operation, body: unknown): void {
    if (body instanceof Uint8Array) {
      if (!at(raw, 'requestBody', 'content', BYTES)) throw new TypeError(`${id}: it takes no file`)
      return
    }
    const schema = at(raw, 'requestBody', 'content', JSON_TYPE, 'schema')
    if (body === undefined && at(raw, 'requestBody', 'required') !== true) return
    const wrong = schema === undefined ? ['it takes no body'] : this.#schemas.objections(schema, body)
    if (wrong.length > 0) throw new TypeError(`${id}: ${wrong.join('; ')}`)
  }

  async #take(operation: Operation, response: Response): Promise<CallAnswer> {
    const { id, raw } = operation
    const { status } = response
    this.called.set(id, (this.called.get(id) ?? new Set()).add(status))
    const [type = ''] = (response.headers.get('content-type') ?? '').split(';')
    const content = at(raw, 'responses', String(status), 'content')
    const media = at(content, type)
    if (media === undefined) this.complaints.push(`${id}: ${status} with ${type || 'nothing'} is not in the document`)
    if (type === 'text/event-stream') {
      await response.body?.cancel()
      return { status, body: undefined }
    }
    if (type === BYTES) return { status, body: new Uint8Array(await response.arrayBuffer()) }
    const body: unknown = type === JSON_TYPE ? await response.json() : await response.text()
    if (media !== undefined) {
      const wrong = this.#schemas.objections(at(media, 'schema'), body)
      this.complaints.push(...wrong.map((what) => `${id}: ${status}: ${what}`))
    }
    return { status, body }
  }
}
