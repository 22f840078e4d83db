import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from '../../core/logging/logger.ts'
import { networkOf } from '../../core/network/addresses.ts'
import type { App } from '../app.ts'

/** The most open connections per address, and in total. A browser has six; a program that needs a hundred is broken. */
const MOST_OF_ONE = 256
const MOST = 1024

interface Connection {
  readonly socket: Socket
  /** Its owner: the peer, or the client for whom a trusted proxy is sending a request. */
  owner: string
  /** The last request and its answer. */
  last: { readonly request: IncomingMessage; readonly answer: ServerResponse } | undefined
}

/** The two ends of a TCP connection. With TLS, a request has another socket with the same ends. */
const endsOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`

/** Whether the bridge is waiting for the client to send or read. */
const waitsForClient = ({ last }: Connection): boolean =>
  !last?.request.complete || last.answer.writableFinished || last.answer.writableNeedDrain

/**
 * Makes sure that nobody can hold all connections. An address with more than a fair number loses its longest idle
 * connection, so that a health check from the same machine is still answered. If all connections are taken, the address
 * with most of them makes room. Connections with a request in progress are left alone. Behind a trusted proxy
 * (`api.trust_proxy`), each client counts separately.
 */
export class Connections {
  readonly #open = new Map<string, Connection>()
  readonly #owners = new Map<string, Set<Connection>>()
  /** Addresses already reported in the log, until they have no more connections. */
  readonly #told = new Set<string>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  watch(app: App): void {
    app.server.on('connection', (socket: Socket) => this.#opened(socket))
    app.addHook('onRequest', async ({ raw, ip }, reply) => {
      const connection = this.#open.get(endsOf(raw.socket))
      if (!connection) return
      connection.last = { request: raw, answer: reply.raw }
      this.#give(connection, networkOf(ip))
    })
  }

  #opened(socket: Socket): void {
    const ends = endsOf(socket)
    const connection: Connection = { socket, owner: '', last: undefined }
    this.#open.set(ends, connection)
    socket.once('close', () => {
      this.#open.delete(ends)
      this.#take(connection)
    })
    this.#give(connection, networkOf(socket.remoteAddress ?? ''))
  }

  #give(connection: Connection, owner: string): void {
    if (connection.owner === owner) return
    this.#take(connection)
    connection.owner = owner
    const own = this.#owners.get(owner) ?? new Set()
    this.#owners.set(owner, own.add(connection))
    if (own.size > MOST_OF_ONE) this.#makeRoom(owner, own, connection)
    else if (this.#open.size > MOST) this.#makeRoom(...this.#greatest(), connection)
  }

  #take(connection: Connection): void {
    const { owner } = connection
    const own = this.#owners.get(owner)
    own?.delete(connection)
    if (own?.size !== 0) return
    this.#owners.delete(owner)
    this.#told.delete(owner)
  }

  #greatest(): [owner: string, own: Set<Connection>] {
    return [...this.#owners].reduce((most, other) => (other[1].size > most[1].size ? other : most))
  }

  /** Ends the oldest of `own` that can be ended, otherwise the newest one. */
  #makeRoom(owner: string, own: Set<Connection>, latest: Connection): void {
    const ended = [...own].find((each) => each !== latest && waitsForClient(each)) ?? latest
    this.#take(ended)
    ended.socket.destroy()
    if (this.#told.has(owner)) return
    this.#told.add(owner)
    this.#logger.warn(
      { address: owner, connections: own.size },
      'too many connections to REST and the page from one address: the oldest are closed',
    )
  }
}
