/**
 * Maintains the bridge's one connection to a broker: failover, older protocol, growing waits, will and birth message.
 */
import { type Timer, within } from '../../core/clock.ts'
import type { Closed } from './closed.ts'
import { CONNECT_TIMEOUT, Connection } from './connection.ts'
import { explain, refusesVersion5, settingToCheck } from './failures.ts'
import type { LinkOptions, LinkStatus } from './link-options.ts'
import { Retry } from './retry.ts'
import type { AckedMessage } from './sender.ts'
import { Session } from './session.ts'
import { type FilterOptions, Subscriptions } from './subscriptions.ts'
import type { ProtocolVersion, Target } from './target.ts'

/**
 * A connection that lasted this long, in milliseconds, was good: all addresses may be tried at once, and the waits
 * start small again.
 */
const STABLE = 30_000

/** How long a stop waits for `offline` to arrive, and then for the connection to close; milliseconds. */
const LAST_WORD = 1_000
const GOODBYE = 500

export type { LinkOptions, LinkStatus } from './link-options.ts'

export class MqttLink {
  readonly #options: LinkOptions
  readonly #subscriptions: Subscriptions
  /** The target of the last connection; the next one there resumes its session. */
  #lastTarget: Target | undefined
  /** Targets that do not support MQTT 5; `false` while this is only a guess. */
  readonly #older = new Map<Target, boolean>()
  /** Failures already logged since the last connect. */
  readonly #logged = new Set<string>()
  #connection: Connection | undefined
  #timer: Timer | undefined
  #closed: (() => void) | undefined
  #index = 0
  readonly #retry: Retry
  readonly #sessions = new Map<Target, Session>()
  #since: number
  #connectedAt = 0
  #stopping = false
  /** While another bridge is active, this appears as not connected to other parts. */
  quiet = false
  #ready = false
  sent = 0
  received = 0

  constructor(options: LinkOptions) {
    this.#options = options
    this.#retry = new Retry(options.targets.length, options.random)
    this.#subscriptions = new Subscriptions(options.onRefused)
    this.#since = options.clock.now()
  }

  /** Whether the present connection has its subscriptions. */
  get ready(): boolean {
    return this.connected && this.#ready
  }

  get connected(): boolean {
    return this.open && !this.quiet
  }

  /** Whether there is a connection, even if another bridge is active. */
  get open(): boolean {
    return this.#connection?.open === true
  }

