/** What the broker does not let the bridge do: each kind is logged once, and shown while it lasts. */
import type { Logger } from '../core/logging/logger.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import type { Failure } from './client/sender.ts'

/** One obstacle, for people and programs. */
export interface Obstacle {
  readonly kind: 'too_large' | 'no_write' | 'no_read'
  /** The affected topics, as in an access list. */
  readonly topics: string
  readonly message: string
}

export class Obstacles {
  readonly #logger: Logger
  readonly #base: string
  readonly #onChange: () => void
  readonly #now = new Map<string, Obstacle>()
  /** Obstacles reported in this run: they recur with each connection. */
  readonly #said = new Set<string>()

  /**
   * @param base the first part of the bridge's own topics
   * @param onChange the obstacles have changed
   */
  constructor(base: string, logger: Logger, onChange: () => void) {
    this.#base = base
    this.#logger = logger
    this.#onChange = onChange
  }

  /** Obstacles on the present connection, one of each kind: that is enough to know where to look. */
  get problems(): readonly BridgeProblem[] {
    const kinds = new Map<Obstacle['kind'], BridgeProblem>()
    for (const { kind, message } of this.#now.values()) {
      if (!kinds.has(kind)) kinds.set(kind, { code: `mqtt_${kind}`, message })
    }
    return [...kinds.values()]
  }

  /** After every connect: the broker or its access list may have changed. */
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
    for (const filter of filters)
      this.noRead(filter, 'refuses the subscription', `Grant the bridge’s user the right to read it.`)
  }

  /** @param missing filters by which the bridge's messages to itself did not come back */
  commandsArrive(missing: readonly string[]): void {
    const others = missing.filter((filter) => !this.#now.has(keyOf('no_read', filter)))
    if (others.length > 0) {
      const remedy =
        'Grant the bridge’s user the right to read there. (The bridge sent messages to itself there; a missing right to write looks the same.)'
      this.noRead(others.join(', '), 'delivers nothing that is sent', remedy)
    }
    if (missing.length > 0) return
    const over = [...this.#said].filter((key) => key.startsWith(keyOf('no_read', `${this.#base}/`)))
    for (const key of over) this.#said.delete(key)
    if (over.length > 0) this.#logger.info('Commands over MQTT arrive again: the bridge has the right to read them.')
  }

  /** @param how what the broker does; `remedy` what to do about it */
  noRead(filter: string, how: string, remedy: string): void {
    const lost = filter.startsWith(`${this.#base}/`)
      ? 'so commands sent there do not arrive'
      : 'so the bridge receives nothing there'
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
        message: `The MQTT broker does not accept what the bridge publishes on ${topics}. Grant the bridge’s user the right to write it.`,
      },
      { topic, code },
    )
  }

  /** Messages published there did not come back, and the broker can't say why. */
  noEcho(topic: string): void {
    const topics = this.#area(topic)
    this.#say({
      kind: 'no_write',
      topics,
      message: `Messages that the bridge publishes on ${topics} do not come back from the MQTT broker: the bridge lacks the right to write or to read there. Grant its user both rights.`,
    })
  }

  #tooLarge(topic: string, { bytes, limit }: Extract<Failure, { kind: 'too_large' }>): void {
    const topics = this.#shape(topic)
    this.#say(
      {
        kind: 'too_large',
        topics,
        message: `A message on ${topics} is left out: it is larger than the ${limit} bytes that the MQTT broker accepts. Raise its packet size limit.`,
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

  /** In the form of an access list. */
  #area(topic: string): string {
    if (topic.startsWith(`${this.#base}/`)) return `${this.#base}/#`
    const documents = topic.search(/\/device\/.*\/config$/)
    if (documents >= 0) return `${topic.slice(0, documents)}/device/#`
    return `${topic.slice(0, topic.indexOf('/', 1))}/#`
  }

  /** The same for every device, so that the log has one line per house. */
  #shape(topic: string): string {
    const prefix = `${this.#base}/`
    if (!topic.startsWith(prefix)) return this.#area(topic)
    const [id, ...rest] = topic.slice(prefix.length).split('/')
    return `${prefix}${id === 'bridge' ? id : '+'}/${rest.join('/')}`
  }
}

const keyOf = (kind: Obstacle['kind'], topics: string): string => `${kind} ${topics}`
