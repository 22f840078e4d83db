/** Messages with QoS 1 and 2 on one connection: in order, no more on their way than the broker allows, none too large. */
import type { IClientPublishOptions, MqttClient } from 'mqtt'
import { type PacketLimit, publishBytes, type Sized } from './packet-limit.ts'
import type { ProtocolVersion } from './target.ts'

/** Messages sent and not yet acknowledged, if the broker does not ask for fewer. */
export const IN_FLIGHT = 100

/** Why a message was not taken; sending it again would not help. */
export type Failure =
  | { readonly kind: 'too_large'; readonly bytes: number; readonly limit: number }
  /** With the reason code of MQTT 5, 128 and up. */
  | { readonly kind: 'refused'; readonly code: number }

export interface AckedMessage {
  readonly topic: string
  /** A function is called when it is sent; what is then undefined is not sent, and never acknowledged. */
  readonly payload: string | (() => string | undefined)
  readonly retain: boolean
  readonly onAck: (failure?: Failure) => void
}

export interface SenderOptions {
  readonly client: Pick<MqttClient, 'publish' | 'stream'>
  readonly version: ProtocolVersion
  readonly limit: PacketLimit
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
  /** What has to be sent alone, and waits for the others to be acknowledged. */
  #held: Ready | undefined
  #alone = false
  readonly #inFlight = new Set<Ready>()
  #onRoom: (() => void) | undefined
  #closed = false

  constructor(options: SenderOptions) {
    this.#options = options
  }

  get idle(): boolean {
    return this.#inFlight.size === 0
  }

  /** @param receiveMaximum of the CONNACK */
  opened(receiveMaximum: number): void {
    this.#window = Math.min(IN_FLIGHT, receiveMaximum)
  }

  /** Forgets what waits. Returns the sizes of what is not acknowledged, in bytes. */
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

  /** Whether a message of its size may be sent; says so where it may not. */
  fits(message: Sized): boolean {
    const { limit, version, onFailure } = this.#options
    const bytes = publishBytes(message, version)
    if (bytes <= limit.bytes) return true
    onFailure(message.topic, { kind: 'too_large', bytes, limit: limit.bytes })
    return false
  }

  /**
   * Runs `go` when broker and socket take more: at once, or when enough is acknowledged and what is buffered has left. Not at
   * all when the connection ends. One at a time waits.
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
      this.#alone = this.#options.limit.alone(next.bytes)
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
      if (bytes <= this.#options.limit.bytes) return { message, bytes, text }
      this.#failed(message, { kind: 'too_large', bytes, limit: this.#options.limit.bytes })
    }
  }

  #publish(ready: Ready): void {
    const { client, limit } = this.#options
    const { message, bytes, text } = ready
    const options: IClientPublishOptions = { qos: 1, retain: message.retain }
    this.#inFlight.add(ready)
    client.publish(message.topic, text, options, (error) => {
      if (this.#closed) return
      this.#inFlight.delete(ready)
      this.#alone = false
      limit.acknowledged(bytes)
      const code = codeOf(error)
      if (code === undefined) message.onAck()
      else this.#failed(message, { kind: 'refused', code })
      this.#pump()
    })
  }

  #failed(message: AckedMessage, failure: Failure): void {
    this.#options.onFailure(message.topic, failure)
    message.onAck(failure)
  }
}

/** The reason code (MQTT 5) in an error of mqtt.js. */
function codeOf(error: Error | null | undefined): number | undefined {
  return error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
