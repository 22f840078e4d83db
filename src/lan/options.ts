/** What one thermostat on the LAN needs from the rest of the bridge. */
import type { Model } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Dialect } from '../protocol/d2w.ts'
import type { ExchangeNote } from './exchange/index.ts'
import type { Lines } from './exchange/lines.ts'
import type { Address, Clearance, CounterBase, Keys } from './types.ts'

export interface LanDeviceOptions {
  readonly serial: string
  readonly address: Address
  readonly clock: Clock
  readonly keys: Keys
  /** Shared by all who talk to devices; left out, nobody else does. */
  readonly lines?: Lines
  /** Milliseconds for one whole exchange, from the connection to the last byte; up to three times that for a slow device. */
  readonly timeout: number
  /** Milliseconds for the first exchange, where that may take longer. */
  readonly patience?: number
  /** Milliseconds between the end of one exchange and the start of the next. */
  readonly minSpacing: number
  /** Keep the connection open between requests. Some units become unstable from it. */
  readonly keepAlive: boolean
  readonly logger: Logger
  /** 0 ≤ n < 1; spreads the retries of several devices. */
  readonly random: () => number
  /** The counter base learned earlier; null when not known. */
  readonly counterBase: CounterBase | null
  readonly clearance: Clearance
  /** The dialect that the device is known to speak, as its model says; null: the one that it answers in first. */
  readonly dialect?: () => Dialect | null
  /** What it is, for what has to be done at the device itself; null: not certain. */
  readonly model?: () => Pick<Model, 'lockWay'> | null
  /** Told of each request to the device. */
  readonly onExchange?: ((exchange: ExchangeNote) => void) | undefined
  /** The device showed which counter base it uses, and it is not the one known so far. */
  readonly onCounterBase: (base: CounterBase) => void
  /** The device showed, by a write that it did, that it takes this key. */
  readonly onKeyAccepted?: (key: string) => void
}
