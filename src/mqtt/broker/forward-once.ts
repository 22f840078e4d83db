/**
 * Keeps aedes from losing messages. It numbers incoming messages and treats one with a lower number than the last one
 * forwarded to a client as a duplicate. But internally a plain QoS 0 message can overtake an earlier retained or QoS 1
 * message, which is then lost (moscajs/aedes issues 955 and 994). Here numbers are compared exactly instead, so that a
 * client with overlapping subscriptions still gets each message once.
 */
import type { Aedes, AedesPublishPacket, Client } from 'aedes'

/** Messages remembered per client, far more than can overtake each other. */
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

/** Replaces aedes' own check. */
export function forwardOnce(aedes: Aedes): void {
  const seen = new WeakMap<Client, Recent>()
  aedes.on('client', (client) => {
    seen.set(client, new Recent())
    const duplicates: unknown = Reflect.get(client, 'duplicates')
    if (typeof duplicates !== 'object' || duplicates === null) return
    // The highest forwarded number, by broker; always 0 here, lower than all.
    Object.defineProperty(duplicates, aedes.id, { get: () => 0, set: () => undefined })
  })
  aedes.authorizeForward = (client: Client, packet: AedesPublishPacket) => {
    // Retained messages for a new subscription have no broker and are always new.
    if (!packet.brokerId) return packet
    return seen.get(client)?.add(packet.brokerCounter) === false ? null : packet
  }
}
