/**
 * Whether what is sent to the bridge's command topics reaches it. Some brokers grant a subscription that their access list
 * forbids, and then deliver nothing. So once on each connection the bridge sends messages to itself, to topics that no device
 * has, and looks whether they come back.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { MqttLink } from './client.ts'
import type { Obstacles } from './obstacles.ts'
import type { Topics } from './topics.ts'

/** Milliseconds after the start of a connection, when the house is said, and then for the messages to come back. */
const AFTER = 2_000
const ANSWER = 5_000

/** Also what `doctor` sends. */
const CHECK = 'check'

export interface RightsOptions {
  readonly topics: Topics
  readonly link: Pick<MqttLink, 'connected' | 'publishAcked'>
  readonly obstacles: Obstacles
  readonly clock: Clock
}

export class Rights {
  readonly #options: RightsOptions
  /** The filter that each topic is to come back by. */
  readonly #filters: ReadonlyMap<string, string>
  #missing = new Set<string>()
  #timer: Timer | undefined

  constructor(options: RightsOptions) {
    this.#options = options
    const { topics } = options
    // A request would be answered.
    const filters = topics.commandFilters.filter((filter) => filter.includes('/+/'))
    this.#filters = new Map(filters.map((filter) => [filter.replaceAll('/+', `/${CHECK}`), filter]))
  }

  /** When the bridge speaks, and its subscriptions stand. */
  begin(): void {
    this.end()
    this.#timer = this.#options.clock.timer(AFTER, () => this.#ask())
  }

  /** With the connection. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#missing.clear()
  }

  /** Whether this came for nobody else. */
  heard(topic: string, payload: Buffer): boolean {
    if (!this.#filters.has(topic) || payload.toString('utf8', 0, CHECK.length + 1) !== CHECK) return false
    if (this.#missing.delete(topic) && this.#missing.size === 0) this.#tell()
    return true
  }

  /** Whether a message that the broker refused was only one of these: nothing is lost then but what it would have shown. */
  failed(topic: string): boolean {
    return this.#filters.has(topic)
  }

  #ask(): void {
    const { link, clock } = this.#options
    if (!link.connected) return
    this.#missing = new Set(this.#filters.keys())
    this.#timer = clock.timer(ANSWER, () => this.#tell())
    for (const topic of this.#filters.keys()) {
      const onAck = (failure?: unknown) => {
        if (failure !== undefined) this.#missing.delete(topic)
      }
      link.publishAcked({ topic, payload: CHECK, retain: false, onAck })
    }
  }

  #tell(): void {
    const missing = [...this.#missing].map((topic) => this.#filters.get(topic) ?? topic)
    this.end()
    if (this.#options.link.connected) this.#options.obstacles.commandsArrive(missing)
  }
}
