import type { Logger } from '../../core/logging/logger.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { KnownDevice } from '../thermostat-options.ts'

/**
 * Whether the device at an address is known to be another one than that of this serial. It asks about devices whose answers do
 * not say who they are.
 */
export function isOthers(all: ReadonlyMap<string, KnownDevice>, own: string, { host, port }: DeviceAddress): boolean {
  if (all.get(own)?.mayBeNameless !== true) return false
  for (const { serial, address, online } of all.values()) {
    if (serial !== own && online && address?.host === host && address.port === port) return true
  }
  return false
}

/** The most thermostats known from beacons alone: at one address (one, and perhaps ones that it replaced), and in all. */
const MOST_AT_ONE = 3
const MOST = 2_000

/** Limits what one host can make up: it may answer under any number of serials, each of which would be stored and polled. */
export class Newcomers {
  readonly #all: ReadonlyMap<string, KnownDevice>
  readonly #logger: Logger
  #said = false

  constructor(all: ReadonlyMap<string, KnownDevice>, logger: Logger) {
    this.#all = all
    this.#logger = logger
  }

  /** Whether a thermostat found at this address is taken in; a known one always is. */
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
