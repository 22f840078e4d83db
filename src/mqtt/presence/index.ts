/**
 * Lets the bridge speak and listen only while it is the one that does (`presence.ts`). To all that goes through here it looks
 * otherwise as though no broker were connected, so that nothing else needs to know of other bridges.
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
import type { Drops } from '../intake/drops.ts'
import type { Topics } from '../topics.ts'
import type { Self } from './message.ts'
import { Presence } from './presence.ts'

/** Messages kept while it is being asked who is there; a fraction of a second, mostly. */
const MOST_HELD = 1_000

/** QoS 2 and a session keep commands while the bridge is away; retained ones show that they are, also when just sent. */
const COMMANDS = { qos: 2, rap: true, rh: 1 } as const

/** Not retained, and not kept for a bridge that is away: only who is there answers. */
const NOW = { qos: 0, rh: 0 } as const
const OTHERS = { qos: 0, nl: true, rh: 0 } as const

type Message = readonly [topic: string, payload: Buffer, packet: IPublishPacket]

export interface OneVoiceOptions {
  readonly topics: Topics
  readonly link: MqttLink
  /** The broker is the bridge's own, and nobody was there before. */
  readonly own: boolean
  readonly clientId: string
  readonly drops: Drops
  readonly clock: Clock
  readonly logger: Logger
  /** Each time that the bridge may speak on a connection: everything has to be said again. */
  readonly onOpen: () => void
  /** After that, when its subscriptions stand. */
  readonly onReady: () => void
  readonly onMessage: (...message: Message) => void
  readonly onProblem: () => void
}

export class OneVoice {
  readonly self: Self
  readonly #options: OneVoiceOptions
  readonly #presence: Presence
  readonly #takeovers: Takeovers
  /** What the bridge listens to when it speaks. */
  readonly #filters = new Map<string, FilterOptions>()
  #held: Message[] | undefined
  #waiting = false
  #ready = false
  /** Everything is being said on this connection. */
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

  /** What only a person can set right. */
  get problems(): readonly BridgeProblem[] {
    return [this.#presence.problem, this.#takeovers.problem].filter((problem) => problem !== undefined)
  }

  /** After every connection, with the ms that it lasted. */
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

  /** After every connect, when all that was subscribed to stands. */
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
    // What others have retained tells of no wish, and can be a lot.
    if (link.connected || (this.#held && retain && !topics.parse(topic))) onMessage(...message)
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
    const held = this.#held ?? []
    this.#held = undefined
    // The subscriptions that have just been asked for go out first: who hears of the bridge can command it.
    setImmediate(() => {
      if (!link.connected || this.#begun) return
      this.#begun = true
      onOpen()
      for (const message of held) onMessage(...message)
      if (this.#ready) onReady()
    })
  }

  /** What is subscribed to no more is not kept for it by the broker either. */
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
