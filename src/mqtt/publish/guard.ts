import type { Clock } from '../../core/clock.ts'
import type { Unsubscribe } from '../../core/events.ts'
import type { FilterOptions } from '../client/subscriptions.ts'
import type { MessageHandler } from '../port.ts'
import { Seldom } from '../presence/seldom.ts'
import type { Topics } from '../topics.ts'
import type { RetainedCache } from './retained.ts'

/** A broker that refuses this only lets wrong values stay. What is retained there when the bridge begins is replaced anyway. */
const ASIDE: FilterOptions = { qos: 0, nl: true, rh: 2, optional: true }

/** What others publish. */
export interface Hearing {
  subscribe(filter: string, handler: MessageHandler, options?: Partial<FilterOptions>): Unsubscribe
}

export interface GuardOptions {
  readonly topics: Topics
  readonly retained: Pick<RetainedCache, 'contradicts' | 'repeat'>
  readonly hearing: Hearing
  readonly clock: Clock
}

/**
 * Says again what is true when somebody else has published where only the bridge does: at once, and then ever more seldom, so
 * that it never fights with whoever goes on. Otherwise the wrong value would stay until the next change.
 *
 * It costs nothing while nobody does that: the broker sends what others publish, and not what the bridge does. MQTT 3.1.1 has no
 * such option, so there the topics of devices, of which a house may have thousands, are left out.
 */
export class Guard {
  readonly #options: GuardOptions
  /** By topic, for those that somebody has written to. */
  readonly #corrections = new Map<string, Seldom>()
  #listening: Unsubscribe[] = []

  constructor(options: GuardOptions) {
    this.#options = options
  }

  start(): void {
    const { topics, hearing } = this.#options
    const heard: MessageHandler = (...message) => this.#heard(...message)
    const ofDevices = [topics.state('+'), topics.availability('+'), topics.schedule('+')]
    this.#listening = [
      // Other bridges are found by it too, so it is asked for as `presence/` does.
      hearing.subscribe(topics.bridgeInfo, heard),
      hearing.subscribe(topics.bridgeHouse, heard, ASIDE),
      ...ofDevices.map((filter) => hearing.subscribe(filter, heard, { ...ASIDE, unechoed: true })),
    ]
  }

  stop(): void {
    for (const unsubscribe of this.#listening) unsubscribe()
    this.#listening = []
    for (const correction of this.#corrections.values()) correction.cancel()
  }

  #heard(...[topic, payload, retained]: Parameters<MessageHandler>): void {
    const { retained: own, clock } = this.#options
    const known = this.#corrections.get(topic)
    // What was retained before the bridge came is replaced anyway.
    if (retained || known?.due || !own.contradicts(topic, payload)) return
    const correction = known ?? new Seldom(clock, () => own.repeat(topic))
    this.#corrections.set(topic, correction)
    correction.ask()
  }
}
