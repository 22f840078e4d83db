import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from '../../core/logging/logger.ts'
import { networkOf } from '../../core/network.ts'
import type { App } from '../app.ts'

/** Open connections of one address, and of all together. A browser has six; a program that needs a hundred is broken. */
const MOST_OF_ONE = 256
const MOST = 1024

interface Connection {
  readonly socket: Socket
  /** Whose it is: the peer's, or that of the client for whom a trusted proxy sends what is under way. */
  owner: string
  /** The last request and its answer. */
  last: { readonly request: IncomingMessage; readonly answer: ServerResponse } | undefined
}

/** The two ends of a TCP connection; with TLS the socket of a request is another one, of the same ends. */
const endsOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`

/** Whether nothing is done for the client on it: the client has to send, or to read, before anything goes on. */
const waitsForClient = ({ last }: Connection): boolean =>
  !last?.request.complete || last.answer.writableFinished || last.answer.writableNeedDrain

/**
 * Sees to it that nobody can hold all connections. Who opens more than a fair number loses the one that has waited for them
 * longest, so that a health check of the same machine is answered as well; and when all connections are taken, whoever has
 * most of them makes room. What the bridge is busy with is let be. Behind a proxy that is believed (`api.trust_proxy`), each
 * of its clients counts by itself.
 */
export class Connections {
  readonly #open = new Map<string, Connection>()
  readonly #owners = new Map<string, Set<Connection>>()
  /** Those that have been told of in the log, until they have no connection any more. */
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

  /** Ends the oldest of `own` that can be ended, else the one that has just come. */
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
