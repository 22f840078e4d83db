import type { Logger } from '../../core/logging/logger.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { KnownDevice } from '../thermostat-options.ts'

/**
 * Whether what answers at an address is another device than that of the serial, which does not say in its answers who it is:
 * one that is known to be there.
 */
export function isOthers(all: ReadonlyMap<string, KnownDevice>, own: string, { host, port }: DeviceAddress): boolean {
  if (all.get(own)?.mayBeNameless !== true) return false
  for (const { serial, address, online } of all.values()) {
    if (serial !== own && online && address?.host === host && address.port === port) return true
  }
  return false
}

/** Thermostats that nothing but beacons names: at one address, where there is one and perhaps those of before; and in all. */
const MOST_AT_ONE = 3
const MOST = 2_000

/** Bounds what one host can make up: it may answer under as many serials as it likes, each of which would be stored and asked. */
export class Newcomers {
  readonly #all: ReadonlyMap<string, KnownDevice>
  readonly #logger: Logger
  #said = false

  constructor(all: ReadonlyMap<string, KnownDevice>, logger: Logger) {
    this.#all = all
    this.#logger = logger
  }

  /** Whether a thermostat that was found there is taken in: one that is known always is. */
  takes(serial: string, { host, port }: DeviceAddress): boolean {
    if (this.#all.has(serial)) return true
    const strangers = [...this.#all.values()].filter(({ identity: { sources } }) => sources.join() === 'beacon')
    const there = strangers.filter(({ address }) => address?.host === host && address.port === port)
    if (there.length < MOST_AT_ONE && strangers.length < MOST) return true
    if (!this.#said) {
      this.#logger.warn(
        { serial, host },
        `A thermostat was found at ${host} but not accepted: ${there.length} others were already found at that address, and none of them is in an account or in the settings. If it is yours, add it under devices or add its account. If not, check what answers at ${host}.`,
      )
    }
    this.#said = true
    return false
  }
}
