/** Admission: limits on connections and wrong passwords. */
import { Backoff, perAddress } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { networkOf } from '../../core/network/addresses.ts'

export class Doors {
  readonly #most: number
  readonly #guesses: Backoff
  readonly #logger: Logger
  readonly #connections = new Map<string, number>()

  /** @param most the most connections from one address */
  constructor(most: number, clock: Clock, logger: Logger) {
    this.#most = most
    this.#guesses = new Backoff(perAddress(clock))
    this.#logger = logger
  }

  /** Counts a connection until `leave`; false if the address has enough. */
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
   * Counts a sign-in attempt; false, without counting, if there were too many from that address. Then even a correct
   * password is refused, since accepting it would reveal it. Other addresses are not affected.
   */
  mayTry(address: string): boolean {
    const network = networkOf(address)
    if (this.#guesses.blockedFor(network) > 0) return false
    const tries = this.#guesses.add(network)
    if (this.#guesses.begins(tries)) {
      const message =
        'There are many sign-in attempts at the embedded MQTT broker with a wrong user name or password: somebody is guessing, or a client has an old password. That address has to wait longer and longer between attempts.'
      this.#logger.warn({ address, tries }, message)
    }
    return true
  }

  /** The attempt succeeded: earlier failures from there are forgotten. */
  succeeded(address: string): void {
    this.#guesses.forget(networkOf(address))
  }
}
