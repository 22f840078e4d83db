/** The bridge's retained messages: nothing is sent twice unchanged, and everything is sent again after a reconnect. */
import { hash } from 'node:crypto'
import type { MqttLink } from '../client/index.ts'

/** Messages published per turn of the event loop when all are published again. */
const CHUNK = 50

interface Entry {
  /** Empty: to be cleared, and forgotten once the broker has acknowledged that. */
  payload: string | (() => string | undefined)
  /** The number of the connection it was last passed to; 0 for none. */
  sentOn: number
  /** Passed to the connection but not sent yet: the payload at the time of sending is sent. */
  queued: boolean
  /**
   * Of what this connection was sent last, where a function is called at sending: to keep the payload would take the memory
   * that it saves. Undefined: the next payload is sent, whatever it is.
   */
  digest: string | undefined
  /** How often it was sent. */
  sends: number
  /** When the payload is requested, if it is a function. */
  readonly asked: 'sent' | 'queued'
}

const newEntry = (payload: Entry['payload'], asked: Entry['asked'] = 'sent'): Entry => ({
  payload,
  asked,
  sentOn: 0,
  queued: false,
  digest: undefined,
  sends: 0,
})

export type RetainedLink = Pick<MqttLink, 'connected' | 'publishAcked' | 'whenWritable'>

export class RetainedCache {
  readonly #link: RetainedLink
  readonly #entries = new Map<string, Entry>()
  readonly #onRestored: () => void
  #connection = 0
  #restoredOn = 0

  /** @param onRestored runs once everything has been sent again after a connect */
  constructor(link: RetainedLink, onRestored: () => void = () => undefined) {
    this.#link = link
    this.#onRestored = onRestored
  }

  /** Whether everything has been sent on the present connection. */
  get restored(): boolean {
    return this.#link.connected && this.#restoredOn === this.#connection
  }

  /** The first retained topic that matches. */
  first(fits: (topic: string) => boolean): string | undefined {
    for (const topic of this.#entries.keys()) if (fits(topic)) return topic
    return undefined
  }

  /** Whether whoever reads this believes something else than what the bridge has published there. */
  contradicts(topic: string, payload: Buffer): boolean {
    const entry = this.restored ? this.#entries.get(topic) : undefined
    const own = entry && payloadOf(entry)
    return own !== undefined && !payload.equals(Buffer.from(own))
  }

  get size(): number {
    return this.#entries.size
  }

  /** @param asked when a function is called: at sending, or earlier, before later retained messages are queued */
  retain(topic: string, payload: string | (() => string | undefined), asked: 'sent' | 'queued' = 'sent'): void {
    const entry = this.#entries.get(topic)
    if (!entry) this.#put(topic, newEntry(payload, asked))
    else if (entry.payload !== payload) {
      entry.payload = payload
      this.#send(topic, entry)
    }
  }

  /** Sends the retained message of `topic` again, for clients that believe something else. */
  repeat(topic: string): void {
    const entry = this.#entries.get(topic)
    if (!entry) return
    entry.digest = undefined
    this.#send(topic, entry)
  }

  /** Publishes the retained message of `topic` again, even if empty. */
  restate(topic: string): void {
    if (this.#entries.has(topic)) this.repeat(topic)
    else this.clear(topic)
  }

  /** Clears `topic` at the broker, even if an earlier run retained it. */
  clear(topic: string): void {
    const entry = this.#entries.get(topic)
    if (!entry) {
      this.#put(topic, newEntry(''))
      return
    }
    entry.payload = ''
    this.#send(topic, entry)
  }

  /** After every connect: publishes everything, in portions, as fast as the broker accepts it. */
  restore(): void {
    this.#connection++
    this.#continue(this.#connection, this.#entries.entries())
  }

  /** Whether this is not what was sent last; notes it as that. */
  #isNews(entry: Entry, payload: string): boolean {
    const { digest } = entry
    const madeNow = typeof entry.payload === 'function' && entry.asked === 'sent'
    entry.digest = madeNow ? hash('sha1', payload) : undefined
    return entry.digest === undefined || entry.digest !== digest
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
        this.#link.whenWritable(() => this.#restoreDone(connection))
        return
      }
      const [topic, entry] = next.value
      // Already sent, because it changed meanwhile.
      if (entry.sentOn === connection) continue
      this.#send(topic, entry)
      count++
    }
    this.#link.whenWritable(() => setImmediate(() => this.#continue(connection, rest)))
  }

  #restoreDone(connection: number): void {
    if (connection !== this.#connection || !this.#link.connected) return
    this.#restoredOn = connection
    this.#onRestored()
  }

  /**
   * QoS 1: a message that the broker did not accept is sent again on the next connection. Clearing a topic waits for
   * the acknowledgement, since a later run would not do it again.
   */
  #send(topic: string, entry: Entry): void {
    if (!this.#link.connected) return
    const early = entry.asked === 'queued' ? payloadOf(entry) : undefined
    if (entry.queued && early === undefined && entry.sentOn === this.#connection) return
    if (entry.sentOn !== this.#connection) entry.digest = undefined
    entry.sentOn = this.#connection
    entry.queued = true
    let cleared = false
    const send = ++entry.sends
    this.#link.publishAcked({
      topic,
      payload: () => {
        entry.queued = false
        // It was cleared meanwhile and must not return.
        const payload = early === undefined || entry.payload === '' ? payloadOf(entry) : early
        cleared = payload === ''
        return payload !== undefined && this.#isNews(entry, payload) ? payload : undefined
      },
      retain: true,
      onAck: () => {
        if (cleared && entry.sends === send) this.#entries.delete(topic)
      },
    })
  }
}

const payloadOf = ({ payload }: Entry): string | undefined => (typeof payload === 'string' ? payload : payload())
