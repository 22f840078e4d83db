/** The embedded broker: aedes (MQTT 5 and 3.1.1) for people without their own broker. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { type DropReason, type Drops, shown } from '../drops.ts'
import { Backlog } from './backlog.ts'
import { Doors } from './doors.ts'
import { Flow } from './flow.ts'
import { forwardOnce } from './forward-once.ts'
import { remedyFor, UNSUPPORTED_VERSION, unspokenIn } from './greeting.ts'
import { LIMITS, type Limits } from './limits.ts'
import { PacketGuard } from './packet-guard.ts'
import { BROKER_REFUSALS, Refusals } from './refusals.ts'
import { Rules } from './rules.ts'
import type { EmbeddedOptions } from './settings.ts'
import { cannotListen, requireSafe, urlAt } from './settings.ts'
import { BrokerStore } from './store/index.ts'
import { SubscriptionCount } from './store/subscription-count.ts'
import { streamPair } from './stream-pair.ts'

/** Milliseconds for a client to introduce itself. */
const CONNECT_TIMEOUT = 10_000

/** The turns of the event loop that a message needs to pass through the broker, and some more. */
const FORWARDING_TURNS = 10

/** DISCONNECT of MQTT 5: packet too large. */
const PACKET_TOO_LARGE = 0x95

/** Bytes in front of the body of the largest packets. */
const FIXED_HEADER = 5

/** How many topics a client may replace with numbers (topic aliases); devices with little memory use them. */
const TOPIC_ALIASES = 16

export interface BrokerOptions {
  readonly settings: EmbeddedOptions
  readonly drops: Drops
  readonly clock: Clock
  readonly logger: Logger
  /**
   * Handles a message that must not be retained although its sender asked for it; true if so. MQTT 3.1.1 would forward
   * it without the flag and keep it for every later subscription.
   */
  readonly takesRetained?: (topic: string, payload: Buffer) => boolean
  /** Other limits, for tests. */
  readonly limits?: Partial<Limits>
}

/** How much the broker stores and has refused. */
export interface BrokerCounts {
  readonly clients: number
  readonly subscriptions: number
  readonly retained: number
  readonly retainedBytes: number
  readonly sessions: number
  /** Bytes of messages waiting in sessions or for slow readers, in delivery, and partly received. */
  readonly queuedBytes: number
  readonly backlogBytes: number
  readonly underWayBytes: number
  readonly arrivingBytes: number
  /** The number of refusals, by reason. */
  readonly refused: ReadonlyMap<DropReason, number>
}

export class EmbeddedBroker {
  readonly #options: BrokerOptions
  readonly #limits: Limits
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #store: BrokerStore
  readonly #doors: Doors
  readonly #backlog: Backlog
  readonly #flow: Flow
  readonly #subscriptions: SubscriptionCount
  readonly #refusals: Refusals
  /** The bridge's own streams, which need no password and have no limits. */
  readonly #own = new WeakSet<object>()
  readonly #addresses = new WeakMap<object, string>()
  /** The open connections, with the bytes of a partly received packet on each. */
  readonly #sockets = new Map<Socket, number>()
  #arriving = 0

