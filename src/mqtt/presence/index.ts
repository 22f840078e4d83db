/**
 * Lets the bridge publish and receive only while it is the active one (`presence.ts`). Otherwise it appears to all
 * users of this as if no broker were connected, so nothing else needs to know about other bridges.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { IPublishPacket } from 'mqtt'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BridgeProblem } from '../../devices/ports.ts'
import type { Closed } from '../client/closed.ts'
import type { MqttLink } from '../client/index.ts'
import type { FilterOptions } from '../client/subscriptions.ts'
import { Takeovers } from '../client/takeovers.ts'
import type { Drops } from '../drops.ts'
import type { Topics } from '../topics.ts'
import type { Self } from './message.ts'
import { Presence } from './presence.ts'

/** The most messages kept while looking for other bridges, usually for a fraction of a second. */
const MOST_HELD = 1_000

/** QoS 2 and a session keep commands while the bridge is away; retained ones are marked as such, even if just sent. */
const COMMANDS = { qos: 2, rap: true, rh: 1 } as const

/** Not retained, and not kept for an absent bridge: only a running bridge answers. */
const NOW = { qos: 0, rh: 0 } as const
const OTHERS = { qos: 0, nl: true, rh: 0 } as const

type Message = readonly [topic: string, payload: Buffer, packet: IPublishPacket]

export interface OneVoiceOptions {
  readonly topics: Topics
  readonly link: MqttLink
  /** The broker is the bridge's own, so nobody was there before. */
  readonly own: boolean
  readonly clientId: string
  readonly drops: Drops
  readonly clock: Clock
  readonly logger: Logger
  /** Each time the bridge becomes active on a connection: everything must be published again. */
  readonly onOpen: () => void
  /** After that, once its subscriptions are confirmed. */
  readonly onReady: () => void
  readonly onMessage: (...message: Message) => void
  readonly onProblem: () => void
}

export class OneVoice {
  readonly self: Self
  readonly #options: OneVoiceOptions
  readonly #presence: Presence
  readonly #takeovers: Takeovers
  /** The bridge's subscriptions while it is active. */
  readonly #filters = new Map<string, FilterOptions>()
  #held: Message[] | undefined
  #waiting = false
  #ready = false
  /** Publishing has begun on this connection. */
  #begun = false

  constructor(options: OneVoiceOptions) {
    this.#options = options
    const { topics, link, own, clientId, clock, logger, onProblem } = options
    this.#takeovers = new Takeovers({ clientId, clock, logger, onChange: onProblem })
    const started = new Date(clock.now()).toISOString()
    this.self = { instance: randomBytes(8).toString('hex'), started, host: hostname() }
    this.#presence = new Presence({
      topics,
      self: this.self,
      first: own,
      clock,
      logger,
      publish: (topic, payload) => {
        if (link.open) link.publish(topic, payload)
      },
      onActive: () => this.#speak(),
      onWaiting: () => this.#wait(),
      sayOnline: () => {
        if (link.connected) link.sayOnline()
      },
      onChange: onProblem,
    })
    link.quiet = true
    link.addFilter(topics.bridgeInstance, NOW)
    link.addFilter(topics.bridgeState, OTHERS)
    link.addFilter(topics.bridgeInfo, OTHERS)
    for (const filter of topics.commandFilters) this.addFilter(filter, COMMANDS)
  }

  /** Problems that only a person can solve. */
  get problems(): readonly BridgeProblem[] {
    return [this.#presence.problem, this.#takeovers.problem].filter((problem) => problem !== undefined)
  }

  /** After every connection, with its duration in ms. */
  closed(closed: Closed, held: number): void {
    this.#takeovers.closed(closed, held)
  }

  /** After every connect. */
  opened(): void {
    this.#options.link.quiet = true
    this.#ready = false
    this.#begun = false
    this.#held = []
    this.#presence.opened()
  }

  /** After every connect, once all subscriptions are confirmed. */
  ready(): void {
    this.#ready = true
    this.#presence.subscribed()
    if (this.#begun) this.#options.onReady()
  }

  addFilter(filter: string, options: FilterOptions): void {
    this.#filters.set(filter, options)
    if (!this.#waiting) this.#options.link.addFilter(filter, options)
  }

  removeFilter(filter: string): void {
    this.#filters.delete(filter)
    const { link, topics } = this.#options
    if (!topics.isOfBridges(filter)) link.removeFilter(filter)
  }

  received(...message: Message): void {
    const { topics, link, drops, onMessage } = this.#options
    const [topic, payload, { retain }] = message
    this.#presence.heard(topic, payload, retain)
    // Whatever comes waits behind what is held. Retained messages of others are not commands, and can be many.
    if (this.#held ? retain && !topics.parse(topic) : link.connected) onMessage(...message)
    else if (this.#held && this.#held.length < MOST_HELD) this.#held.push(message)
    else drops.note('not_connected')
  }

  /** Before the connection is closed. */
  stop(): void {
    this.#presence.stop()
    this.#takeovers.stop()
  }

  #speak(): void {
    const { link, onOpen, onReady, onMessage } = this.#options
    link.quiet = false
    if (this.#waiting) for (const [filter, options] of this.#filters) link.addFilter(filter, options)
    this.#waiting = false
    // The new subscriptions are sent first, so that commands arrive once the bridge is visible.
    setImmediate(() => {
      if (!link.connected || this.#begun) return
      this.#begun = true
      const held = this.#held ?? []
      this.#held = undefined
      onOpen()
      for (const message of held) onMessage(...message)
      if (this.#ready) onReady()
    })
  }

  /** After unsubscribing, the broker does not keep messages for it either. */
  #wait(): void {
    const { link, topics } = this.#options
    link.quiet = true
    this.#begun = false
    this.#held = undefined
    if (this.#waiting) return
    this.#waiting = true
    for (const filter of this.#filters.keys()) if (!topics.isOfBridges(filter)) link.removeFilter(filter)
  }
}
