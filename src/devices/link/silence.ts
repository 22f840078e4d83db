import type { Clock } from '../../core/clock.ts'
import type { DeviceAddress } from './link.ts'

/** The longest restart in ms. A device sends a few beacons a minute, so hardly one is missed meanwhile. */
const LONGEST_PAUSE = 10_000

/**
 * For how long nobody else has spoken for devices whose address is not proven, kept while the bridge restarts in its process.
 * Otherwise each change of the settings, of which the first day has many, would let commands wait for another minute.
 *
 * This is almost as safe as without a restart: one beacon may be missed meanwhile. Only time counts for which the bridge has
 * listened: not the pause, and nothing if the pause was long. A beacon from elsewhere, true or forged, ends the silence before
 * the restart and after it, and who restarts the bridge is no stranger. It is not in the store for the same reason. While no
 * process runs, nobody listens. The true device may come back then, and whoever was taken for it would get a code that is good
 * for the true one.
 */
export class Silence {
  readonly #clock: Clock
  readonly #kept = new Map<string, { readonly quiet: number; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The bridge stops. @param quiet ms for which nobody else has spoken for the device */
  keep(serial: string, address: DeviceAddress, quiet: number): void {
    this.#kept.set(placeOf(serial, address), { quiet, at: this.#clock.monotonic() })
  }

  /** The bridge listens again. Returns, once, what was kept for the device at this address; 0 for nothing. */
  take(serial: string, address: DeviceAddress): number {
    const place = placeOf(serial, address)
    const kept = this.#kept.get(place)
    this.#kept.delete(place)
    return kept && this.#clock.monotonic() - kept.at <= LONGEST_PAUSE ? kept.quiet : 0
  }
}

const placeOf = (serial: string, { host, port }: DeviceAddress): string => `${serial} ${host} ${port}`
