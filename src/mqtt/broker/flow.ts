/**
 * Makes who publishes wait for who reads. aedes reads on from a client whose messages are still on their way, and keeps
 * all of them; here no more is read from it until they have arrived.
 */
import type { Aedes, Client, PublishPacket } from 'aedes'
import type { Limits } from './limits.ts'
import { heldBytes } from './store/message.ts'

type Done = (error?: Error) => void

/** Not among the types of aedes: it stops and goes on reading from a client, as it does itself while it looks who that is. */
interface Pausable extends Client {
  pause(): void
  resume(): void
}

/** Either with a client and what to call at the end, or with the latter alone. */
type Publish = (packet: PublishPacket, client: Pausable | Done | null, done?: Done) => void

export class Flow {
  readonly #limits: Pick<Limits, 'underWayBytes' | 'underWayBytesInAll'>
  readonly #underWay = new Map<Pausable, number>()
  readonly #paused = new Set<Pausable>()
  #total = 0

  constructor(limits: Pick<Limits, 'underWayBytes' | 'underWayBytesInAll'>) {
    this.#limits = limits
  }

  /** Bytes of messages that have not reached all who subscribe to them. */
  get bytes(): number {
    return this.#total
  }

  /** @param isOwn who is never made to wait: it hears of its own accord when it says too much */
  apply(aedes: Aedes, isOwn: (client: Client) => boolean): void {
    const inner = aedes.publish
    const publish: Publish = (...given) => void Reflect.apply(inner, aedes, given)
    const counted: Publish = (packet, client, done) => {
      // The broker's own messages come without a client.
      if (typeof client !== 'object' || client === null || isOwn(client)) {
        publish(packet, client, done)
        return
      }
      const bytes = heldBytes(packet)
      this.#add(client, bytes)
      publish(packet, client, (error) => {
        this.#add(client, -bytes)
        done?.(error)
      })
    }
    Object.assign(aedes, { publish: counted })
  }

  #add(client: Pausable, bytes: number): void {
    const own = (this.#underWay.get(client) ?? 0) + bytes
    this.#total += bytes
    if (own > 0) this.#underWay.set(client, own)
    else this.#underWay.delete(client)
    const { underWayBytes, underWayBytesInAll } = this.#limits
    if (own > underWayBytes || (bytes > 0 && this.#total > underWayBytesInAll)) {
      client.pause()
      this.#paused.add(client)
    } else if (this.#paused.has(client) && own === 0) {
      this.#paused.delete(client)
      if (!client.closed) client.resume()
    }
  }
}
