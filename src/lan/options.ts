/** What a thermostat on the LAN needs from the rest of the bridge. */
import type { Model } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Shared } from '../core/shared.ts'
import type { Dialect } from '../protocol/d2w.ts'
import type { Week } from '../protocol/schedule.ts'
import type { ExchangeNote } from './exchange/index.ts'
import type { Lines } from './exchange/lines.ts'
import type { Address, Clearance, CounterBase, Keys } from './types.ts'

export interface LanDeviceOptions {
  readonly serial: string
  readonly address: Address
  readonly clock: Clock
  readonly keys: Keys
  /** Shared by everything that talks to devices; without it nothing else does. */
  readonly lines?: Lines
  /** The schedules of all devices, so that those with the same one hold it once; without it this one shares with none. */
  readonly weeks?: Shared<Week>
  /** Milliseconds for one whole exchange, from the connection to the last byte; up to three times that for a slow device. */
  readonly timeout: number
  /** Milliseconds for the first exchange, if that may take longer. */
  readonly patience?: number
  /** Milliseconds between the end of one exchange and the start of the next. */
  readonly minSpacing: number
  /** Whether to keep the connection open between requests. Some units become unstable with that. */
  readonly keepAlive: boolean
  readonly logger: Logger
  /** 0 ≤ n < 1; spreads the retries of several devices. */
  readonly random: () => number
  /** The counter base learned earlier; null if not known. */
  readonly counterBase: CounterBase | null
  readonly clearance: Clearance
  /** The dialect of the device according to its model; null: the dialect of its first answer. */
  readonly dialect?: () => Dialect | null
  /** Its model, for instructions at the device itself; null: not certain. */
  readonly model?: () => Pick<Model, 'lockWay'> | null
  /** Called after each request to the device. */
  readonly onExchange?: ((exchange: ExchangeNote) => void) | undefined
  /** The device showed that it uses another counter base than the one known so far. */
  readonly onCounterBase: (base: CounterBase) => void
  /** The device carried out a write, which shows that it accepts this key. */
  readonly onKeyAccepted?: (key: string) => void
}
