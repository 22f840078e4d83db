/** One connection to one broker, from the first byte to the last. Whatever goes wrong ends it; it never throws. */
import type { IClientOptions, IClientSubscribeOptions, IConnackPacket, IPublishPacket, MqttClient } from 'mqtt'
import type { Clock, Timer } from '../core/clock.ts'
import type { ProtocolVersion, Target } from './target.ts'

const SECOND = 1000

/** How long the broker keeps session and waiting commands of a bridge that is away; in seconds. */
const SESSION_EXPIRY = 24 * 60 * 60

/** Largest packet that the broker may send, in bytes; more than any valid command, so that oversized ones can be answered. */
const LARGEST_PACKET = 2 * 1024 * 1024

/** Messages sent with QoS 1 and not yet acknowledged, if the broker does not ask for fewer. */
const IN_FLIGHT = 100

/**
 * Pings keep the connection and find out that it is dead after one and a half of this, in seconds: 15 s after the broker was
 * last heard of.
 */
const KEEP_ALIVE = 10

export interface Credentials {
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface Closed {
  /** Whether the broker had accepted the connection. */
  readonly opened: boolean
  /** What went wrong; undefined when the other side just closed. */
  readonly error: Error | undefined
}

export interface ConnectionOptions {
  readonly target: Target
  readonly version: ProtocolVersion
  readonly credentials: Credentials
  /** What the broker publishes, retained, when the connection ends without a goodbye. */
  readonly will: { readonly topic: string; readonly payload: string }
  /** Milliseconds until the broker must have answered. */
  readonly connectTimeout: number
  readonly clock: Clock
  readonly onOpen: (sessionPresent: boolean) => void
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** Called once, last of all. */
  readonly onClose: (closed: Closed) => void
}

export interface AckedMessage {
  readonly topic: string
  /** A function is called when it is sent; what is then undefined is not sent, and never acknowledged. */
  readonly payload: string | (() => string | undefined)
  readonly retain: boolean
  readonly onAck: () => void
}

export class Connection {
  readonly version: ProtocolVersion
  readonly #client: MqttClient
  #error: Error | undefined
  #opened = false
  #closed = false
  #window = IN_FLIGHT
  #inFlight = 0
  #waiting: AckedMessage[] = []
  #onRoom: (() => void) | undefined
  /** Pings sent and answered; mqtt.js sends some of its own. */
  #pings = 0
  #pongs = 0
  readonly #awaited: { readonly ping: number; readonly onPong: () => void }[] = []