  status(): LinkStatus {
    const connected = this.open
    const protocol = connected ? (this.#connection?.version === 5 ? '5' : '3.1.1') : null
    return { connected, url: this.#target.url, since: this.#since, protocol }
  }

  /** Returns at once; an unreachable broker is retried until `stop`. */
  start(): void {
    this.#open()
  }

  /** Publishes `offline`, waits up to a second for it to arrive, and disconnects. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#timer?.cancel()
    const connection = this.#connection
    if (!connection) return
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve
    })
    if (connection.open) {
      if (this.#options.willOnly === undefined && !this.quiet) await this.#sayOffline(connection, closed)
      connection.end()
    } else connection.destroy()
    await within(this.#options.clock, GOODBYE, [closed])
    connection.destroy()
  }

  /**
   * Publishes `online`; must be called after every connect, once everything else has been sent. The subscriptions were
   * sent before on the same connection, so commands arrive once it is visible. Does nothing while the link is stopping.
   */
  sayOnline(): void {
    if (!this.#stopping) this.publishAcked(this.#stateMessage('online', () => undefined))
  }

  /** Subscribes now and after every connect. */
  addFilter(filter: string, options: FilterOptions): void {
    this.#subscriptions.add(filter, options)
  }

  removeFilter(filter: string): void {
    if (this.#subscriptions.remove(filter) && this.open) this.#connection?.unsubscribe(filter)
  }

  /** QoS 0. Only while connected. */
  publish(topic: string, payload: string): void {
    this.sent++
    this.#connection?.publish(topic, payload)
  }

  /** Runs `onPong` when the broker has read everything sent so far. Not at all when the connection ends first. */
  ping(onPong: () => void): void {
    this.#connection?.ping(onPong)
  }

  /**
   * QoS 1, or 2 with a `delivery`, in order. Only while connected; the caller must resend a message that was not
   * acknowledged when the connection ended.
   */
  publishAcked(message: AckedMessage): void {
    this.sent++
    this.#connection?.publishAcked(message)
  }

  /** The largest packet that the present broker accepts, in bytes; `Infinity` if unknown. */
  get largestPacket(): number {
    return this.#sessionOf(this.#target).limit.bytes
  }

  /** Runs `go` when the broker can accept more; never, if the connection ends first. */
  whenWritable(go: () => void): void {
    this.#connection?.whenWritable(go)
  }

  get #target(): Target {
    const target = this.#options.targets[this.#index % this.#options.targets.length]
    if (!target) throw new RangeError('an MQTT link needs at least one target')
    return target
  }

  #open(): void {
    const target = this.#target
    const version: ProtocolVersion = target.newest === 5 && !this.#older.has(target) ? 5 : 4
    const connection: Connection = new Connection({
      target,
      version,
      credentials: this.#options.credentials,
      will: { topic: this.#options.stateTopic, payload: this.#options.willOnly ?? 'offline' },
      connectTimeout: this.#options.connectTimeout ?? CONNECT_TIMEOUT,
      clock: this.#options.clock,
      session: this.#sessionOf(target),
      sessionExpiry: this.#options.sessionExpiry,
      onFailure: this.#options.onFailure,
      onOpen: (sessionPresent) => this.#onOpen(connection, target, sessionPresent),
      onMessage: (topic, payload, packet) => {
        this.received++
        this.#options.onMessage(topic, payload, packet)
      },
      onClose: (closed) => this.#onClose(target, version, closed),
    })
    this.#connection = connection
  }

  #onOpen(connection: Connection, target: Target, sessionPresent: boolean): void {
    if (this.#stopping) return
    const { clock, logger } = this.#options
    if (connection.version === 4 && target.newest === 5) this.#older.set(target, true)
    this.#since = clock.now()
    this.#connectedAt = clock.monotonic()
    this.#logged.clear()
    const protocol = connection.version === 5 ? '5' : '3.1.1'
    const waited = sessionPresent ? 'commands waiting there arrive now' : 'there are no earlier commands'
    const { willOnly } = this.#options
    logger[willOnly === undefined ? 'info' : 'debug'](
      { broker: target.url, protocol, sessionPresent },
      `Connected to the MQTT broker; ${waited}.`,
    )
    this.#subscriptions.opened({
      resumed: sessionPresent && this.#lastTarget === target,
      version: connection.version,
      subscribe: (filters, done) => connection.subscribe(filters, done),
      onReady: () => {
        this.#ready = true
        this.#options.onReady()
      },
    })
    this.#lastTarget = target
    this.#options.onOpen(sessionPresent)
  }

  #sayOffline(connection: Connection, closed: Promise<void>): Promise<void> {
    const arrived = new Promise<void>((resolve) => connection.publishAcked(this.#stateMessage('offline', resolve)))
    return within(this.#options.clock, LAST_WORD, [closed, arrived])
  }

  #stateMessage(payload: 'online' | 'offline', onAck: () => void): AckedMessage {
    return { topic: this.#options.stateTopic, payload, retain: true, onAck }
  }

  #onClose(target: Target, version: ProtocolVersion, closed: Closed): void {
    this.#connection = undefined
    this.#subscriptions.closed()
    this.#ready = false
    this.#closed?.()
    if (this.#stopping) return
    if (closed.opened) this.#options.onLost?.()
    this.#options.onClosed?.(closed, this.#options.clock.monotonic() - this.#connectedAt)
    if (closed.opened) this.#afterLoss(target, closed)
    else this.#afterFailure(target, version, closed)
  }

  #afterLoss(target: Target, closed: Closed): void {
    const { clock, logger, willOnly } = this.#options
    this.#since = clock.now()
    const fields = { broker: target.url, cause: explain(closed.error) }
    if (willOnly !== undefined) logger.debug(fields, 'The connection for a last will is lost; it is being reopened.')
    else {
      logger.warn(
        fields,
        'The connection to the MQTT broker is lost. Devices keep working; when it is back, their states are published again and waiting commands are fetched.',
      )
    }
    if (closed.learned) this.#sayLimit(target)
    // The same address is tried again if its protocol is now known.
    if (closed.learned) this.#index--
    if (closed.learned || clock.monotonic() - this.#connectedAt >= STABLE) this.#retry.reset()
    this.#tryNext()
  }

  #afterFailure(target: Target, version: ProtocolVersion, closed: Closed): void {
    const refusal = version === 5 ? refusesVersion5(closed.error) : 'no'
    if (refusal !== 'no') {
      this.#older.set(target, refusal === 'certain')
      this.#open()
      return
    }
    // The broker was down, not old.
    if (this.#older.get(target) === false) this.#older.delete(target)
    this.#logFailure(target, closed.error)
    this.#tryNext()
  }

  /** The next address: at once while there are untried ones, otherwise after a wait. */
  #tryNext(): void {
    this.#index++
    const wait = this.#retry.next()
    if (wait === undefined) this.#open()
    else this.#timer = this.#options.clock.timer(wait, () => this.#open())
  }

  #sessionOf(target: Target): Session {
    const known = this.#sessions.get(target)
    if (known) return known
    const made = new Session(this.#options.random())
    this.#sessions.set(target, made)
    return made
  }

  #sayLimit(target: Target): void {
    const bytes = this.#sessionOf(target).limit.bytes
    this.#options.logger.warn(
      { broker: target.url, bytes },
      `The MQTT broker closes the connection on large messages: from now on the bridge sends none of more than ${bytes} bytes. Raise its packet size limit.`,
    )
  }

  #logFailure(target: Target, error: Error | undefined): void {
    const cause = explain(error)
    const key = `${target.url} ${cause}`
    if (this.#logged.has(key)) return
    this.#logged.add(key)
    this.#options.logger.warn(
      { broker: target.url, cause },
      `The MQTT broker can’t be reached: ${settingToCheck(error)}. The bridge runs without it and keeps trying.`,
    )
  }
}
