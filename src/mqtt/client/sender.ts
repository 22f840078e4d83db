/**
 * Sends messages with QoS 1 and 2 on one connection: in order, no more in flight than the broker allows, none too
 * large.
 */
import type { IClientPublishOptions, MqttClient } from 'mqtt'
import { publishBytes, type Sized } from './packet-limit.ts'
import type { Session } from './session.ts'
import type { ProtocolVersion } from './target.ts'

/** Messages sent and not yet acknowledged, if the broker does not ask for fewer. */
export const IN_FLIGHT = 100

/** Why a message was not accepted; sending it again would not help. */
export type Failure =
  | { readonly kind: 'too_large'; readonly bytes: number; readonly limit: number }
  /** With the reason code of MQTT 5, 128 and up. */
  | { readonly kind: 'refused'; readonly code: number }

/** The progress of an exactly-once message, across connections. */
export interface Delivery {
  id?: number | undefined
  /** The broker has it (PUBREC); only the PUBREL is missing. */
  received?: boolean
}

export interface AckedMessage {
  readonly topic: string
  /** A function is called at the time of sending; if it returns undefined, nothing is sent or acknowledged. */
  readonly payload: string | (() => string | undefined)
  readonly retain: boolean
  /** For QoS 2, if the broker supports it; continues from what an earlier connection left here. */
  readonly delivery?: Delivery
  /** With MQTT 5: the requester's correlation data, and the expiry in seconds. */
  readonly correlation?: Buffer | undefined
  readonly expiry?: number
  readonly onAck: (failure?: Failure) => void
}

export interface SenderOptions {
  readonly client: Pick<MqttClient, 'publish' | 'stream' | 'on' | 'getLastMessageId'>
  readonly version: ProtocolVersion
  readonly session: Pick<Session, 'limit' | 'ids'>
  readonly onFailure: (topic: string, failure: Failure) => void
}

interface Ready {
  readonly message: AckedMessage
  readonly bytes: number
  readonly text: string
}

export class Sender {
  readonly #options: SenderOptions
  #window = IN_FLIGHT
  #waiting: AckedMessage[] = []
  /** A message that must be sent alone, waiting for the acknowledgement of others. */
  #held: Ready | undefined
  #alone = false
  readonly #inFlight = new Set<Ready>()
  #onRoom: (() => void) | undefined
  #closed = false
  #resumed = false
  /** The highest QoS that the broker supports. */
  #qos: 0 | 1 | 2 = 2
  /** Unfinished QoS 2 messages by identifier, and what to do once they are finished. */
  readonly #deliveries = new Map<number, Delivery>()
  readonly #finishing = new Map<number, () => void>()

  constructor(options: SenderOptions) {
    this.#options = options
    options.client.on('packetreceive', (packet) => {
      const id = 'messageId' in packet ? packet.messageId : undefined
      if (id === undefined) return
      const delivery = this.#deliveries.get(id)
      if (packet.cmd === 'pubrec' && delivery && !refuses(packet)) delivery.received = true
      if (packet.cmd === 'pubcomp') this.#finishing.get(id)?.()
    })
  }

  get idle(): boolean {
    return this.#inFlight.size === 0
  }

  /** Takes the limits from the CONNACK. */
  opened({ receiveMaximum = 65_535, maximumQoS = 2 }: Allowed, resumed: boolean): void {
    this.#window = Math.min(IN_FLIGHT, receiveMaximum)
    this.#resumed = resumed
    this.granted(maximumQoS)
  }

  /**
   * A broker that grants a lower QoS than requested does not accept a higher one either; with 3.1.1 there is no other
   * sign.
   */
  granted(qos: number): void {
    if (qos === 0 || qos === 1) this.#qos = qos < this.#qos ? qos : this.#qos
  }