  constructor(options: ConnectionOptions) {
    this.version = options.version
    this.#client = options.target.open(clientOptions(options))
    this.#client.on('connect', (connack) => {
      this.#opened = true
      this.#error = undefined
      this.#window = Math.min(IN_FLIGHT, receiveMaximum(connack))
      options.onOpen(connack.sessionPresent)
    })
    this.#client.on('message', options.onMessage)
    this.#client.on('error', (error) => {
      this.#error ??= error
      // mqtt.js goes on after malformed packets; nothing that follows one can be trusted.
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
    })
    this.#client.on('close', () => {
      if (this.#closed) return
      this.#closed = true
      this.#waiting = []
      this.#onRoom = undefined
      // Stops the timers of mqtt.js, which has nothing left to send to.
      this.#client.end(true)
      options.onClose({ opened: this.#opened, error: this.#error })
    })
  }

  get open(): boolean {
    return this.#opened && !this.#closed
  }

  /** QoS 0, not retained. */
  publish(topic: string, payload: string, correlation?: Buffer): void {
    if (correlation && this.version === 5) {
      this.#client.publish(topic, payload, { properties: { correlationData: correlation } })
    } else this.#client.publish(topic, payload)
  }

  /** Runs `onPong` when the broker has read everything sent so far. Not at all when the connection ends first. */
  ping(onPong: () => void): void {
    this.#client.sendPing()
    this.#awaited.push({ ping: this.#pings, onPong })
  }

  /** QoS 1, within the number of unacknowledged messages that the broker allows. Forgotten when the connection ends. */
  publishAcked(message: AckedMessage): void {
    this.#waiting.push(message)
    this.#pump()
  }

  #pump(): void {
    while (this.#inFlight < this.#window) {
      const next = this.#waiting.shift()
      if (!next) break
      this.#sendAcked(next)
    }
    const go = this.#onRoom
    if (!go || this.#full) return
    this.#onRoom = undefined
    this.whenWritable(go)
  }

  #sendAcked({ topic, payload, retain, onAck }: AckedMessage): void {
    const text = typeof payload === 'string' ? payload : payload()
    if (text === undefined) return
    this.#inFlight++
    this.#client.publish(topic, text, { qos: 1, retain }, () => {
      if (this.#closed) return
      this.#inFlight--
      // A refusal (no permission, say) comes here too: sending again would not help.
      onAck()
      this.#pump()
    })
  }

  get #full(): boolean {
    return this.#waiting.length > 0 || this.#inFlight >= this.#window
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
    this.#client.subscribe({ ...filters }, (error, granted) => {
      if (this.#closed) return
      const answers = granted ?? []
      done(error ? refusedOf(names, answers) : answers.filter((answer) => answer.qos >= 128).map(({ topic }) => topic))
    })
  }

  unsubscribe(filter: string): void {
    this.#client.unsubscribe(filter, () => undefined)
  }

  /**
   * Runs `go` when broker and socket take more: at once, or when enough is acknowledged and what is buffered has left. Not at
   * all when the connection ends. One at a time waits.
   */
  whenWritable(go: () => void): void {
    if (this.#full) this.#onRoom = go
    else if (this.#client.stream.writableNeedDrain) this.#client.stream.once('drain', go)
    else go()
  }

  #onPong(): void {
    this.#pongs++
    while (this.#awaited[0] && this.#awaited[0].ping <= this.#pongs) this.#awaited.shift()?.onPong()
  }

  /** Says goodbye, so that the broker does not publish the will. */
  end(): void {
    if (this.#inFlight === 0) this.#client.end()
    else this.destroy()
  }

  destroy(): void {
    this.#client.stream.destroy()
  }
}

/** The broker said why it closes the connection (MQTT 5). */
class ClosedByBroker extends Error {
  readonly code: number

  constructor(code: number) {
    super(
      code === 142 ? 'another client connected with the same client id' : `the broker closed it with reason ${code}`,
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
    // Spares two timer calls per message.
    reschedulePings: false,
    // Spares 65536 buffers of two bytes, one for every number that a packet can hold.
    writeCache: false,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: options.connectTimeout,
    log: () => undefined,
    will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: true },
    ...(five
      ? {
          properties: {
            sessionExpiryInterval: SESSION_EXPIRY,
            receiveMaximum: IN_FLIGHT,
            maximumPacketSize: LARGEST_PACKET,
          },
        }
      : {}),
  }
}

/** A broker may ask for fewer pings (MQTT 5). More of them are allowed, and one that is dead has to be noticed. */
function keepOwnPace({ properties }: IConnackPacket): void {
  if (properties?.serverKeepAlive) properties.serverKeepAlive = Math.min(properties.serverKeepAlive, KEEP_ALIVE)
}

/** The intervals in which mqtt.js looks after the connection, by the clock of the bridge. */
function intervalsOf(clock: Clock) {
  const running = new Map<number, Timer>()
  let last = 0
  const again = (id: number, run: () => void, ms: number) => {
    running.set(
      id,
      clock.timer(ms, () => {
        again(id, run, ms)
        run()
      }),
    )
  }
  return {
    set: (run: () => void, ms: number): number => {
      again(++last, run, ms)
      return last
    },
    clear: (id: number): void => {
      running.get(id)?.cancel()
      running.delete(id)
    },
  }
}

function receiveMaximum(connack: IConnackPacket): number {
  return connack.properties?.receiveMaximum ?? 65535
}

function refusedOf(names: readonly string[], answers: readonly { topic: string; qos: number }[]): readonly string[] {
  const refused = answers.filter((answer) => answer.qos >= 128).map(({ topic }) => topic)
  return refused.length > 0 ? refused : names
}

/** What mqtt.js waits for the answer to a CONNECT, unless told otherwise; in milliseconds. */
export const CONNECT_TIMEOUT = 10 * SECOND
