/** How large a packet one broker accepts: as announced (MQTT 5), or as learned when it closed the connection. */

/** No broker has a smaller limit, in bytes: one that closes the connection on less has another reason. */
const SUSPICIOUS = 4 * 1024

/** The assumed limit, in bytes, of a broker that closed the connection twice, unless it accepted more before. */
const LEARNED = 16 * 1024

export class PacketLimit {
  #announced = Number.POSITIVE_INFINITY
  #learned = Number.POSITIVE_INFINITY
  /** The largest packet that the broker acknowledged. */
  #taken = 0
  #suspects = false

  /** The largest packet that may be sent, in bytes; `Infinity` while no limit is known. */
  get bytes(): number {
    return Math.min(this.#announced, this.#learned)
  }

  /** @param announced Maximum Packet Size of the CONNACK */
  opened(announced: number | undefined): void {
    this.#announced = announced ?? Number.POSITIVE_INFINITY
  }

  acknowledged(bytes: number): void {
    this.#taken = Math.max(this.#taken, bytes)
  }

  /**
   * Whether a packet of this size must be sent alone: the broker closed the connection once, maybe because of the size.
   */
  alone(bytes: number): boolean {
    return this.#suspects && this.#tooLarge(bytes)
  }

  /**
   * The broker closed the connection without a reason, or because of the size, while packets of these sizes were not
   * acknowledged. The first time this can have any cause; the second time, when they were sent one by one, it was the
   * size.
   * @returns whether a limit was learned
   */
  hungUp(unacknowledged: readonly number[]): boolean {
    const largest = Math.max(0, ...unacknowledged)
    if (!this.#tooLarge(largest)) return false
    const before = this.#suspects
    this.#suspects = true
    if (!before) return false
    this.#learned = Math.max(this.#taken, Math.min(LEARNED, Math.floor(largest / 2)))
    return true
  }

  #tooLarge(bytes: number): boolean {
    return bytes > Math.max(this.#taken, SUSPICIOUS)
  }
}

export interface Sized {
  readonly topic: string
  readonly payload: string
  readonly correlation?: Buffer | undefined
  readonly expiry?: number | undefined
}

/** The bytes of a PUBLISH with QoS 1 or 2 (MQTT 5 section 3.3, MQTT 3.1.1 section 3.3). */
export function publishBytes({ topic, payload, correlation, expiry }: Sized, version: 4 | 5): number {
  const properties = (correlation ? 3 + correlation.length : 0) + (expiry === undefined ? 0 : 5)
  const head = 2 + Buffer.byteLength(topic) + 2 + (version === 5 ? lengthBytes(properties) + properties : 0)
  const rest = head + Buffer.byteLength(payload)
  return 1 + lengthBytes(rest) + rest
}

/** How many bytes of payload fit into a retained message on `topic`. */
export function largestPayload(topic: string, limit: number): number {
  return limit - publishBytes({ topic, payload: '' }, 5) - 3
}

/** The size of a variable byte integer (MQTT 5 section 1.5.5). */
function lengthBytes(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  return value < 2_097_152 ? 3 : 4
}
