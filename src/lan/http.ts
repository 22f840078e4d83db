import { Agent, type ClientRequest, type IncomingMessage, request as startRequest } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { badReply, type ExchangeError, stopping, timedOut, unreachable } from './errors.ts'
import type { Address } from './types.ts'

/** Far more than any device sends. */
export const MAX_REPLY_BYTES = 64 * 1024

/** Failures before anything can have reached the device. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINVAL',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOTFOUND',
  'EPERM',
  'ETIMEDOUT',
])

export interface HttpOptions {
  readonly clock: Clock
  /** Milliseconds for a whole exchange. */
  readonly timeout: number
  readonly keepAlive: boolean
}

/**
 * POSTs JSON to devices, on node:http itself: a device is polled all day, and got costs a multiple of the exchange and can't
 * bound the bytes of a reply while they come in. Bounded in time as a whole, from the name look-up to the last byte,
 * and in size; anything but status 200 is an error, so that no redirect is ever followed.
 */
export class HttpClient {
  readonly #agent: Agent
  readonly #options: HttpOptions

  constructor(options: HttpOptions) {
    this.#options = options
    this.#agent = new Agent({ keepAlive: options.keepAlive, maxFreeSockets: 1 })
  }

  /**
   * The text of the reply, possibly empty.
   * @throws ExchangeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BAD_REPLY`
   */
  post(address: Address, path: string, body: string, signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(stopping(false))
      const { clock, timeout, keepAlive } = this.#options
      const request = startRequest({
        host: address.host,
        port: address.port,
        path,
        method: 'POST',
        agent: this.#agent,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          Connection: keepAlive ? 'keep-alive' : 'close',
        },
      })
      let settled = false
      const settle = (outcome: string | ExchangeError): void => {
        if (settled) return
        settled = true
        timer.cancel()
        signal?.removeEventListener('abort', abort)
        if (typeof outcome === 'string') {
          resolve(outcome)
        } else {
          request.destroy()
          reject(outcome)
        }
      }
      const abort = () => settle(stopping(connected(request)))
      const timer = clock.timer(timeout, () => settle(timedOut(address, timeout, connected(request))))
      signal?.addEventListener('abort', abort)
      let responded = false
      request.on('response', (response) => {
        responded = true
        collect(response, address, settle)
      })
      request.on('error', (error) => settle(failure(error, address)))
      // Comes after the end of a whole reply, but before the error of one that broke off.
      request.on('close', () => {
        if (!settled) settle(responded ? halfWay(address) : closed(address))
      })
      request.end(body)
    })
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy()
  }
}

const connected = (request: ClientRequest): boolean => request.socket?.connecting === false

const closed = (address: Address, cause?: unknown): ExchangeError =>
  badReply(address, 'never came: the connection was closed', { empty: true, cause })

const halfWay = (address: Address, cause?: unknown): ExchangeError => badReply(address, 'broke off half-way', { cause })

function failure(error: Error & { code?: string }, address: Address): ExchangeError {
  if (NOT_CONNECTED.has(error.code ?? '')) return unreachable(address, error)
  if (error.code?.startsWith('HPE_')) return badReply(address, 'is no HTTP', { cause: error })
  return closed(address, error)
}

function collect(response: IncomingMessage, address: Address, settle: (outcome: string | ExchangeError) => void): void {
  const { statusCode = 0 } = response
  if (statusCode !== 200) {
    const what = statusCode >= 300 && statusCode < 400 ? `redirects elsewhere` : `is no success`
    settle(badReply(address, `${what} (HTTP status ${statusCode})`))
    return
  }
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MAX_REPLY_BYTES) settle(badReply(address, `is longer than ${MAX_REPLY_BYTES / 1024} KiB`))
    else chunks.push(chunk)
  })
  response.on('end', () => settle((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? ''))
  response.on('error', (cause) => settle(halfWay(address, cause)))
}
