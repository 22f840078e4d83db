import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'

/** Why a beacon was not used. */
const DROP_REASONS = ['too_long', 'not_json', 'bad_serial', 'unconfirmed', 'flood'] as const
export type DropReason = (typeof DROP_REASONS)[number]

export type DropCounts = Readonly<Record<DropReason, number>>

const LOG_INTERVAL = 60_000

interface Tally {
  total: number
  unlogged: number
  loggedAt: number
}

/** Counts dropped beacons; logs them at most once a minute per reason. */
export class Drops {
  readonly #tallies: Readonly<Record<DropReason, Tally>>
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock
    this.#logger = options.logger
    const none = (): Tally => ({ total: 0, unlogged: 0, loggedAt: Number.NEGATIVE_INFINITY })
    this.#tallies = { too_long: none(), not_json: none(), bad_serial: none(), unconfirmed: none(), flood: none() }
  }

  /** @param from the sender of the latest one, for the log */
  count(reason: DropReason, from: string): void {
    const tally = this.#tallies[reason]
    tally.total++
    tally.unlogged++
    const now = this.#clock.monotonic()
    if (now - tally.loggedAt < LOG_INTERVAL) return
    tally.loggedAt = now
    // Unconfirmed beacons are normal: every device is unconfirmed until it was asked, and other kinds of devices stay
    // so.
    const level = reason === 'unconfirmed' ? 'debug' : 'info'
    this.#logger[level]({ reason, count: tally.unlogged, from }, 'Dropped beacons')
    tally.unlogged = 0
  }

  counts(): DropCounts {
    const { too_long, not_json, bad_serial, unconfirmed, flood } = this.#tallies
    return {
      too_long: too_long.total,
      not_json: not_json.total,
      bad_serial: bad_serial.total,
      unconfirmed: unconfirmed.total,
      flood: flood.total,
    }
  }
}
