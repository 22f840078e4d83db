import type { MessageHandler, MqttPort } from '../../../src/mqtt/port.ts'
import { matches } from '../../../src/mqtt/topics.ts'

export interface Sent {
  readonly how: 'retain' | 'repeat' | 'clear' | 'publish'
  readonly topic: string
  readonly payload: string
}

/** A broker and the connection to it in one; what is sent comes back to those who subscribed, as from a real one. */
export class FakePort implements MqttPort {
  connected = false
  readonly sent: Sent[] = []
  /** What the broker keeps. */
  readonly kept = new Map<string, string>()
  readonly #mine = new Map<string, string | (() => string | undefined)>()
  readonly #handlers = new Set<{ readonly filter: string; readonly handler: MessageHandler }>()
  readonly #onConnect = new Set<() => void>()
  readonly #onRestored = new Set<() => void>()
  /** Wills that somebody asked for, by topic. */
  readonly wills = new Map<string, string>()
  restored = false
  /** Topics of retained messages that wait, while the broker takes none; undefined while it takes all at once. */
  #waiting: Set<string> | undefined
  /** The most bytes that a payload may have. */
  limit = Number.POSITIVE_INFINITY

  largest(): number {
    return this.limit
  }

  retain(topic: string, payload: string | (() => string | undefined)): void {
    if (this.#mine.get(topic) === payload) return
    this.#mine.set(topic, payload)
    if (this.#waiting) this.#waiting.add(topic)
    else if (this.connected) this.#sendMine('retain', topic)
  }

  repeat(topic: string): void {
    if (this.connected) this.#sendMine('repeat', topic)
  }

  clear(topic: string): void {
    this.#mine.delete(topic)
    this.#send('clear', topic, '')
  }

  publish(topic: string, payload: string): void {
    this.#send('publish', topic, payload)
  }

  subscribe(filter: string, handler: MessageHandler): () => void {
    const entry = { filter, handler }
    this.#handlers.add(entry)
    return () => this.#handlers.delete(entry)
  }

  onConnect(handler: () => void): () => void {
    this.#onConnect.add(handler)
    if (this.connected) handler()
    return () => this.#onConnect.delete(handler)
  }

  onRestored(handler: () => void): () => void {
    this.#onRestored.add(handler)
    if (this.restored) handler()
    return () => this.#onRestored.delete(handler)
  }

  keepWill(topic: string, payload: string): void {
    this.wills.set(topic, payload)
  }

  /** Connects: what the broker keeps arrives, what we retain is sent again. */
  connect(): void {
    this.connected = true
    for (const handler of [...this.#onConnect]) handler()
    for (const [topic, payload] of [...this.kept]) this.#deliver(topic, payload, true)
    for (const topic of this.#mine.keys()) this.#sendMine('repeat', topic)
    this.restored = true
    for (const handler of [...this.#onRestored]) handler()
  }

  disconnect(): void {
    this.connected = false
    this.restored = false
  }

  /** From now on retained messages wait, as behind a slow broker. */
  hold(): void {
    this.#waiting = new Set()
  }

  /** What waited is sent. */
  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const topic of waiting) this.#sendMine('retain', topic)
  }

  /** A message from somebody else. */
  receive(topic: string, payload: string, retained = false): void {
    this.#deliver(topic, payload, retained)
  }

  get subscriptions(): number {
    return this.#handlers.size + this.#onConnect.size
  }

  get filters(): readonly string[] {
    return [...this.#handlers].map(({ filter }) => filter)
  }

  /** What was sent on `topic` since the last call of `sent.length = 0`. */
  on(topic: string): readonly Sent[] {
    return this.sent.filter((message) => message.topic === topic)
  }

  #sendMine(how: Sent['how'], topic: string): void {
    const mine = this.#mine.get(topic)
    const payload = typeof mine === 'function' ? mine() : mine
    if (payload !== undefined) this.#send(how, topic, payload)
  }

  #send(how: Sent['how'], topic: string, payload: string): void {
    this.sent.push({ how, topic, payload })
    if (how !== 'publish') this.kept.set(topic, payload)
    this.#deliver(topic, payload, false)
  }

  #deliver(topic: string, payload: string, retained: boolean): void {
    for (const { filter, handler } of [...this.#handlers]) {
      if (matches(filter, topic)) handler(topic, Buffer.from(payload), retained)
    }
  }
}
