import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BoostMemory } from '../boost/facts.ts'
import type { EnergyMemory } from '../energy/energy.ts'
import type { DecidedFor } from '../facts/disputes.ts'
import type { Connect, ConnectUnlocated, DeviceAddress } from '../link/link.ts'
import type { NewsMemory } from '../news/news.ts'
import type { DeviceMemory, KeyRing } from '../ports.ts'
import type { NameMemory } from './names.ts'

/** A device of the settings. */
export interface ConfiguredDevice {
  readonly serial: string
  readonly host: string | null
  readonly port: number
  readonly name: string | null
  /** W that its load draws while it is on; null for what the device says. */
  readonly power?: number | null
  /** IANA name of the time zone of its clock; null for what is learned of it. */
  readonly timezone?: string | null
}

export interface RegistryOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly memory: DeviceMemory
  readonly keys: KeyRing
  readonly connect: Connect
  /** Without it nothing can be said to a device of which no address is known. */
  readonly connectUnlocated?: ConnectUnlocated
  readonly configured: readonly ConfiguredDevice[]
  /** What the settings say where the documents of a device contradict each other. */
  readonly decided?: DecidedFor
  readonly pollInterval: number
  /** Time between two polls in ms of a device that publishes what it measures by itself. */
  readonly heardInterval?: number | undefined
  /** What keeps the energy that is counted; without it that begins at nothing. */
  readonly energy?: EnergyMemory
  /** What keeps the names that people give; without it they last until the next start. */
  readonly names?: NameMemory
  /** What keeps the boosts that the bridge times; without it they end with the bridge. */
  readonly boosts?: BoostMemory
  /** What keeps what was told; without it everything is told again after a start. */
  readonly news?: NewsMemory
  /** Asks whether a device answers at an address under its serial; without it, it answers nowhere but where it is. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Milliseconds for which nobody else may have spoken for a device before commands are signed for a new address. */
  readonly quiet?: number | undefined
  /** Takes every known secret out of a text; left out, there is none. */
  readonly scrub?: (text: string) => string
  /** Tells discovery where a known serial is, so that it need not confirm its beacons. */
  readonly onLocated: (serial: string, address: DeviceAddress) => void
  /** Tells discovery that a serial is no longer known. */
  readonly onForgotten?: (serial: string) => void
}
