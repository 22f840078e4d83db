/** What the bridge keeps retained at the broker: nothing goes out twice unchanged, all of it again after a reconnect. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { MqttLink } from './client.ts'

/** Messages published in one turn of the event loop when all are published again. */
const CHUNK = 50

/** Payloads of so many characters are kept compressed: discovery documents have 40 KB each, and are rarely sent again. */
const LONG = 4096

type Kept = string | Uint8Array

interface Entry {
  /** Empty: to be cleared, and forgotten when the broker has acknowledged that. */
  kept: Kept
  /** The connection, by number, that it was sent on last; 0 for none. */
  sentOn: number
}

export type RetainedLink = Pick<MqttLink, 'connected' | 'publishRetained' | 'publishAcked' | 'whenWritable'>

export class RetainedCache {
  readonly #link: RetainedLink
  readonly #entries = new Map<string, Entry>()
  #connection = 0

  constructor(link: RetainedLink) {
    this.#link = link
  }

  get size(): number {
    return this.#entries.size
  }

  retain(topic: string, payload: string): void {
    const entry = this.#entries.get(topic)
    const kept = keep(payload)
    if (!entry) this.#put(topic, { kept, sentOn: 0 })
    else if (!same(entry.kept, kept)) {
      entry.kept = kept
      this.#send(topic, entry)
    }
  }

  /** Sends what is retained on `topic` again, for whoever believes something else. */
  repeat(topic: string): void {
    const entry = this.#entries.get(topic)
    if (entry) this.#send(topic, entry)
  }

  /** Clears `topic` at the broker, also one that was retained by an earlier run. */
  clear(topic: string): void {
    this.#put(topic, { kept: '', sentOn: 0 })
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
      if (next.done) return
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
    if (entry.kept !== '') this.#link.publishRetained(topic, textOf(entry.kept))
    else this.#sendClear(topic, entry)
  }

  /** Acknowledged, because a clearing message that got lost would never be sent again by a later run. */
  #sendClear(topic: string, entry: Entry): void {
    this.#link.publishAcked({
      topic,
      payload: '',
      retain: true,
      onAck: () => {
        const now = this.#entries.get(topic)
        if (now === entry && entry.kept === '') this.#entries.delete(topic)
        // Retained anew while the clearing message still had to wait for others.
        else if (now && now.kept !== '') this.#send(topic, now)
      },
    })
  }
}

/** In memory of its own: a piece of the pool of small buffers would keep all of the pool. */
const keep = (payload: string): Kept => (payload.length < LONG ? payload : new Uint8Array(deflateRawSync(payload)))

const textOf = (kept: Kept): string => (typeof kept === 'string' ? kept : inflateRawSync(kept).toString())

const same = (a: Kept, b: Kept): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : Buffer.compare(a, b) === 0
