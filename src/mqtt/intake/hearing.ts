/** Subscriptions of other parts. */
import type { Unsubscribe } from '../../core/events.ts'
import type { MqttLink } from '../client/index.ts'
import type { FilterOptions } from '../client/subscriptions.ts'
import type { MessageHandler } from '../port.ts'
import { hasWildcard, matches } from '../topics.ts'

/** Useful only while new, so QoS 0. The bridge's own messages are not sent back (MQTT 5). */
const EVENTS = { qos: 0, nl: true, rh: 0 } as const

export class Hearing {
  readonly #link: Pick<MqttLink, 'addFilter' | 'removeFilter'>
  readonly #guarded: (run: () => void) => void
  readonly #handlers = new Map<string, Set<MessageHandler>>()
  /** Filters with wildcards, which must be tried for every message. */
  readonly #wildcards = new Map<string, Set<MessageHandler>>()

  /** @param guarded runs a function that may fail */
  constructor(link: Pick<MqttLink, 'addFilter' | 'removeFilter'>, guarded: (run: () => void) => void) {
    this.#link = link
    this.#guarded = guarded
  }

  subscribe(filter: string, handler: MessageHandler, options: Partial<FilterOptions> = {}): Unsubscribe {
    const handlers = this.#handlers.get(filter) ?? new Set()
    if (handlers.size === 0) {
      this.#handlers.set(filter, handlers)
      if (hasWildcard(filter)) this.#wildcards.set(filter, handlers)
      this.#link.addFilter(filter, { ...EVENTS, ...options })
    }
    // A new object, so that the same function may be registered twice.
    const own: MessageHandler = (topic, payload, retained) => handler(topic, payload, retained)
    handlers.add(own)
    return () => {
      if (!handlers.delete(own) || handlers.size > 0) return
      this.#handlers.delete(filter)
      this.#wildcards.delete(filter)
      this.#link.removeFilter(filter)
    }
  }

  /** Whether there is a listener for exactly `topic`. */
  listensTo(topic: string): boolean {
    return this.#handlers.has(topic)
  }

  /** Whether somebody listens to `topic`. */
  hear(topic: string, payload: Buffer, retained: boolean): boolean {
    const exact = this.#handlers.get(topic)
    const all = exact ? [exact] : []
    for (const [filter, handlers] of this.#wildcards) if (matches(filter, topic)) all.push(handlers)
    for (const handler of all.flatMap((handlers) => [...handlers])) {
      this.#guarded(() => handler(topic, payload, retained))
    }
    return all.length > 0
  }
}
