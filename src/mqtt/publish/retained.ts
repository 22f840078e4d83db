/** What the bridge keeps retained at the broker: nothing goes out twice unchanged, all of it again after a reconnect. */
import type { MqttLink } from '../client/index.ts'

/** Messages published in one turn of the event loop when all are published again. */
const CHUNK = 50

interface Entry {
  /** Empty: to be cleared, and forgotten when the broker has acknowledged that. */
  payload: string | (() => string | undefined)
  /** The connection, by number, that it was given to last; 0 for none. */
  sentOn: number
  /** Given to the connection, which has not sent it yet: what is sent is what holds then. */
  queued: boolean
  /** How often it was sent. */
  sends: number
  /** When the payload is asked for, if it is a function. */
  readonly asked: 'sent' | 'queued'
}

const newEntry = (payload: Entry['payload'], asked: Entry['asked'] = 'sent'): Entry => ({
  ...{ payload, asked, sentOn: 0, queued: false, sends: 0 },
})

export type RetainedLink = Pick<MqttLink, 'connected' | 'publishAcked' | 'whenWritable'>

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

  /** Of the topics that fit, the one on which something was retained first. */
  first(fits: (topic: string) => boolean): string | undefined {
    for (const topic of this.#entries.keys()) if (fits(topic)) return topic
    return undefined
  }

  get size(): number {
    return this.#entries.size
  }

  /** @param asked when a function is: as it is sent, or before that, when what is retained after it is not on its way yet */
  retain(topic: string, payload: string | (() => string | undefined), asked: 'sent' | 'queued' = 'sent'): void {
    const entry = this.#entries.get(topic)
    if (!entry) this.#put(topic, newEntry(payload, asked))
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
    const entry = this.#entries.get(topic)
    if (!entry) {
      this.#put(topic, newEntry(''))
      return
    }
    entry.payload = ''
    this.#send(topic, entry)
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
        this.#link.whenWritable(() => this.#restoreDone(connection))
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

  #restoreDone(connection: number): void {
    if (connection !== this.#connection || !this.#link.connected) return
    this.#restoredOn = connection
    this.#onRestored()
  }

  /**
   * QoS 1: what a broker did not take comes again with the next connection. Who clears a topic waits for the acknowledgement,
   * since nobody would do that again in a later run.
   */
  #send(topic: string, entry: Entry): void {
    if (!this.#link.connected) return
    const early = entry.asked === 'queued' ? payloadOf(entry) : undefined
    if (entry.queued && early === undefined && entry.sentOn === this.#connection) return
    entry.sentOn = this.#connection
    entry.queued = true
    let cleared = false
    const send = ++entry.sends
    this.#link.publishAcked({
      topic,
      payload: () => {
        entry.queued = false
        // Cleared meanwhile, it must not come back.
        const payload = early === undefined || entry.payload === '' ? payloadOf(entry) : early
        cleared = payload === ''
        return payload
      },
      retain: true,
      onAck: () => {
        if (cleared && entry.sends === send) this.#entries.delete(topic)
      },
    })
  }
}

const payloadOf = ({ payload }: Entry): string | undefined => (typeof payload === 'string' ? payload : payload())
