/** One connection to one broker, from the first byte to the last. Any error ends it; it never throws. */
import type { IClientOptions, IClientSubscribeOptions, IPublishPacket, MqttClient } from 'mqtt'
import type { Clock } from '../../core/clock.ts'
import type { Closed } from './closed.ts'
import { mayBeForSize } from './failures.ts'
import { intervalsOf, KEEP_ALIVE, keepOwnPace } from './keep-alive.ts'
import type { PacketLimit } from './packet-limit.ts'
import { type AckedMessage, type Failure, IN_FLIGHT, Sender } from './sender.ts'
import type { Session } from './session.ts'
import { TAKEN_OVER } from './takeovers.ts'
import type { ProtocolVersion, Target } from './target.ts'

const SECOND = 1000

/**
 * The largest packet that the broker may send, in bytes; larger than any valid command, so that oversized ones can be
 * answered.
 */
const LARGEST_PACKET = 2 * 1024 * 1024

export interface Credentials {
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface ConnectionOptions {
  readonly target: Target
  readonly version: ProtocolVersion
  readonly credentials: Credentials
  /** What the broker publishes, retained, if the connection is lost. */
  readonly will: { readonly topic: string; readonly payload: string }
  /** Milliseconds until the broker must have answered. */
  readonly connectTimeout: number
  readonly clock: Clock
  /** The session of this bridge at this broker. */
  readonly session: Session
  /** How long the broker keeps session and waiting commands while the bridge is away, in seconds (MQTT 5). */
  readonly sessionExpiry: number
  /** A message that the broker refused, or would have. */
  readonly onFailure: (topic: string, failure: Failure) => void
  readonly onOpen: (sessionPresent: boolean) => void
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** Called once, last of all. */
  readonly onClose: (closed: Closed) => void
}

export class Connection {
  readonly version: ProtocolVersion
  readonly #client: MqttClient
  #error: Error | undefined
  #opened = false
  #closed = false
  #destroyed = false
  readonly #sender: Sender
  /** Pings sent and answered; mqtt.js sends some of its own. */
  #pings = 0
  #pongs = 0
  readonly #awaited: { readonly ping: number; readonly onPong: () => void }[] = []

