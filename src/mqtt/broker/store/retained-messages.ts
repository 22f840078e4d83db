/** The retained messages of the embedded broker: unlimited for the bridge, limited for all others. */
import type { AedesPublishPacket, PublishPacket } from 'aedes'
import type { Clock } from '../../../core/clock.ts'
import { Slice } from '../../../core/slices.ts'
import { hasWildcard } from '../../topics.ts'
import type { Limits } from '../limits.ts'
import { FilterTree } from './filter-tree.ts'
import { copyOf, heldBytes } from './message.ts'

interface Kept {
  readonly message: AedesPublishPacket
  readonly bytes: number
  readonly own: boolean
}

/** Milliseconds between two searches for expired messages. */
const SWEEP = 1_000

export class RetainedMessages {
  readonly #limits: Pick<Limits, 'retained' | 'retainedBytes'>
  readonly #slice: Slice
  readonly #kept = new Map<string, Kept>()
  /** Payloads that the bridge wants retained: aedes makes its own packet of each, which shares only the payload. */
  readonly #ownPayloads = new WeakSet<object>()
  /** The number of messages of others. */
  #messages = 0
  #bytes = 0
  #ownBytes = 0
  #sweepAt = 0

  constructor(limits: Pick<Limits, 'retained' | 'retainedBytes'>, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits
    this.#slice = new Slice(clock)
  }

  get size(): number {
    return this.#kept.size
  }

  get bytes(): number {
    return this.#bytes + this.#ownBytes
  }

  /** Marks a retained message with this payload as the bridge's. */
  markOwn({ payload }: PublishPacket): void {
    if (typeof payload === 'object') this.#ownPayloads.add(payload)
  }

  /**
   * An empty payload removes the message. False if there is no room; then the previous message is removed too, since it
   * is outdated.
   */
  put(message: AedesPublishPacket): boolean {
    const { topic, payload } = message
    this.delete(topic)
    if (payload.length === 0) return true
    const own = typeof payload === 'object' && this.#ownPayloads.has(payload)
    const bytes = heldBytes(message)
    if (!own && !this.#fits(bytes)) {
      this.#sweep()
      if (!this.#fits(bytes)) return false
    }
    const kept = { message: copyOf(message), bytes, own }
    this.#kept.set(topic, kept)
    this.#count(kept, 1)
    return true
  }

  delete(topic: string): void {
    const kept = this.#kept.get(topic)
    if (!kept) return
    this.#kept.delete(topic)
    this.#count(kept, -1)
  }

  /**
   * Each message once. A filter without wildcards is looked up: Home Assistant has one for each topic. For all other
   * filters together, the topics are searched once, in slices.
   */
  async *matching(filters: readonly string[]): AsyncGenerator<AedesPublishPacket> {
    const wild = new FilterTree<true>()
    const plain = new Set<string>()
    for (const filter of filters) {
      if (hasWildcard(filter)) wild.add(filter, true)
      else plain.add(filter)
    }
    for (const topic of plain) {
      const kept = this.#kept.get(topic)
      if (kept) yield kept.message
    }
    if (plain.size === filters.length) return
    for (const [topic, { message }] of this.#kept) {
      if (!plain.has(topic) && wild.match(topic).size > 0) yield message
      if (this.#slice.isOver) await this.#slice.next()
    }
  }

  #count({ own, bytes }: Kept, sign: 1 | -1): void {
    if (own) this.#ownBytes += sign * bytes
    else {
      this.#bytes += sign * bytes
      this.#messages += sign
    }
  }

  #fits(bytes: number): boolean {
    return this.#messages < this.#limits.retained && this.#bytes + bytes <= this.#limits.retainedBytes
  }

  /** Removes expired messages. */
  #sweep(): void {
    const now = Date.now()
    if (now < this.#sweepAt) return
    this.#sweepAt = now + SWEEP
    for (const [topic, { message }] of this.#kept) {
      if (message.messageExpiry !== undefined && message.messageExpiry <= now) this.delete(topic)
    }
  }
}
