/**
 * Answers that must neither be lost with the connection nor arrive twice: sent with QoS 2 if the broker supports it,
 * kept until the broker has them, and continued on the next connection.
 */

import { publishBytes } from '../client/packet-limit.ts'
import type { AckedMessage, Delivery } from '../client/sender.ts'
import type { Drops } from '../drops.ts'

/** The most answers kept; the oldest are dropped. */
const MOST = 1_000

export interface Outgoing {
  readonly topic: string
  readonly payload: string
  /** The short form, if the payload is too large for the broker. */
  readonly short?: () => string
  readonly correlation?: Buffer | undefined
  /** Runs when the broker has it; never, if it is dropped. */
  readonly onSent?: (() => void) | undefined
}

export interface OutboxOptions {
  readonly link: {
    /** Whether subscriptions are confirmed on the present connection; before that nothing is sent. */
    readonly ready: boolean
    readonly largestPacket: number
    publishAcked(message: AckedMessage): void
  }
  readonly drops: Drops
  /** Seconds after which an answer is useless to absent clients (MQTT 5). */
  readonly expiry: number
}

export class Outbox {
  readonly #options: OutboxOptions
  /** In order of sending. */
  readonly #answers = new Map<Outgoing, Delivery>()
  /** Answers sent on the present connection. */
  readonly #underWay = new Set<Outgoing>()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** How many the broker may not have yet. */
  get size(): number {
    return this.#answers.size
  }

  send(answer: Outgoing): void {
    const delivery: Delivery = {}
    this.#answers.set(answer, delivery)
    if (this.#answers.size > MOST) this.#dropOldest()
    if (this.#options.link.ready) this.#publish(answer, delivery)
  }

  /** After every connect: sends whatever the broker may not have. */
  resend(): void {
    for (const [answer, delivery] of this.#answers) {
      if (!this.#underWay.has(answer)) this.#publish(answer, delivery)
    }
  }

  /** The connection has ended. */
  lost(): void {
    this.#underWay.clear()
  }

  #publish(answer: Outgoing, delivery: Delivery): void {
    const { link, expiry } = this.#options
    const { topic, payload, short, correlation } = answer
    const fits = publishBytes({ topic, payload, correlation, expiry }, 5) <= link.largestPacket
    this.#underWay.add(answer)
    link.publishAcked({
      topic,
      payload: fits || !short ? payload : short(),
      retain: false,
      delivery,
      correlation,
      expiry,
      // What was refused would be refused again.
      onAck: () => {
        this.#underWay.delete(answer)
        if (this.#answers.delete(answer)) answer.onSent?.()
      },
    })
  }

  /** While connected it was sent, but not confirmed. */
  #dropOldest(): void {
    const [oldest] = this.#answers.keys()
    if (!oldest) return
    this.#answers.delete(oldest)
    this.#underWay.delete(oldest)
    if (this.#options.link.ready) return
    this.#options.drops.count(
      'too_many_waiting',
      {},
      'Too many answers are waiting for the MQTT broker: the oldest are dropped.',
    )
  }
}
