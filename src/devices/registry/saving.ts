import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Identity } from '../facts/profile.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { DeviceMemory, StoredDevice } from '../ports.ts'

/** Milliseconds to gather changes before a commit: they come in bursts, and each commit waits for the disk. */
const SAVE_AFTER = 250

/** Devices in one commit: few enough not to hold anything up. */
const AT_ONCE = 250

/** Milliseconds until the next try with a store that failed. */
const TRY_AGAIN = 60_000

interface Kept {
  readonly identity: Identity
  readonly address: DeviceAddress | null
}

export interface SavingOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly memory: Pick<DeviceMemory, 'save'>
}

/** Stores what becomes known of devices. A failing store keeps no device from working. */
export class Saving {
  readonly #options: SavingOptions
  readonly #unsaved = new Set<Kept>()
  #timer: Timer | undefined
  #failing = false

  constructor(options: SavingOptions) {
    this.#options = options
  }

  soon(device: Kept): void {
    this.#unsaved.add(device)
    this.#timer ??= this.#options.clock.timer(SAVE_AFTER, () => this.#save())
  }

  forget(device: Kept): void {
    this.#unsaved.delete(device)
  }

  /** Saves what waits, and does not try again. */
  stop(): void {
    this.#save(this.#unsaved.size)
    this.#timer?.cancel()
  }

  #save(most = AT_ONCE): void {
    const { clock, logger, memory } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#unsaved.size === 0) return
    const now: Kept[] = []
    for (const device of this.#unsaved) if (now.push(device) >= most) break
    try {
      memory.save(...now.map(record))
      for (const device of now) this.#unsaved.delete(device)
      this.#failing = false
      if (this.#unsaved.size > 0) this.#timer = clock.timer(0, () => this.#save())
    } catch (err) {
      if (!this.#failing) {
        const message =
          'What is learned about devices can’t be saved now. They keep working; the bridge tries again every minute.'
        logger.error({ err }, message)
      }
      this.#failing = true
      this.#timer = clock.timer(TRY_AGAIN, () => this.#save())
    }
  }
}

/** What is known of a device that has just become known. */
export function newcomer(serial: string, source: string): StoredDevice {
  return {
    serial,
    hw: null,
    name: null,
    host: null,
    port: null,
    counterBase: null,
    learned: {},
    features: [],
    sources: [source],
  }
}

function record({ identity, address }: Kept): StoredDevice {
  const { host, port } = address ?? { host: null, port: null }
  return { ...identity, host, port }
}
