/**
 * Checks whether messages to the bridge's command topics reach it. Some brokers grant a subscription that their access
 * list forbids, and then deliver nothing. So once per connection the bridge sends messages to itself, on topics that no
 * device has, and checks whether they come back.
 *
 * With MQTT 3.1.1, brokers do not report refused messages either. There the bridge receives its own retained discovery
 * documents on topics that it subscribes to: if none comes back, it has no right to write them.
 */
import type { Clock, Timer } from '../core/clock.ts'
import type { MqttLink } from './client/index.ts'
import type { Obstacles } from './obstacles.ts'
import type { Topics } from './topics.ts'

/**
 * Milliseconds after the start of a connection, when everything is published, and then for the messages to come back.
 */
const AFTER = 2_000
const ANSWER = 5_000

/** `doctor` sends this too. */
const CHECK = 'check'

export interface RightsOptions {
  readonly topics: Topics
  readonly link: Pick<MqttLink, 'connected' | 'publishAcked' | 'status'>
  /** A topic outside the bridge's own on which it retains messages and receives them. */
  readonly witness: () => string | undefined
  readonly obstacles: Obstacles
  readonly clock: Clock
}

export class Rights {
  readonly #options: RightsOptions
  /** The filter through which each topic should come back. */
  readonly #filters: ReadonlyMap<string, string>
  #missing = new Set<string>()
  #timer: Timer | undefined
  /** A message that the bridge retains elsewhere came back. */
  #witnessed = false

  constructor(options: RightsOptions) {
    this.#options = options
    const { topics } = options
    // A request would cause an answer.
    const filters = topics.commandFilters.filter((filter) => filter.includes('/+/'))
    this.#filters = new Map(filters.map((filter) => [filter.replaceAll('/+', `/${CHECK}`), filter]))
  }

  /** When the bridge is active and its subscriptions are confirmed. */
  begin(): void {
    this.end()
    this.#timer = this.#options.clock.timer(AFTER, () => this.#ask())
  }

  /** When the connection ends. */
  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#missing.clear()
  }

  /** A new connection. */
  opened(): void {
    this.#witnessed = false
  }

  /** Whether the message was meant only for this check. */
  heard(topic: string, payload: Buffer): boolean {
    const { topics, witness } = this.#options
    if (!topics.owns(topic) && payload.length > 0 && topic === witness()) this.#witnessed = true
    if (!this.#filters.has(topic) || payload.toString('utf8', 0, CHECK.length + 1) !== CHECK) return false
    this.#missing.delete(topic)
    return true
  }

  /** Whether a refused message was only one of these checks, so nothing else is lost. */
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
