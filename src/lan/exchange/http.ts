import { connect, type Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { Address } from '../types.ts'
import { badReply, type ExchangeError, show, stopping, timedOut, unreachable } from './errors.ts'
import { ResponseReader, type Result } from './response.ts'

/** Failures before any data can have reached the device. */
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

/** Where all connections put what comes, piece by piece: each is copied before the next one is read. */
const PIECE = Buffer.allocUnsafeSlow(16 * 1024)

export interface HttpOptions {
  readonly clock: Clock
  /** Milliseconds for a connection, and for the whole exchange unless a request says otherwise. */
  readonly timeout: number
  readonly keepAlive: boolean
  /** Ends every exchange. */
  readonly signal?: AbortSignal | undefined
}

export interface PostOptions {
  /** Milliseconds for the whole exchange once the device has accepted the connection; at least `timeout`. */
  readonly patience?: number
}

/** Who hears what comes of a connection. */
interface Hearer {
  piece(piece: Buffer): void
  over(cause?: Error & { code?: string }): void
}

interface Connection {
  readonly socket: Socket
  readonly to: string
  hearer: Hearer
}

/**
 * POSTs JSON to devices with node:net: devices are polled all day, general clients cost a multiple of the exchange, and
 * none accepts what small web servers send. Bounded in size and in total time, from the name look-up to the last byte.
 * Any status but 200 is an error, so redirects are never followed.
 */
export class HttpClient {
  readonly #options: HttpOptions
  /** An idle connection for the next request, if connections are kept open. */
  #idle: Connection | undefined
  /** What ends the exchanges that are under way. */
  readonly #underWay = new Set<() => void>()
  readonly #abort = () => {
    for (const abort of [...this.#underWay]) abort()
  }

  constructor(options: HttpOptions) {
    this.#options = options
    options.signal?.addEventListener('abort', this.#abort)
  }

  /**
   * The text of the reply, possibly empty.
   * @throws ExchangeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BAD_REPLY`
   */
  post(address: Address, path: string, body: string, options: PostOptions = {}): Promise<string> {
    const { patience = this.#options.timeout } = options
    return new Promise((resolve, reject) => {
      const { clock, timeout, signal } = this.#options
      if (signal?.aborted) return reject(stopping(false))
      const reader = new ResponseReader()
      const settle = (result: Result | ExchangeError): void => {
        if (!this.#underWay.delete(abort)) return
        timer.cancel()
        const error = result instanceof Error ? result : refusal(address, result)
        if (!error && 'reusable' in result && result.reusable) this.#keep(connection)
        else socket.destroy()
        if (error) reject(error)
        else if ('text' in result) resolve(result.text)
      }
      const connection = this.#connect(address, this.#request(address, path, body), {
        piece: (piece) => {
          const result = this.#underWay.has(abort) ? reader.push(piece) : undefined
          if (result) settle(result)
        },
        over: (cause) => settle(ended(reader, address, cause)),
      })
      const { socket } = connection
      const abort = () => settle(stopping(!socket.connecting))
      const late = () => settle(timedOut(address, patience, !socket.connecting))
      let timer = clock.timer(timeout, () => {
        if (socket.connecting || patience <= timeout) late()
        else timer = clock.timer(patience - timeout, late)
      })
      this.#underWay.add(abort)
    })
  }

  /** Closes idle connections. Nothing is to be sent any more. */
  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#idle?.socket.destroy()
    this.#idle = undefined
  }

  #request(address: Address, path: string, body: string): string {
    const connection = this.#options.keepAlive ? 'keep-alive' : 'close'
    const length = Buffer.byteLength(body)
    return `POST ${path} HTTP/1.1\r\nHost: ${show(address)}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: ${connection}\r\n\r\n${body}`
  }

  /** Sends a request over the connection that waits, where it goes to that address, or over a new one. */
  #connect(address: Address, request: string, hearer: Hearer): Connection {
    const idle = this.#idle
    this.#idle = undefined
    if (idle?.to === show(address)) {
      idle.hearer = hearer
      idle.socket.write(request)
      return idle
    }
    idle?.socket.destroy()
    return open(address, request, hearer)
  }

  /** No data may arrive on an idle connection. */
  #keep(connection: Connection): void {
    const { socket } = connection
    if (!this.#options.keepAlive || socket.destroyed) {
      socket.destroy()
      return
    }
    const drop = () => {
      if (this.#idle === connection) this.#idle = undefined
      socket.destroy()
    }
    connection.hearer = { piece: drop, over: drop }
    this.#idle = connection
  }
}

/** Opens a connection that begins with this request. */
function open(address: Address, request: string, hearer: Hearer): Connection {
  const onread = {
    buffer: PIECE,
    callback: (bytes: number) => {
      connection.hearer.piece(PIECE.subarray(0, bytes))
      return true
    },
  }
  const socket = connect({ host: address.host, port: address.port, onread }, () => socket.write(request))
  const connection: Connection = { socket, to: show(address), hearer }
  socket.on('end', () => connection.hearer.over())
  socket.on('error', (cause) => connection.hearer.over(cause))
  socket.on('close', () => connection.hearer.over())
  return connection
}

/** Why a response is unusable; undefined if it is usable. */
function refusal(address: Address, result: Result): ExchangeError | undefined {
  if ('problem' in result) return badReply(address, result.problem)
  const { status } = result
  if (status === 200) return undefined
  const what = status >= 300 && status < 400 ? `redirects elsewhere` : `is not a success`
  const elsewhere = status >= 300 && status < 500
  return badReply(address, `${what} (HTTP status ${status})`, elsewhere ? { details: { reason: 'no_thermostat' } } : {})
}

/** The result of a closed connection. */
function ended(
  reader: ResponseReader,
  address: Address,
  cause: (Error & { code?: string }) | undefined,
): Result | ExchangeError {
  if (cause && NOT_CONNECTED.has(cause.code ?? '')) return unreachable(address, cause)
  if (reader.empty) return badReply(address, 'never came: the connection was closed', { empty: true, cause })
  return reader.end()
}
