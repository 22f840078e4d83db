/** What the broker does not let the bridge do: each kind said once in the log, and shown as long as it holds. */
import type { Logger } from '../core/logging/logger.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import type { Failure } from './client/sender.ts'

/** One of them, for people and programs. */
export interface Obstacle {
  readonly kind: 'too_large' | 'no_write' | 'no_read'
  /** The topics that it is about, as an access list names them. */
  readonly topics: string
  readonly message: string
}

export class Obstacles {
  readonly #logger: Logger
  readonly #base: string
  readonly #onChange: () => void
  readonly #now = new Map<string, Obstacle>()
  /** Those said in this run: they come back with each connection. */
  readonly #said = new Set<string>()

  /**
   * @param base the first part of the bridge's own topics
   * @param onChange there are others
   */
  constructor(base: string, logger: Logger, onChange: () => void) {
    this.#base = base
    this.#logger = logger
    this.#onChange = onChange
  }

  /** Those on the connection that there is, one of each kind: that one shows where to look. */
  get problems(): readonly BridgeProblem[] {
    const kinds = new Map<Obstacle['kind'], BridgeProblem>()
    for (const { kind, message } of this.#now.values()) {
      if (!kinds.has(kind)) kinds.set(kind, { code: `mqtt_${kind}`, message })
    }
    return [...kinds.values()]
  }

  /** After every connect: the broker, or its access list, may be another one. */
  opened(): void {
    if (this.#now.size === 0) return
    this.#now.clear()
    this.#onChange()
  }

  failed(topic: string, failure: Failure): void {
    if (failure.kind === 'too_large') this.#tooLarge(topic, failure)
    else this.#noWrite(topic, failure.code)
  }

  /** Subscriptions that the broker refused. */
  noSubscription(filters: readonly string[]): void {
    for (const filter of filters) this.noRead(filter, 'refuses the subscription', `Give its user the right to read it.`)
  }

  /** @param missing filters by which the bridge's messages to itself did not come back */
  commandsArrive(missing: readonly string[]): void {
    const others = missing.filter((filter) => !this.#now.has(keyOf('no_read', filter)))
    if (others.length > 0) {
      const remedy =
        'Give its user the right to read that. (The bridge sent messages there to itself: a right to write there that is missing looks the same.)'
      this.noRead(others.join(', '), 'delivers nothing of what is sent', remedy)
    }
    if (missing.length > 0) return
    const over = [...this.#said].filter((key) => key.startsWith(keyOf('no_read', `${this.#base}/`)))
    for (const key of over) this.#said.delete(key)
    if (over.length > 0) this.#logger.info('Commands over MQTT arrive again: the right to read them is there.')
  }

  /** @param how what the broker does; `remedy` what to do about it */
  noRead(filter: string, how: string, remedy: string): void {
    const lost = filter.startsWith(`${this.#base}/`)
      ? 'so commands sent there do not arrive'
      : 'so nothing is heard there'
    this.#say({
      kind: 'no_read',
      topics: filter,
      message: `The MQTT broker ${how} to ${filter}, ${lost}. ${remedy}`,
    })
  }

  #noWrite(topic: string, code: number): void {
    const topics = this.#area(topic)
    this.#say(
      {
        kind: 'no_write',
        topics,
        message: `The MQTT broker does not take what the bridge publishes on ${topics}. Give its user the right to write it.`,
      },
      { topic, code },
    )
  }

  /** What was published there did not come back, and the broker can't say why. */
  noEcho(topic: string): void {
    const topics = this.#area(topic)
    this.#say({
      kind: 'no_write',
      topics,
      message: `What the bridge publishes on ${topics} does not come back from the MQTT broker: it may not write it, or not read it. Give its user the rights to both.`,
    })
  }

  #tooLarge(topic: string, { bytes, limit }: Extract<Failure, { kind: 'too_large' }>): void {
    const topics = this.#shape(topic)
    this.#say(
      {
        kind: 'too_large',
        topics,
        message: `A message on ${topics} is left out: it is larger than the ${limit} bytes that the MQTT broker takes. Raise its limit for the size of packets.`,
      },
      { topic, bytes },
    )
  }

  #say(obstacle: Obstacle, fields: object = {}): void {
    const key = keyOf(obstacle.kind, obstacle.topics)
    const news = !this.#now.has(key)
    this.#now.set(key, obstacle)
    if (news) this.#onChange()
    if (this.#said.has(key)) return
    this.#said.add(key)
    this.#logger.error({ ...fields, obstacle: obstacle.kind, topics: obstacle.topics }, obstacle.message)
  }

  /** As one would write it in an access list. */
  #area(topic: string): string {
    if (topic.startsWith(`${this.#base}/`)) return `${this.#base}/#`
    const documents = topic.search(/\/device\/.*\/config$/)
    if (documents >= 0) return `${topic.slice(0, documents)}/device/#`
    return `${topic.slice(0, topic.indexOf('/', 1))}/#`
  }

  /** The same for every device, so that the log of a house has one line. */
  #shape(topic: string): string {
    const prefix = `${this.#base}/`
    if (!topic.startsWith(prefix)) return this.#area(topic)
    const [id, ...rest] = topic.slice(prefix.length).split('/')
    return `${prefix}${id === 'bridge' ? id : '+'}/${rest.join('/')}`
  }
}

const keyOf = (kind: Obstacle['kind'], topics: string): string => `${kind} ${topics}`
