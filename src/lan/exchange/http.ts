import { connect, type Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { Address } from '../types.ts'
import { badReply, type ExchangeError, show, stopping, timedOut, unreachable } from './errors.ts'
import { ResponseReader, type Result } from './response.ts'

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
  /** Milliseconds for a connection; for the whole exchange as well, where a request says nothing else. */
  readonly timeout: number
  readonly keepAlive: boolean
}

export interface PostOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole exchange once the device has taken the connection; not less than `timeout`. */
  readonly patience?: number
}

/**
 * POSTs JSON to devices, on node:net: a device is polled all day, general clients cost a multiple of the exchange, and none
 * of them takes what small web servers send. Bounded in time as a whole, from the name look-up to the last byte, and in
 * size; anything but status 200 is an error, so that no redirect is ever followed.
 */
export class HttpClient {
  readonly #options: HttpOptions
  /** A connection that waits for the next request, where connections are kept. */
  #idle: { readonly socket: Socket; readonly to: string } | undefined

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /**
   * The text of the reply, possibly empty.
   * @throws ExchangeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BAD_REPLY`
   */
  post(address: Address, path: string, body: string, options: PostOptions = {}): Promise<string> {
    const { signal, patience = this.#options.timeout } = options
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(stopping(false))
      const { clock, timeout } = this.#options
      const socket = this.#connection(address)
      const reader = new ResponseReader()
      let settled = false
      const settle = (result: Result | ExchangeError): void => {
        if (settled) return
        settled = true
        timer.cancel()
        signal?.removeEventListener('abort', abort)
        const error = result instanceof Error ? result : refusal(address, result)
        if (!error && 'reusable' in result && result.reusable) this.#keep(socket, address)
        else socket.destroySoon()
        if (error) {
          socket.destroy()
          reject(error)
        } else if ('text' in result) {
          resolve(result.text)
        }
      }
      const abort = () => settle(stopping(!socket.connecting))
      const late = () => settle(timedOut(address, patience, !socket.connecting))
      let timer = clock.timer(timeout, () => {
        if (socket.connecting || patience <= timeout) late()
        else timer = clock.timer(patience - timeout, late)
      })
      const over = (cause?: Error & { code?: string }) => settle(ended(reader, address, cause))
      signal?.addEventListener('abort', abort)
      socket.on('data', (piece) => {
        const result = settled ? undefined : reader.push(piece)
        if (result) settle(result)
      })
      socket.on('end', () => over())
      socket.on('error', over)
      socket.on('close', () => over())
      socket.write(this.#request(address, path, body))
    })
  }

  /** Closes idle connections. */
  close(): void {
    this.#idle?.socket.destroy()
    this.#idle = undefined
  }

  #request(address: Address, path: string, body: string): string {
    const connection = this.#options.keepAlive ? 'keep-alive' : 'close'
    const length = Buffer.byteLength(body)
    return `POST ${path} HTTP/1.1\r\nHost: ${show(address)}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: ${connection}\r\n\r\n${body}`
  }

  #connection(address: Address): Socket {
    const idle = this.#idle
    this.#idle = undefined
    if (idle?.to === show(address)) {
      idle.socket.removeAllListeners()
      return idle.socket
    }
    idle?.socket.destroy()
    return connect({ host: address.host, port: address.port, noDelay: true })
  }

  /** Nothing may come on a connection that waits. */
  #keep(socket: Socket, address: Address): void {
    if (!this.#options.keepAlive || socket.destroyed) {
      socket.destroySoon()
      return
    }
    socket.removeAllListeners()
    const drop = () => {
      if (this.#idle?.socket === socket) this.#idle = undefined
      socket.destroy()
    }
    for (const event of ['data', 'end', 'error', 'close']) socket.on(event, drop)
    this.#idle = { socket, to: show(address) }
  }
}

/** Why a response is of no use; undefined when it is. */
function refusal(address: Address, result: Result): ExchangeError | undefined {
  if ('problem' in result) return badReply(address, result.problem)
  const { status } = result
  if (status === 200) return undefined
  const what = status >= 300 && status < 400 ? `redirects elsewhere` : `is no success`
  const elsewhere = status >= 300 && status < 500
  return badReply(address, `${what} (HTTP status ${status})`, elsewhere ? { details: { reason: 'no_thermostat' } } : {})
}

/** What a connection that is over has brought. */
function ended(
  reader: ResponseReader,
  address: Address,
  cause: (Error & { code?: string }) | undefined,
): Result | ExchangeError {
  if (cause && NOT_CONNECTED.has(cause.code ?? '')) return unreachable(address, cause)
  if (reader.empty) return badReply(address, 'never came: the connection was closed', { empty: true, cause })
  return reader.end()
}
