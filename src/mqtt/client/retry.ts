/** Decides when to try which address again. */

/**
 * Waits between rounds of all addresses, in milliseconds: none before the first round, a random time up to SPREAD
 * before the second, so that a hundred bridges do not return to one broker at once, and then increasing up to
 * LONGEST_WAIT.
 */
const SPREAD = 10_000
const FIRST_GROWTH = 2_000
const LONGEST_WAIT = 20_000

export class Retry {
  readonly #count: number
  readonly #random: () => number
  /** Addresses that may be tried before the next wait. */
  #tries: number
  #round = 0

  /**
   * @param count of the addresses
   * @param random 0 ≤ r < 1
   */
  constructor(count: number, random: () => number) {
    this.#count = count
    this.#random = random
    this.#tries = count
  }

  /** After a good connection, all addresses may be tried at once, and the waits start small again. */
  reset(): void {
    this.#round = 0
    this.#tries = this.#count + 1
  }

  /** How long to wait before the next address, in milliseconds; undefined for no wait. */
  next(): number | undefined {
    this.#tries--
    if (this.#tries > 0) return undefined
    const growth = this.#round === 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_GROWTH * 2 ** (this.#round - 1))
    this.#round = Math.min(this.#round + 1, 10)
    this.#tries = this.#count
    return growth + this.#random() * SPREAD
  }
}
