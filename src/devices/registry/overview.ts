import type { Clock } from '../../core/clock.ts'
import type { UpdateView } from '../../updates/types.ts'
import type { Accounts, Bridge, BridgeInfo, Devices } from '../ports.ts'

export interface OverviewOptions {
  readonly clock: Clock
  readonly version: string
  /** Empty for a bridge that shares its broker with no other. */
  readonly site?: string
  readonly devices: Devices
  readonly accounts: Accounts
  /** The newest version; absent if nobody asks for it. */
  readonly update?: (() => UpdateView | null) | undefined
  /** Stops the bridge in an orderly way and starts it again, however the process was started. */
  readonly restart: () => void
}

/** Milliseconds between the answer to a restart request and the restart. */
const RESTART_AFTER = 200

/** Milliseconds that a search waits for beacons. Devices send a few a minute; a known device answers its poll sooner. */
const SEARCH = 3_000

/** The bridge as a whole. */
export class Overview implements Bridge {
  readonly #options: OverviewOptions
  readonly #started: string

  constructor(options: OverviewOptions) {
    this.#options = options
    this.#started = new Date(options.clock.now()).toISOString()
  }

  info(): BridgeInfo {
    const { version, site, accounts, devices, update } = this.#options
    return {
      version,
      ...(site ? { site } : {}),
      started: this.#started,
      accounts: accounts.list(),
      devices: devices.count,
      ...(update ? { update: update() } : {}),
    }
  }

  async discover(): Promise<{ readonly devices: number }> {
    const { clock, devices } = this.#options
    const offline = devices.list().filter((view) => view.address && !view.online)
    await Promise.all([
      new Promise<void>((resolve) => clock.timer(SEARCH, resolve)),
      ...offline.map((view) => devices.refresh(view.serial).catch(() => undefined)),
    ])
    return { devices: devices.count.total }
  }

  async restart(): Promise<void> {
    this.#options.clock.timer(RESTART_AFTER, this.#options.restart)
  }
}