  constructor(options: ConnectionOptions) {
    this.version = options.version
    this.#client = options.target.open(clientOptions(options))
    const { version, session, onFailure } = options
    const { limit, received } = session
    this.#sender = new Sender({ client: this.#client, version, session, onFailure })
    this.#client.on('connect', (connack) => {
      this.#opened = true
      this.#error = undefined
      limit.opened(connack.properties?.maximumPacketSize)
      session.opened(connack.sessionPresent)
      this.#sender.opened(connack.properties ?? {}, connack.sessionPresent)
      options.onOpen(connack.sessionPresent)
    })
    this.#client.on('message', (topic, payload, packet) => {
      // A QoS 2 message is accepted on arrival: waiting for its release would lose it if the connection ends.
      if (packet.qos !== 2 && received.isNew(packet)) options.onMessage(topic, payload, packet)
    })
    this.#client.on('error', (error) => {
      this.#error ??= error
      // mqtt.js continues after malformed packets, but nothing after one can be trusted.
      this.#client.stream.destroy()
    })
    this.#client.on('disconnect', (packet) => {
      this.#error ??= new ClosedByBroker(packet.reasonCode ?? 0)
    })
    this.#client.on('packetsend', (packet) => {
      if (packet.cmd === 'pingreq') this.#pings++
    })
    this.#client.on('packetreceive', (packet) => {
      if (packet.cmd === 'pingresp') this.#onPong()
      else if (packet.cmd === 'connack') keepOwnPace(packet)
      else if (packet.cmd === 'pubrel' && packet.messageId !== undefined) received.released(packet.messageId)
    })
    this.#client.on('close', () => {
      if (this.#closed) return
      this.#closed = true
      const learned = this.#hungUp(limit, this.#sender.closed())
      // Stops the timers of mqtt.js, which has nothing left to send to.
      this.#client.end(true)
      options.onClose({ opened: this.#opened, error: this.#error, learned })
    })
  }

  get open(): boolean {
    return this.#opened && !this.#closed
  }

  /** QoS 0, not retained. */
  publish(topic: string, payload: string): void {
    if (this.#sender.fits({ topic, payload })) this.#client.publish(topic, payload)
  }

  /** Runs `onPong` when the broker has read everything sent so far; never, if the connection ends first. */
  ping(onPong: () => void): void {
    this.#client.sendPing()
    this.#awaited.push({ ping: this.#pings, onPong })
  }

  /** QoS 1, or 2 with a `delivery`, within the number of unacknowledged messages that the broker allows. Forgotten when the connection ends. */
  publishAcked(message: AckedMessage): void {
    this.#sender.send(message)
  }

  /** Calls back with the filters that the broker refused. */
  subscribe(
    filters: Readonly<Record<string, IClientSubscribeOptions>>,
    done: (refused: readonly string[]) => void,
  ): void {
    const names = Object.keys(filters)
    if (names.length === 0) {
      done([])
      return
    }
    this.#client.subscribe({ ...filters }, (error, _asked, answer) => {
      if (this.#closed) return
      const codes = answer?.granted ?? []
      const refused = names.filter((_name, index) => Number(codes[index]) >= 128)
      for (const [index, name] of names.entries()) {
        if (filters[name]?.qos === 2) this.#sender.granted(Number(codes[index]))
      }
      done(error && refused.length === 0 ? names : refused)
    })
  }

  unsubscribe(filter: string): void {
    this.#client.unsubscribe(filter, () => undefined)
  }

  /** Runs `go` when broker and socket can accept more; never, if the connection ends. Only one may wait. */
  whenWritable(go: () => void): void {
    this.#sender.whenWritable(go)
  }

  /** Whether the end of this connection showed how large a packet the broker accepts. */
  #hungUp(limit: PacketLimit, unacknowledged: readonly number[]): boolean {
    return this.#opened && !this.#destroyed && mayBeForSize(this.#error) && limit.hungUp(unacknowledged)
  }

  #onPong(): void {
    this.#pongs++
    while (this.#awaited[0] && this.#awaited[0].ping <= this.#pongs) this.#awaited.shift()?.onPong()
  }

  /** Disconnects properly, so that the broker does not publish the will. */
  end(): void {
    if (this.#sender.idle) this.#client.end()
    else this.destroy()
  }

  destroy(): void {
    this.#destroyed = true
    this.#client.stream.destroy()
  }
}

/** The broker gave a reason for closing the connection (MQTT 5). */
class ClosedByBroker extends Error {
  readonly code: number

  constructor(code: number) {
    super(
      code === TAKEN_OVER
        ? 'another client connected with the same client id'
        : `the broker closed it with reason ${code}`,
    )
    this.name = 'ClosedByBroker'
    this.code = code
  }
}

function clientOptions(options: ConnectionOptions): IClientOptions {
  const { username, password, clientId } = options.credentials
  const five = options.version === 5
  return {
    clientId,
    ...(username ? { username } : {}),
    ...(username && password ? { password } : {}),
    protocolId: 'MQTT',
    protocolVersion: options.version,
    // With MQTT 5 this is "clean start"; either way the broker keeps commands while the bridge is away.
    clean: false,
    keepalive: KEEP_ALIVE,
    timerVariant: intervalsOf(options.clock),
    // Saves two timer calls per message.
    reschedulePings: false,
    // Saves 65536 buffers of two bytes, one for every possible packet identifier.
    writeCache: false,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: options.connectTimeout,
    log: () => undefined,
    messageIdProvider: options.session.ids,
    customHandleAcks: (topic, payload, packet, done) => {
      if (packet.qos === 2 && options.session.received.isNew(packet)) options.onMessage(topic, payload, packet)
      done(0)
    },
    will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: true },
    ...(five
      ? {
          properties: {
            sessionExpiryInterval: options.sessionExpiry,
            receiveMaximum: IN_FLIGHT,
            maximumPacketSize: LARGEST_PACKET,
          },
        }
      : {}),
  }
}

/** How long mqtt.js waits for the answer to a CONNECT by default, in milliseconds. */
export const CONNECT_TIMEOUT = 10 * SECOND
