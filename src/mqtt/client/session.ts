/** What the bridge remembers of its session at one broker, across connections. */
import { createHash } from 'node:crypto'
import type { IPublishPacket } from 'mqtt'
import { PacketLimit } from './packet-limit.ts'

/** How many QoS 1 messages are remembered: more than a broker sends without an acknowledgement. */
const REMEMBERED = 256

const MOST_IDS = 65_535

/** Packet identifiers. Those of unfinished messages stay reserved for the next connection. */
class PacketIds {
  readonly #used = new Set<number>()
  readonly #kept = new Set<number>()
  #last: number
  #forced: number | undefined

  /** @param random 0 ≤ r < 1; the broker may still know identifiers from an earlier run */
  constructor(random: number) {
    this.#last = Math.floor(random * MOST_IDS)
  }

  /** The next one; null if all are in use. Called by mqtt.js, as are the next four. */
  allocate(): number | null {
    const forced = this.#forced
    this.#forced = undefined
    if (forced !== undefined) return this.#take(forced)
    for (let tried = 0; tried < MOST_IDS; tried++) {
      const id = ((this.#last + tried) % MOST_IDS) + 1
      if (!this.#used.has(id) && !this.#kept.has(id)) return this.#take(id)
    }
    return null
  }

  getLastAllocated(): number {
    return this.#last
  }

  register(id: number): boolean {
    if (this.#used.has(id)) return false
    this.#used.add(id)
    return true
  }

  deallocate(id: number): void {
    this.#used.delete(id)
  }

  clear(): void {
    this.#used.clear()
  }

  /** Makes `id` the next one. */
  force(id: number): void {
    this.#forced = id
  }

  keep(id: number): void {
    this.#kept.add(id)
  }

  release(id: number): void {
    this.#kept.delete(id)
  }

  /** The broker has forgotten the session. */
  forget(): void {
    this.#kept.clear()
  }

  #take(id: number): number {
    this.#last = id
    this.#used.add(id)
    return id
  }
}

/** Distinguishes repeated messages from new ones. */
class Received {
  /** QoS 2: accepted, but not yet released by the broker. */
  readonly #open = new Set<number>()
  /** QoS 1: the message received under each identifier. */
  readonly #recent = new Map<number, string>()

  forget(): void {
    this.#open.clear()
    this.#recent.clear()
  }

  /** The broker knows that a QoS 2 message has arrived and will not send it again. */
  released(id: number): void {
    this.#open.delete(id)
  }

  isNew({ qos, dup, messageId, topic, payload }: IPublishPacket): boolean {
    if (qos === 0 || messageId === undefined) return true
    if (qos === 2) {
      if (this.#open.has(messageId)) return false
      this.#open.add(messageId)
      return true
    }
    const content = digestOf(topic, payload)
    if (dup && this.#recent.get(messageId) === content) return false
    this.#recent.delete(messageId)
    this.#recent.set(messageId, content)
    dropOldest(this.#recent, REMEMBERED)
    return true
  }
}

export function digestOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(String(part.length)).update(' ').update(part)
  return hash.digest('base64')
}

/** Keeps `map` to `most` entries. */
export function dropOldest(map: Map<unknown, unknown>, most: number): void {
  if (map.size <= most) return
  const [oldest] = map.keys()
  map.delete(oldest)
}

export class Session {
  readonly limit = new PacketLimit()
  readonly received = new Received()
  readonly ids: PacketIds

  /** @param random 0 ≤ r < 1 */
  constructor(random: number) {
    this.ids = new PacketIds(random)
  }

  /** @param resumed whether the broker knows it */
  opened(resumed: boolean): void {
    if (resumed) return
    this.received.forget()
    this.ids.forget()
  }
}
