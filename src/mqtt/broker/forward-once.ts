/**
 * Keeps aedes from losing messages. It numbers them as they come in and takes one whose number is lower than the last it
 * forwarded to a client for a duplicate; yet inside it a plain QoS 0 message overtakes a retained or QoS 1 one that came
 * just before, which then is lost (moscajs/aedes issues 955 and 994). Here numbers are compared exactly instead, so that
 * a client with overlapping subscriptions still gets each message once.
 */
import type { Aedes, AedesPublishPacket, Client } from 'aedes'

/** Messages remembered per client: many more than can overtake each other. */
const REMEMBERED = 256

/** The last numbers seen. */
class Recent {
  readonly #numbers = new Set<number>()

  /** Whether `number` is new. */
  add(number: number): boolean {
    if (this.#numbers.has(number)) return false
    this.#numbers.add(number)
    if (this.#numbers.size > REMEMBERED) {
      for (const oldest of this.#numbers) {
        this.#numbers.delete(oldest)
        break
      }
    }
    return true
  }
}

/** Replaces the check of `aedes`. */
export function forwardOnce(aedes: Aedes): void {
  const seen = new WeakMap<Client, Recent>()
  aedes.on('client', (client) => {
    seen.set(client, new Recent())
    const duplicates: unknown = Reflect.get(client, 'duplicates')
    if (typeof duplicates !== 'object' || duplicates === null) return
    // The highest number forwarded, by broker; always 0 here, lower than all.
    Object.defineProperty(duplicates, aedes.id, { get: () => 0, set: () => undefined })
  })
  aedes.authorizeForward = (client: Client, packet: AedesPublishPacket) => {
    // Retained messages for a new subscription come without a broker and are always new.
    if (!packet.brokerId) return packet
    return seen.get(client)?.add(packet.brokerCounter) === false ? null : packet
  }
}
