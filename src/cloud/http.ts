import got, { type Got } from 'got'
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { badAnswer, Deferred, moved, retryAfter, unreachable, webPage } from './failures.ts'

export interface CloudRequest {
  readonly method: 'GET' | 'POST'
  /** A path relative to the account's address, or a whole address on the same origin. */
  readonly target: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
  readonly form?: Readonly<Record<string, string>>
  /** The service may know the path with or without a final slash: if it is not found, the other form is tried. */
  readonly eitherSlash?: boolean
  /** Whether an answer without a body is acceptable. */
  readonly bodyOptional?: boolean
}

/** A meaningful answer of the service: 2xx, or a 4xx that the login flow understands. */
export interface CloudAnswer {
  readonly status: number
  /** The JSON of the body; undefined if a 4xx, or an answer whose body is optional, had none. */
  readonly body: unknown
  /** The service's clock, Unix ms; undefined when it does not say. */
  readonly date: number | undefined
}

/** An answer as it came. */
interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface HttpOptions {
  readonly base: URL
  readonly clock: Clock
  /** Milliseconds of `clock` for a whole exchange. */
  readonly timeout?: number
  /** Largest answer in bytes. */
  readonly maxBytes?: number
  /** Other origins of the same service. */
  readonly aliases?: readonly string[]
}

/** 10 000 devices are about 2 MB. */
const MAX_BYTES = 8 * 1024 * 1024
const TIMEOUT_MS = 20_000

/** No answer in time; has the code of the system's own time-outs. */
class Late extends Error {
  readonly code = 'ETIMEDOUT'
}

/**
 * Exchanges JSON with one cloud. Redirects are not followed: they would carry the password or token elsewhere. Nothing
 * is retried here; the account decides that. Messages name only the host, never a path, query, header or body.
 */
export class CloudHttp {
  readonly base: URL
  readonly #clock: Clock
  readonly #timeout: number
  readonly #maxBytes: number
  readonly #aliases: readonly string[]
  readonly #got: Got

  constructor(options: HttpOptions) {
    this.base = options.base
    this.#clock = options.clock
    this.#timeout = options.timeout ?? TIMEOUT_MS
    this.#maxBytes = options.maxBytes ?? MAX_BYTES
    this.#aliases = options.aliases ?? []
    this.#got = got.extend({
      followRedirect: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
      // Compressed answers would make the size limit meaningless.
      decompress: false,
      headers: { accept: 'application/json', 'accept-language': 'en', 'user-agent': 'thermo2mqtt' },
    })
  }

  get host(): string {
    return this.base.host
  }

  /**
   * @throws BridgeError `CLOUD_UNREACHABLE` without a usable answer (also 5xx, redirects, and anything but JSON), or
   * `CLOUD_RATE_LIMITED` (429). Other 4xx are returned.
   */
  async send(request: CloudRequest, signal: AbortSignal): Promise<CloudAnswer> {
    const url = this.resolve(request)
    const raw = await this.#exchange(url, request, signal)
    const missed = request.eitherSlash === true && (raw.status === 404 || leadsTo(raw, url, otherSlash(url)))
    if (!missed) return this.#answer(raw, request)
    const other = await this.#exchange(otherSlash(url), request, signal)
    return this.#answer(leadsTo(other, otherSlash(url), url) ? raw : other, request)
  }

  async #exchange(url: URL, request: CloudRequest, signal: AbortSignal): Promise<RawAnswer> {
    const stream = this.#got.stream(url, {
      method: request.method,
      signal,
      ...(request.headers ? { headers: { ...request.headers } } : {}),
      ...(request.json ? { json: request.json } : {}),
      ...(request.form ? { form: { ...request.form } } : {}),
    })
    // A POST is a writable stream and waits for its end.
    if (request.method === 'POST' && !request.json && !request.form) stream.end()
    const late = this.#clock.timer(this.#timeout, () => stream.destroy(new Late()))
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of stream) {
        const bytes = Buffer.from(chunk)
        size += bytes.length
        if (size > this.#maxBytes) throw badAnswer(this.host, `more than ${this.#maxBytes} bytes`)
        chunks.push(bytes)
      }
    } catch (error) {
      throw this.#failure(error)
    } finally {
      late.cancel()
    }
    const response = stream.response
    if (!response) throw unreachable(this.host, 'ECONNRESET')
    return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }
  }

  /** @throws BridgeError `CLOUD_UNREACHABLE` when the target is on another origin. */
  resolve({ target, query }: CloudRequest): URL {
    const url = typeof target === 'string' ? new URL(this.base.href.replace(/\/*$/, '') + target) : new URL(target.href)
    if (url.origin !== this.base.origin) throw badAnswer(this.host, `it points to ${url.host}, which is not followed`)
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
    return url
  }

  /**
   * The target of a link in an answer, on the account's own server; undefined if it leads elsewhere or is not a link.
   * Services behind a TLS proxy are known to give http: links, so only host and port count, and the account's own
   * scheme is used.
   */
  follow(link: unknown, from: URL): URL | undefined {
    const url = typeof link === 'string' ? URL.parse(link, from.href) : null
    if (!url || !/^https?:$/.test(url.protocol) || url.host !== this.base.host) return undefined
    return new URL(url.pathname + url.search, this.base.origin)
  }

  #answer({ status, headers, text }: RawAnswer, { bodyOptional }: CloudRequest): CloudAnswer {
    const wait = retryAfter(headers['retry-after']?.toString(), this.#clock.now())
    if (status === 429) throw new Deferred('CLOUD_RATE_LIMITED', `${this.host} asks for fewer requests (429).`, wait)
    if (status >= 500) {
      throw new Deferred('CLOUD_UNREACHABLE', `${this.host} reports an error (${status}).`, wait)
    }
    if (status >= 300 && status < 400) throw this.#redirect(status, headers.location?.toString())
    const body = parseJson(text)
    const empty = text.trim() === ''
    if (body === undefined && status < 400 && !(bodyOptional && empty)) {
      throw badAnswer(this.host, empty ? 'it is empty' : `it is not JSON (${kind(headers['content-type'])})`)
    }
    // Services also use a page to say that an address or method does not exist.
    if (body === undefined && !empty && status !== 404 && status !== 405) {
      throw webPage(this.host, status, kind(headers['content-type']))
    }
    const date = Date.parse(headers.date?.toString() ?? '')
    return { status, body, date: Number.isFinite(date) ? date : undefined }
  }

  #redirect(status: number, location: string | undefined): BridgeError {
    const to = location === undefined ? null : URL.parse(location, this.base.href)
    return moved(this.host, status, to, to !== null && this.#aliases.includes(to.origin))
  }

  #failure(error: unknown): BridgeError {
    if (error instanceof BridgeError) return error
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
    return unreachable(this.host, code)
  }
}

/** The same address with a final slash added or removed. */
function otherSlash(url: URL): URL {
  const other = new URL(url.href)
  other.pathname = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : `${url.pathname}/`
  return other
}

/** Whether an answer is a redirect to `target`. */
function leadsTo({ status, headers }: RawAnswer, from: URL, target: URL): boolean {
  if (status < 300 || status >= 400 || headers.location === undefined) return false
  return URL.parse(headers.location.toString(), from.href)?.href === target.href
}

function kind(contentType: string | string[] | undefined): string {
  return /^[\w.+/-]{1,60}/.exec(contentType?.toString() ?? '')?.[0] ?? 'no content type'
}
