/** The embedded broker: aedes (MQTT 5 and 3.1.1) for those who have no broker of their own. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type AddressInfo, createServer, isIPv4, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError } from 'aedes'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Drops } from './drops.ts'
import { forwardOnce } from './forward-once.ts'
import type { EmbeddedOptions } from './options.ts'
import { PacketGuard } from './packet-guard.ts'
import { streamPair } from './stream-pair.ts'

/** Bodies of packets in bytes: a CONNECT with the longest texts it can sensibly have, and everything else. */
const LARGEST_CONNECT = 64 * 1024
const LARGEST_PACKET = 1024 * 1024

const MOST_CONNECTIONS = 256

/** Milliseconds for a client to introduce itself. */
const CONNECT_TIMEOUT = 10_000

/** Turns of the event loop that a message takes through the broker, and some more. */
const FORWARDING_TURNS = 10

/** CONNACK: bad user name or password. */
const BAD_CREDENTIALS = 4

/** A topic that no subscription of anybody takes in: wildcards don't begin with `$`. */
const NOWHERE = '$SYS/refused'

export interface BrokerOptions {
  readonly settings: EmbeddedOptions
  readonly drops: Drops
  readonly logger: Logger
  /**
   * Takes a message that somebody wants retained, if it must not be; true when it did. MQTT 3.1.1 would hand it on without
   * the flag, and keep it for every later subscription.
   */
  readonly takesRetained?: (topic: string, payload: Buffer) => boolean
  /** For tests. */
  readonly mostConnections?: number
}

export class EmbeddedBroker {
  readonly #options: BrokerOptions
  readonly #aedes: Aedes
  readonly #server: Server
  /** Streams of the bridge itself, which need no password. */
  readonly #own = new WeakSet<object>()
  readonly #sockets = new Set<Socket>()

