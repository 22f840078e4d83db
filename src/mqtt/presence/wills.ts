/** Last wills in addition to the bridge's own: a connection for each, since MQTT has one will per connection. */
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Credentials } from '../client/connection.ts'
import { MqttLink } from '../client/index.ts'
import type { Target } from '../client/target.ts'

export interface WillsOptions {
  readonly targets: readonly Target[]
  /** The bridge's client id; these connections derive theirs from it. */
  readonly credentials: Credentials
  /** Publishes the retained message of a topic again, even if empty: a will may have overwritten it. */
  readonly restate: (topic: string) => void
  readonly clock: Clock
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly logger: Logger
}

export class Wills {
  readonly #options: WillsOptions
  readonly #links: MqttLink[] = []
  #started = false

  constructor(options: WillsOptions) {
    this.#options = options
  }

  keep(topic: string, payload: string): void {
    const { targets, credentials, restate, clock, random, logger } = this.#options
    const link = new MqttLink({
      targets,
      credentials: { ...credentials, clientId: `${credentials.clientId}-will${this.#links.length + 1}` },
      stateTopic: topic,
      willOnly: payload,
      sessionExpiry: 0,
      clock,
      random,
      logger: logger.child({ will: topic }),
      onOpen: () => undefined,
      onReady: () => restate(topic),
      onMessage: () => undefined,
      onFailure: () => undefined,
      onRefused: () => undefined,
    })
    this.#links.push(link)
    if (this.#started) link.start()
  }

  /** Again does nothing. */
  start(): void {
    if (this.#started) return
    this.#started = true
    for (const link of this.#links) link.start()
  }

  /** Disconnects properly, so that the broker does not publish the wills. Never rejects. */
  async stop(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.stop()))
  }
}
