/** Answers that must not get lost: kept, in order, until the broker has acknowledged them, over reconnects. */
import type { MqttLink } from './client.ts'
import type { Drops } from './drops.ts'

/** Answers that wait while the broker is away or slow; when there are more, the oldest go. */
const MOST_WAITING = 1_000

/** Answers sent and not acknowledged. */
const MOST_SENT = 100

interface Answer {
  readonly topic: string
  readonly payload: string
  readonly correlation: Buffer | undefined
  readonly onAck: (() => void) | undefined
}

export interface OutboxOptions {
  readonly link: Pick<MqttLink, 'connected' | 'publishAcked'>
  readonly drops: Drops
}

export class Outbox {
  readonly #link: OutboxOptions['link']
  readonly #drops: Drops
  readonly #sent = new Set<Answer>()
  #waiting: Answer[] = []

  constructor(options: OutboxOptions) {
    this.#link = options.link
    this.#drops = options.drops
  }

  /** How many the broker has not acknowledged. */
  get size(): number {
    return this.#sent.size + this.#waiting.length
  }

  /** `onAck` runs when the broker has it; never, when it is dropped. */
  send(topic: string, payload: string, correlation?: Buffer, onAck?: () => void): void {
    this.#waiting.push({ topic, payload, correlation, onAck })
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift()
      this.#drops.count('too_many_waiting', {}, 'Too many answers wait for the MQTT broker: the oldest are dropped.')
    }
    this.#pump()
  }

  /** After every connect: whatever was not acknowledged goes out again. */
  resend(): void {
    this.#waiting = [...this.#sent, ...this.#waiting]
    this.#sent.clear()
    this.#pump()
  }

  #pump(): void {
    while (this.#link.connected && this.#sent.size < MOST_SENT) {
      const answer = this.#waiting.shift()
      if (!answer) return
      this.#sent.add(answer)
      const { topic, payload, correlation } = answer
      this.#link.publishAcked({ topic, payload, correlation, retain: false, onAck: () => this.#onAck(answer) })
    }
  }

  #onAck(answer: Answer): void {
    this.#sent.delete(answer)
    answer.onAck?.()
    this.#pump()
  }
}
