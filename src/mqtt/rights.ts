/**
 * Whether what is sent to the bridge's command topics reaches it. Some brokers grant a subscription that their access list
 * forbids, and then deliver nothing. So once on each connection the bridge sends messages to itself, to topics that no device
 * has, and looks whether they come back.
 *
 * With MQTT 3.1.1 no broker says that it did not take a message either. There the bridge hears what it retains itself on
 * topics that it listens to, its own documents of discovery: when none comes back, it may not write them.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { MqttLink } from './client/index.ts'
import type { Obstacles } from './obstacles.ts'
import type { Topics } from './topics.ts'

/** Milliseconds after the start of a connection, when the house is said, and then for the messages to come back. */
const AFTER = 2_000
const ANSWER = 5_000

/** Also what `doctor` sends. */
const CHECK = 'check'

export interface RightsOptions {
  readonly topics: Topics
  readonly link: Pick<MqttLink, 'connected' | 'publishAcked' | 'status'>
  /** A topic outside of the bridge's own, on which it retains something and listens to that. */
  readonly witness: () => string | undefined
  readonly obstacles: Obstacles
  readonly clock: Clock
}

export class Rights {
  readonly #options: RightsOptions
  /** The filter that each topic is to come back by. */
  readonly #filters: ReadonlyMap<string, string>
  #missing = new Set<string>()
  #timer: Timer | undefined
  /** What the bridge retains elsewhere came back. */
  #witnessed = false

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

  /** The connection is another one. */
  opened(): void {
    this.#witnessed = false
  }

  /** Whether this came for nobody else. */
  heard(topic: string, payload: Buffer): boolean {
    const { topics, witness } = this.#options
    if (!topics.owns(topic) && payload.length > 0 && topic === witness()) this.#witnessed = true
    if (!this.#filters.has(topic) || payload.toString('utf8', 0, CHECK.length + 1) !== CHECK) return false
    this.#missing.delete(topic)
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
    const { link, obstacles, witness } = this.#options
    if (!link.connected) return
    obstacles.commandsArrive(missing)
    const topic = witness()
    if (topic !== undefined && !this.#witnessed && link.status().protocol === '3.1.1') obstacles.noEcho(topic)
  }
}
