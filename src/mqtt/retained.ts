/** What the bridge keeps retained at the broker: nothing goes out twice unchanged, all of it again after a reconnect. */
import type { MqttLink } from './client.ts'

/** Messages published in one turn of the event loop when all are published again. */
const CHUNK = 50

interface Entry {
  /** Empty: to be cleared, and forgotten when the broker has acknowledged that. */
  payload: string | (() => string | undefined)
  /** The connection, by number, that it was sent on last; 0 for none. */
  sentOn: number
}

export type RetainedLink = Pick<MqttLink, 'connected' | 'publishRetained' | 'publishAcked' | 'whenWritable'>

export class RetainedCache {
  readonly #link: RetainedLink
  readonly #entries = new Map<string, Entry>()
  readonly #onRestored: () => void
  #connection = 0
  #restoredOn = 0

  /** @param onRestored runs when after a connect everything has been sent again */
  constructor(link: RetainedLink, onRestored: () => void = () => undefined) {
    this.#link = link
    this.#onRestored = onRestored
  }

  /** Whether everything has been sent on the connection that there is. */
  get restored(): boolean {
    return this.#link.connected && this.#restoredOn === this.#connection
  }

  get size(): number {
    return this.#entries.size
  }

  retain(topic: string, payload: string | (() => string | undefined)): void {
    const entry = this.#entries.get(topic)
    if (!entry) this.#put(topic, { payload, sentOn: 0 })
    else if (entry.payload !== payload) {
      entry.payload = payload
      this.#send(topic, entry)
    }
  }

  /** Sends what is retained on `topic` again, for whoever believes something else. */
  repeat(topic: string): void {
    const entry = this.#entries.get(topic)
    if (entry) this.#send(topic, entry)
  }

  /** Says again what is retained on `topic`, be it nothing. */
  restate(topic: string): void {
    if (this.#entries.has(topic)) this.repeat(topic)
    else this.clear(topic)
  }

  /** Clears `topic` at the broker, also one that was retained by an earlier run. */
  clear(topic: string): void {
    this.#put(topic, { payload: '', sentOn: 0 })
  }

  /** After every connect: publishes everything, in portions, as fast as the broker takes it. */
  restore(): void {
    this.#connection++
    this.#continue(this.#connection, this.#entries.entries())
  }

  #put(topic: string, entry: Entry): void {
    this.#entries.set(topic, entry)
    this.#send(topic, entry)
  }

  #continue(connection: number, rest: MapIterator<[string, Entry]>): void {
    if (connection !== this.#connection || !this.#link.connected) return
    for (let count = 0; count < CHUNK; ) {
      const next = rest.next()
      if (next.done) {
        this.#restoredOn = connection
        this.#onRestored()
        return
      }
      const [topic, entry] = next.value
      // Sent already, because it changed while this was going on.
      if (entry.sentOn === connection) continue
      this.#send(topic, entry)
      count++
    }
    this.#link.whenWritable(() => setImmediate(() => this.#continue(connection, rest)))
  }

  #send(topic: string, entry: Entry): void {
    if (!this.#link.connected) return
    entry.sentOn = this.#connection
    const payload = typeof entry.payload === 'string' ? entry.payload : entry.payload()
    if (payload === '') this.#sendClear(topic, entry)
    else if (payload !== undefined) this.#link.publishRetained(topic, payload)
  }

  /** Acknowledged, because a clearing message that got lost would never be sent again by a later run. */
  #sendClear(topic: string, entry: Entry): void {
    this.#link.publishAcked({
      topic,
      payload: '',
      retain: true,
      onAck: () => {
        const now = this.#entries.get(topic)
        if (now === entry && entry.payload === '') this.#entries.delete(topic)
        // Retained anew while the clearing message still had to wait for others.
        else if (now && now.payload !== '') this.#send(topic, now)
      },
    })
  }
}
