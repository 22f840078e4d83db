/** Measures MQTT packets as their bytes arrive, so that a too large packet is stopped before it fills memory. */

/** Bytes of the length in a fixed header (MQTT 3.1.1, section 2.2.3). */
const LONGEST_LENGTH = 4

/** The type of a SUBSCRIBE, in the upper half of its first byte. */
const SUBSCRIBE = 8

export class PacketGuard {
  readonly #limit: number
  readonly #first: number
  readonly #subscribe: number
  #packets = 0
  /** Remaining body bytes of the current packet; 0 between packets. */
  #body = 0
  /** Bytes of the fixed header seen so far. */
  #header = 0
  #type = 0
  #length = 0

  /** The largest body in bytes: of the first packet (from an unknown client), of later ones, and of a SUBSCRIBE. */
  constructor(first: number, limit: number, subscribe = limit) {
    this.#first = first
    this.#limit = limit
    this.#subscribe = subscribe
  }

  /** Body bytes of an incomplete packet, which the reader must keep. */
  get arriving(): number {
    return this.#body > 0 ? this.#length - this.#body : 0
  }

  /** Checks the next bytes; false if a packet in them is too large or has an invalid length. */
  accepts(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#body > 0) {
        const taken = Math.min(this.#body, chunk.length - at)
        this.#body -= taken
        at += taken
      } else if (!this.#takeHeader(chunk[at++] ?? 0)) return false
    }
    return true
  }

  #takeHeader(byte: number): boolean {
    this.#header++
    if (this.#header === 1) {
      this.#type = byte >> 4
      this.#length = 0
      return true
    }
    const place = this.#header - 2
    this.#length += (byte & 0x7f) * 128 ** place
    if (byte & 0x80) return place + 1 < LONGEST_LENGTH
    this.#header = 0
    this.#body = this.#length
    return (
      this.#length <= (this.#packets++ === 0 ? this.#first : this.#type === SUBSCRIBE ? this.#subscribe : this.#limit)
    )
  }
}