  /** Forgets waiting messages. Returns the sizes of unacknowledged ones, in bytes. */
  closed(): readonly number[] {
    this.#closed = true
    this.#waiting = []
    this.#held = undefined
    this.#onRoom = undefined
    return [...this.#inFlight].map(({ bytes }) => bytes)
  }

  send(message: AckedMessage): void {
    this.#waiting.push(message)
    this.#pump()
  }

  /** Whether a message of this size may be sent; reports it if not. */
  fits(message: Sized): boolean {
    const { session, version, onFailure } = this.#options
    const { limit } = session
    const bytes = publishBytes(message, version)
    if (bytes <= limit.bytes) return true
    onFailure(message.topic, { kind: 'too_large', bytes, limit: limit.bytes })
    return false
  }

  /**
   * Runs `go` when broker and socket can accept more: at once, or when enough is acknowledged and the buffer is empty.
   * Never, if the connection ends. Only one may wait.
   */
  whenWritable(go: () => void): void {
    const { stream } = this.#options.client
    if (this.#full) this.#onRoom = go
    else if (stream.writableNeedDrain) stream.once('drain', go)
    else go()
  }

  get #full(): boolean {
    return this.#waiting.length > 0 || this.#held !== undefined || this.#inFlight.size >= this.#window
  }

  #pump(): void {
    while (!this.#alone && this.#inFlight.size < this.#window) {
      const next = this.#held ?? this.#next()
      if (!next) break
      this.#held = next
      this.#alone = this.#options.session.limit.alone(next.bytes)
      if (this.#alone && this.#inFlight.size > 0) {
        this.#alone = false
        return
      }
      this.#held = undefined
      this.#publish(next)
    }
    const go = this.#onRoom
    if (!go || this.#full) return
    this.#onRoom = undefined
    this.whenWritable(go)
  }

  /** The next one that may be sent. */
  #next(): Ready | undefined {
    for (;;) {
      const message = this.#waiting.shift()
      if (!message) return undefined
      const text = typeof message.payload === 'string' ? message.payload : message.payload()
      if (text === undefined) continue
      const bytes = publishBytes({ ...message, payload: text }, this.#options.version)
      if (bytes <= this.#options.session.limit.bytes) return { message, bytes, text }
      this.#failed(message, { kind: 'too_large', bytes, limit: this.#options.session.limit.bytes })
    }
  }

  #publish(ready: Ready): void {
    const { client, session } = this.#options
    const { message, text } = ready
    const { delivery } = message
    this.#inFlight.add(ready)
    const again = this.#resumed ? delivery?.id : undefined
    if (delivery?.received && again !== undefined) {
      this.#finish(again, ready)
      return
    }
    if (again !== undefined) session.ids.force(again)
    client.publish(message.topic, text, this.#optionsOf(message, again !== undefined), (error) =>
      this.#acknowledged(ready, codeOf(error)),
    )
    if (!delivery || this.#qos === 0) return
    delivery.id = client.getLastMessageId()
    delivery.received = false
    session.ids.keep(delivery.id)
    this.#deliveries.set(delivery.id, delivery)
  }

  #optionsOf({ delivery, retain, correlation, expiry }: AckedMessage, dup: boolean): IClientPublishOptions {
    const qos = delivery ? this.#qos : this.#qos === 0 ? 0 : 1
    if (this.#options.version === 4) return { qos, retain, dup }
    const properties = {
      ...(correlation ? { correlationData: correlation } : {}),
      ...(expiry === undefined ? {} : { messageExpiryInterval: expiry }),
    }
    return { qos, retain, dup, properties }
  }

  /**
   * Continues where the previous connection ended: the broker has the message and waits for this before forwarding it.
   */
  #finish(id: number, ready: Ready): void {
    this.#finishing.set(id, () => {
      this.#finishing.delete(id)
      this.#acknowledged(ready, undefined)
    })
    // PUBREL; mqtt.js sends one only for a message that it has sent itself.
    this.#options.client.stream.write(Buffer.from([0x62, 2, id >> 8, id & 255]))
  }

  #acknowledged(ready: Ready, code: number | undefined): void {
    if (this.#closed) return
    const { message, bytes } = ready
    const { ids, limit } = this.#options.session
    const id = message.delivery?.id
    if (id !== undefined) {
      this.#deliveries.delete(id)
      ids.release(id)
    }
    this.#inFlight.delete(ready)
    this.#alone = false
    limit.acknowledged(bytes)
    if (code === undefined) message.onAck()
    else this.#failed(message, { kind: 'refused', code })
    this.#pump()
  }

  #failed(message: AckedMessage, failure: Failure): void {
    this.#options.onFailure(message.topic, failure)
    message.onAck(failure)
  }
}

export interface Allowed {
  readonly receiveMaximum?: number
  readonly maximumQoS?: number
}

const refuses = ({ reasonCode }: { readonly reasonCode?: number }): boolean =>
  reasonCode !== undefined && reasonCode >= 128

/** The reason code (MQTT 5) in an error of mqtt.js. */
function codeOf(error: Error | null | undefined): number | undefined {
  return error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