  /** Throws `BridgeError` BAD_REQUEST for settings that would let anybody on the network in. */
  constructor(options: BrokerOptions) {
    requireSafe(options.settings)
    this.#options = options
    const { clock, drops, logger } = options
    const limits = { ...LIMITS, ...options.limits }
    this.#limits = limits
    this.#refusals = new Refusals(drops)
    this.#doors = new Doors(limits.clientsPerAddress, clock, logger)
    this.#backlog = new Backlog(limits)
    this.#flow = new Flow(limits)
    this.#store = new BrokerStore(limits, clock, (full, fields) => this.#refusals.refuse(full, fields))
    this.#subscriptions = new SubscriptionCount(limits, this.#store)
    this.#aedes = new Aedes({
      persistence: this.#store,
      connectTimeout: CONNECT_TIMEOUT,
      drainTimeout: limits.patience,
      maxTopicLevels: limits.topicLevels,
      maximumPacketSize: limits.packetBytes + FIXED_HEADER,
      topicAliasMaximum: TOPIC_ALIASES,
      sessionExpiryIntervalLimit: limits.sessionExpiry,
      pendingSessionsLimit: limits.sessions,
    })
    forwardOnce(this.#aedes)
    const isOwn = ({ conn }: Client) => this.#own.has(conn)
    this.#flow.apply(this.#aedes, isOwn)
    new Rules({
      settings: options.settings,
      limits,
      store: this.#store,
      doors: this.#doors,
      subscriptions: this.#subscriptions,
      drops,
      refusals: this.#refusals,
      isOwn,
      addressOf: ({ conn }) => this.#addresses.get(conn) ?? '',
      takesRetained: options.takesRetained ?? (() => false),
    }).apply(this.#aedes)
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#greet(socket))
    this.#server.maxConnections = limits.clients
    this.#server.on('drop', (data) => this.#refusals.refuse('too_many_connections', { from: data?.remoteAddress }))
    this.#aedes.on('client', (client) => this.#store.cameOnline(client))
    this.#aedes.on('clientDisconnect', (client) => this.#store.wentOffline(client))
    this.#aedes.on('unsubscribe', (filters, client) => this.#subscriptions.remove(client, filters))
    this.#aedes.on('clientError', (client, error) => {
      logger.debug({ client: client.id, cause: error.message }, 'An MQTT client of the embedded broker failed.')
    })
    this.#aedes.on('connectionError', (_client, error) => {
      logger.debug({ cause: error.message }, 'A connection to the embedded MQTT broker failed.')
    })
  }

  /** Serves the bridge itself, through `dial`, and listens; resolves with the port. Rejects as `listen` does. */
  async start(): Promise<number> {
    await this.open()
    try {
      return await this.listen()
    } catch (error) {
      await this.#closeAedes()
      throw error
    }
  }

  /** From now on the bridge itself is served, through `dial`. */
  open(): Promise<void> {
    return this.#aedes.listen()
  }

  /**
   * Lets others in; resolves with the port. Rejects with `BridgeError` BAD_REQUEST if the address can't be used; it may be
   * tried again.
   */
  async listen(): Promise<number> {
    const { host, port } = this.#options.settings
    try {
      // Not by a callback, which would stay behind after each failure.
      const listening = once(this.#server, 'listening')
      this.#server.listen({ host, port })
      await listening
    } catch (cause) {
      throw cannotListen(this.#options.settings, cause)
    }
    this.#server.on('error', (err) => {
      this.#options.logger.error(
        { err },
        'The embedded MQTT broker can’t accept new connections at the moment; open connections continue.',
      )
    })
    const { logger } = this.#options
    logger.info({ host, port: this.port }, 'The embedded MQTT broker is listening; set mqtt.url to use another one.')
    return this.port
  }

  /** The port listened on. */
  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.settings.port
  }

  get url(): string {
    return urlAt(this.#options.settings.host, this.port)
  }

  /** A stream to the broker for the bridge itself, which avoids the system's network stack. */
  dial(): Duplex {
    const [ours, theirs] = streamPair()
    this.#own.add(theirs)
    this.#aedes.handle(theirs)
    return ours
  }

  counts(): BrokerCounts {
    return {
      ...this.#store.counts(),
      clients: this.#sockets.size,
      subscriptions: this.#subscriptions.total,
      backlogBytes: this.#backlog.bytes,
      underWayBytes: this.#flow.bytes,
      arrivingBytes: this.#arriving,
      refused: new Map(BROKER_REFUSALS.map((reason) => [reason, this.#options.drops.of(reason)])),
    }
  }

  /** Closes all connections and stops listening. Never rejects. */
  async stop(): Promise<void> {
    // Calls back even if it never listened.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#delivered()
    await this.#closeAedes()
    for (const socket of this.#sockets.keys()) socket.destroy()
    await closed
  }

  /** aedes acknowledges a message before it forwards it: the bridge's `offline` may still be on its way to the clients. */
  async #delivered(): Promise<void> {
    for (let turn = 0; turn < FORWARDING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  #closeAedes(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()))
  }

  /** Checks the client's protocol before aedes reads: aedes is not involved if it is an unsupported one. */
  #greet(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    socket.on('error', () => undefined)
    if (!this.#doors.enter(address)) {
      this.#refusals.refuse('too_many_connections', { from: address })
      socket.destroy()
      return
    }
    this.#sockets.set(socket, 0)
    this.#addresses.set(socket, address)
    socket.on('close', () => {
      this.#doors.leave(address)
      this.#arrived(socket, 0)
      this.#sockets.delete(socket)
    })
    socket.setTimeout(CONNECT_TIMEOUT, () => socket.destroy())
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0)
      socket.pause()
      const unspoken = unspokenIn(first)
      if (unspoken === undefined) {
        socket.unshift(first)
        this.#serve(socket, address)
        return
      }
      this.#options.drops.count(unspoken, { from: address }, remedyFor(unspoken))
      if (unspoken === 'unspoken_version') socket.write(UNSUPPORTED_VERSION)
      socket.destroySoon()
    })
  }

  #serve(socket: Socket, address: string): void {
    const { connectBytes, packetBytes, subscribeBytes, arrivingBytes } = this.#limits
    const guard = new PacketGuard(connectBytes, packetBytes, subscribeBytes)
    const client = this.#aedes.handle(socket)
    this.#backlog.watch(client, socket, () => this.#refusals.refuse('slow_reader', { client: shown(client.id) }))
    socket.on('close', () => this.#subscriptions.clear(client))
    // aedes reads by itself; `data` is emitted for each chunk before aedes parses it.
    socket.on('data', (chunk: Buffer) => {
      const accepted = guard.accepts(chunk)
      this.#arrived(socket, guard.arriving)
      if (!accepted) {
        this.#refusals.refuse('packet_too_large', { from: address })
        client.disconnect({ reasonCode: PACKET_TOO_LARGE })
      } else if (this.#arriving > arrivingBytes) this.#endGreatest()
    })
  }

  /** Ends the connection with the largest unfinished packet. */
  #endGreatest(): void {
    const [socket] = [...this.#sockets].reduce((most, other) => (other[1] > most[1] ? other : most))
    this.#refusals.refuse('too_much_arriving', { from: socket.remoteAddress })
    this.#arrived(socket, 0)
    socket.destroy()
  }

  #arrived(socket: Socket, bytes: number): void {
    this.#arriving += bytes - (this.#sockets.get(socket) ?? 0)
    if (this.#sockets.has(socket)) this.#sockets.set(socket, bytes)
  }
}
