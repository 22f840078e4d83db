/**
 * Answers that must not get lost with the connection. They are sent with QoS 0 and kept until an answer to a later ping
 * shows that the broker has read them; what a connection loses is sent again on the next.
 *
 * Not with QoS 1, because of its acknowledgements: many brokers leave Nagle's algorithm on (Mosquitto does), and then a
 * command that follows an acknowledgement waits at the broker until the bridge's system has confirmed that, 40 ms on Linux.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { MqttLink } from './client.ts'
import type { Drops } from './drops.ts'

/** Answers kept; when there are more, the oldest go. */
const MOST = 1_000

/** Milliseconds after which what was sent is confirmed by a ping, one for all. */
const CONFIRM_AFTER = 1_000

interface Answer {
  readonly topic: string
  readonly payload: string
  readonly correlation: Buffer | undefined
  readonly onSent: (() => void) | undefined
}

export interface OutboxOptions {
  readonly link: Pick<MqttLink, 'connected' | 'publish' | 'ping'>
  readonly drops: Drops
  readonly clock: Clock
}

export class Outbox {
  readonly #options: OutboxOptions
  /** In order of sending. */
  readonly #answers = new Set<Answer>()
  #timer: Timer | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** How many the broker may not have read. */
  get size(): number {
    return this.#answers.size
  }

  /** `onSent` runs when the broker has read it, which is then found out at once; never, when it is dropped. */
  send(topic: string, payload: string, correlation?: Buffer, onSent?: () => void): void {
    const answer = { topic, payload, correlation, onSent }
    const { link } = this.#options
    this.#answers.add(answer)
    if (this.#answers.size > MOST) this.#dropOldest()
    if (!link.connected) return
    link.publish(topic, payload, correlation)
    if (onSent) this.#confirm()
    else this.#confirmLater()
  }

  /** After every connect: whatever was not confirmed goes out again. */
  resend(): void {
    const { link } = this.#options
    for (const { topic, payload, correlation } of this.#answers) link.publish(topic, payload, correlation)
    if (this.#answers.size > 0) this.#confirmLater()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #confirmLater(): void {
    this.#timer ??= this.#options.clock.timer(CONFIRM_AFTER, () => {
      this.#timer = undefined
      this.#confirm()
    })
  }

  #confirm(): void {
    const { link } = this.#options
    if (!link.connected) return
    const sent = [...this.#answers]
    link.ping(() => {
      for (const answer of sent) {
        if (this.#answers.delete(answer)) answer.onSent?.()
      }
    })
  }

  /** While connected it was sent all the same, only not confirmed. */
  #dropOldest(): void {
    const [oldest] = this.#answers
    if (!oldest) return
    this.#answers.delete(oldest)
    if (this.#options.link.connected) return
    this.#options.drops.count(
      'too_many_waiting',
      {},
      'Too many answers wait for the MQTT broker: the oldest are dropped.',
    )
  }
}
