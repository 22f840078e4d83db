/**
 * Makes publishers wait for readers. aedes continues reading from a client whose messages are still being delivered,
 * and keeps all of them; here nothing more is read from it until they are delivered.
 */
import type { Aedes, Client, PublishPacket } from 'aedes'
import type { Limits } from './limits.ts'
import { heldBytes } from './store/message.ts'

type Done = (error?: Error) => void

/**
 * Missing from the types of aedes: pauses and resumes reading from a client, as aedes itself does while it
 * authenticates one.
 */
interface Pausable extends Client {
  pause(): void
  resume(): void
}

/** Called either with a client and a callback, or with the callback alone. */
type Publish = (packet: PublishPacket, client: Pausable | Done | null, done?: Done) => void

export class Flow {
  readonly #limits: Pick<Limits, 'underWayBytes' | 'underWayBytesInAll'>
  readonly #underWay = new Map<Pausable, number>()
  readonly #paused = new Set<Pausable>()
  #total = 0

  constructor(limits: Pick<Limits, 'underWayBytes' | 'underWayBytesInAll'>) {
    this.#limits = limits
  }

  /** Bytes of messages that have not reached all subscribers. */
  get bytes(): number {
    return this.#total
  }

  /** @param isOwn clients that never have to wait: the bridge limits itself */
  apply(aedes: Aedes, isOwn: (client: Client) => boolean): void {
    const inner = aedes.publish
    const publish: Publish = (...given) => void Reflect.apply(inner, aedes, given)
    const counted: Publish = (packet, client, done) => {
      // The broker's own messages have no client.
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
