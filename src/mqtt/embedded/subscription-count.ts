/** How many subscriptions there are, of each client and of all. */
import type { Limits } from './limits.ts'

export class SubscriptionCount {
  readonly #limits: Pick<Limits, 'subscriptions' | 'subscriptionsPerClient'>
  readonly #filters = new Map<object, Set<string>>()
  #total = 0

  constructor(limits: Pick<Limits, 'subscriptions' | 'subscriptionsPerClient'>) {
    this.#limits = limits
  }

  get total(): number {
    return this.#total
  }

  /** False, without counting, when there are enough. */
  add(client: object, filter: string): boolean {
    const filters = this.#filters.get(client) ?? new Set()
    if (filters.has(filter)) return true
    const { subscriptions, subscriptionsPerClient } = this.#limits
    if (this.#total >= subscriptions || filters.size >= subscriptionsPerClient) return false
    this.#filters.set(client, filters.add(filter))
    this.#total++
    return true
  }

  remove(client: object, filters: readonly string[]): void {
    const held = this.#filters.get(client)
    for (const filter of filters) if (held?.delete(filter)) this.#total--
  }

  /** The client is gone. */
  clear(client: object): void {
    this.#total -= this.#filters.get(client)?.size ?? 0
    this.#filters.delete(client)
  }
}
