/** The number of subscriptions, per client and in total. */
import type { Limits } from '../limits.ts'

/** Bytes of a subscription, and of each level of its filter, in the trees that contain it; measured. */
const OVERHEAD = 256
const PER_LEVEL = 256

/** Bytes of memory that a subscription to `filter` takes, roughly. */
export const subscriptionBytes = (filter: string): number =>
  OVERHEAD + 2 * filter.length + PER_LEVEL * filter.split('/').length

/** The subscriptions of absent clients. */
export interface Absent {
  readonly held: Held
  /** Forgets those of the client absent for the longest time; false if there are none. */
  dropLongest(): boolean
}

export interface Held {
  readonly subscriptions: number
  readonly bytes: number
}

export class SubscriptionCount {
  readonly #limits: Pick<Limits, 'subscriptions' | 'subscriptionBytes' | 'subscriptionsPerClient'>
  readonly #absent: Absent
  readonly #filters = new Map<object, Set<string>>()
  #total = 0
  #bytes = 0

  constructor(limits: Pick<Limits, 'subscriptions' | 'subscriptionBytes' | 'subscriptionsPerClient'>, absent: Absent) {
    this.#limits = limits
    this.#absent = absent
  }

  /** Subscriptions of connected clients. */
  get total(): number {
    return this.#total
  }

  /** False, without counting, if there are enough. Connected clients take precedence over absent ones. */
  add(client: object, filter: string): boolean {
    const filters = this.#filters.get(client) ?? new Set()
    if (filters.has(filter)) return true
    const bytes = subscriptionBytes(filter)
    if (filters.size >= this.#limits.subscriptionsPerClient || !this.#fits(bytes, { subscriptions: 0, bytes: 0 }))
      return false
    while (!this.#fits(bytes, this.#absent.held)) if (!this.#absent.dropLongest()) return false
    this.#filters.set(client, filters.add(filter))
    this.#total++
    this.#bytes += bytes
    return true
  }

  remove(client: object, filters: Iterable<string>): void {
    const held = this.#filters.get(client)
    for (const filter of filters) {
      if (!held?.delete(filter)) continue
      this.#total--
      this.#bytes -= subscriptionBytes(filter)
    }
  }

  /** The client is gone. */
  clear(client: object): void {
    this.remove(client, [...(this.#filters.get(client) ?? [])])
    this.#filters.delete(client)
  }

  #fits(bytes: number, absent: Held): boolean {
    const { subscriptions, subscriptionBytes: most } = this.#limits
    return this.#total + absent.subscriptions < subscriptions && this.#bytes + absent.bytes + bytes <= most
  }
}
