/** Who gets in: so many connections at once, and so many wrong passwords. */
import { Backoff, perAddress } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { networkOf } from '../../core/network.ts'

export class Doors {
  readonly #most: number
  readonly #guesses: Backoff
  readonly #logger: Logger
  readonly #connections = new Map<string, number>()

  /** @param most connections from one address */
  constructor(most: number, clock: Clock, logger: Logger) {
    this.#most = most
    this.#guesses = new Backoff(perAddress(clock))
    this.#logger = logger
  }

  /** Counts a connection until `leave`; false when that address has enough. */
  enter(address: string): boolean {
    const network = networkOf(address)
    const count = this.#connections.get(network) ?? 0
    if (count >= this.#most) return false
    this.#connections.set(network, count + 1)
    return true
  }

  leave(address: string): void {
    const network = networkOf(address)
    const count = (this.#connections.get(network) ?? 0) - 1
    if (count > 0) this.#connections.set(network, count)
    else this.#connections.delete(network)
  }

  /**
   * Counts a try to sign in; false, without counting, when there were too many from that address. Then a right password is
   * refused as well, since the answer would tell the guesser which it is. Other addresses are not touched.
   */
  mayTry(address: string): boolean {
    const network = networkOf(address)
    if (this.#guesses.blockedFor(network) > 0) return false
    const tries = this.#guesses.add(network)
    if (this.#guesses.begins(tries)) {
      const message =
        'There are many tries to sign in at the embedded MQTT broker with a wrong user name or password: somebody is guessing, or a client there has an old password. That address has to wait longer and longer between two tries.'
      this.#logger.warn({ address, tries }, message)
    }
    return true
  }

  /** The try was right: what went wrong before, from there, is forgotten. */
  succeeded(address: string): void {
    this.#guesses.forget(networkOf(address))
  }
}