  /** Throws `BridgeError` BAD_REQUEST for settings that would let anybody on the network in. */
  constructor(options: BrokerOptions) {
    requireSafe(options.settings)
    this.#options = options
    this.#aedes = new Aedes({
      connectTimeout: CONNECT_TIMEOUT,
      authenticate: (client, username, password, done) => {
        if (this.#own.has(client.conn) || this.#knows(username, password)) done(null, true)
        else done(badCredentials(), null)
      },
    })
    forwardOnce(this.#aedes)
    this.#divertRetained()
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#serve(socket))
    this.#server.maxConnections = options.mostConnections ?? MOST_CONNECTIONS
    this.#server.on('drop', (data) => {
      const message = `The embedded MQTT broker has ${this.#server.maxConnections} connections and takes no more.`
      options.drops.count('too_many_connections', { from: data?.remoteAddress }, message)
    })
    this.#aedes.on('clientError', (client, error) => {
      options.logger.debug({ client: client.id, cause: error.message }, 'An MQTT client of the embedded broker failed.')
    })
    this.#aedes.on('connectionError', (_client, error) => {
      options.logger.debug({ cause: error.message }, 'A connection to the embedded MQTT broker failed.')
    })
  }

  /** Listens; resolves with the port. Rejects with `BridgeError` BAD_REQUEST when the address cannot be had. */
  async start(): Promise<number> {
    const { host, port } = this.#options.settings
    await this.#aedes.listen()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen({ host, port }, () => {
          this.#server.off('error', reject)
          resolve()
        })
      })
    } catch (cause) {
      await this.#closeAedes()
      throw cannotListen(this.#options.settings, cause)
    }
    this.#server.on('error', (err) => {
      this.#options.logger.error({ err }, 'The embedded MQTT broker has trouble taking connections; those open go on.')
    })
    const { logger } = this.#options
    logger.info({ host, port: this.port }, 'The embedded MQTT broker listens; set mqtt.url to use another one.')
    return this.port
  }

  /** The port listened on. */
  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.settings.port
  }

  get url(): string {
    const { host } = this.#options.settings
    return `mqtt://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  /** A stream to the broker for the bridge itself, which spares two trips through the system's network stack. */
  dial(): Duplex {
    const [ours, theirs] = streamPair()
    this.#own.add(theirs)
    this.#aedes.handle(theirs)
    return ours
  }

  /** Closes all connections and stops listening. Never rejects. */
  async stop(): Promise<void> {
    // Calls back also when it never listened.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#delivered()
    await this.#closeAedes()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** aedes acknowledges a message before it forwards it: the bridge's `offline` may still be on its way to the clients. */
  async #delivered(): Promise<void> {
    for (let turn = 0; turn < FORWARDING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  #closeAedes(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()))
  }

  /** What is taken goes nowhere else, but is acknowledged as it would be: 3.1.1 has no refusal but to hang up. */
  #divertRetained(): void {
    const { takesRetained } = this.#options
    if (!takesRetained) return
    const { authorizePublish } = this.#aedes
    this.#aedes.authorizePublish = (client, packet, done) => {
      authorizePublish(client, packet, (error) => {
        if (!error && packet.retain && takesRetained(packet.topic, Buffer.from(packet.payload))) {
          Object.assign(packet, { topic: NOWHERE, payload: Buffer.alloc(0), retain: false })
        }
        done(error)
      })
    }
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    const guard = new PacketGuard(LARGEST_CONNECT, LARGEST_PACKET)
    this.#aedes.handle(socket)
    // aedes reads by itself; `data` is emitted for what it reads, before it parses that.
    socket.on('data', (chunk: Buffer) => {
      if (guard.accepts(chunk)) return
      const message =
        'A client of the embedded MQTT broker sent a packet that is too large or malformed, and was disconnected.'
      this.#options.drops.count('packet_too_large', { from: socket.remoteAddress }, message)
      socket.destroy(new Error('MQTT packet too large'))
    })
  }

  #knows(username: string | undefined, password: Buffer | undefined): boolean {
    const { settings } = this.#options
    if (!settings.username) return true
    const name = same(settings.username, username ?? '')
    const secret = same(settings.password ?? '', password ?? '')
    return name && secret
  }
}

/** Compares in a time that tells nothing about either. */
function same(expected: string, given: string | Buffer): boolean {
  return timingSafeEqual(digest(expected), digest(given))
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}

function badCredentials(): AuthenticateError {
  return Object.assign(new Error('bad user name or password'), { returnCode: BAD_CREDENTIALS })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function requireSafe({ host, username, password }: EmbeddedOptions): void {
  if (Boolean(username) !== Boolean(password)) {
    throw new BridgeError(
      'BAD_REQUEST',
      'mqtt.embedded.username and mqtt.embedded.password go together: set both or none.',
    )
  }
  if (!username && !isLoopback(host)) {
    throw new BridgeError(
      'BAD_REQUEST',
      `mqtt.embedded.host is ${host}, so that anybody on the network could command the thermostats: set mqtt.embedded.username and mqtt.embedded.password, or leave the host at 127.0.0.1.`,
    )
  }
}

function cannotListen({ host, port }: EmbeddedOptions, cause: unknown): BridgeError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const why =
    code === 'EADDRINUSE'
      ? `another program, probably an MQTT broker, uses that port: set mqtt.url to that broker (T2M_MQTT_URL=mqtt://127.0.0.1:${port}), or mqtt.embedded.port (T2M_MQTT_EMBEDDED_PORT) to a free port`
      : code === 'EACCES'
        ? 'the system does not allow that port: set mqtt.embedded.port (T2M_MQTT_EMBEDDED_PORT) to one above 1023'
        : 'check mqtt.embedded.host and mqtt.embedded.port'
  const message = `The embedded MQTT broker cannot listen on ${host} port ${port} (${String(code ?? cause)}): ${why}.`
  return new BridgeError('BAD_REQUEST', message, { cause })
}
