import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BoostMemory } from '../boost/facts.ts'
import type { EnergyMemory } from '../energy/energy.ts'
import type { DecidedFor } from '../facts/disputes.ts'
import type { HouseMemory } from '../house/entry.ts'
import type { RoomMemory } from '../house/rooms.ts'
import type { Connect, ConnectUnlocated, DeviceAddress } from '../link/link.ts'
import type { Silence } from '../link/silence.ts'
import type { NewsMemory } from '../news/news.ts'
import type { DeviceMemory, KeyRing } from '../ports.ts'
import type { NameMemory } from './names.ts'

/** A device named in the settings. */
export interface ConfiguredDevice {
  readonly serial: string
  readonly host: string | null
  readonly port: number
  readonly name: string | null
  /** W that the load draws while it is on; null uses the device's own figure. */
  readonly power?: number | null
  /** IANA name of the clock's time zone; null uses what is learned. */
  readonly timezone?: string | null
}

export interface RegistryOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly memory: DeviceMemory
  readonly keys: KeyRing
  readonly connect: Connect
  /** Left out, nothing can be sent to a device whose address is not known. */
  readonly connectUnlocated?: ConnectUnlocated
  readonly configured: readonly ConfiguredDevice[]
  /** The owner's settings where a device's documents contradict each other. */
  readonly decided?: DecidedFor
  readonly pollInterval: number
  /** Milliseconds between two polls of a device that publishes its measurements by itself. */
  readonly heardInterval?: number | undefined
  /** Keeps the energy counted; left out, the count begins at zero. */
  readonly energy?: EnergyMemory
  /** Keeps the names that people give; left out, they last until the next start. */
  readonly names?: NameMemory
  /** Keeps the rooms; left out, they last until the next start. */
  readonly rooms?: RoomMemory
  /** Keeps the modes of the house, and what each device had before; left out, they end with the bridge. */
  readonly house?: HouseMemory
  /** Keeps the boosts that the bridge times; left out, they end with the bridge. */
  readonly boosts?: BoostMemory
  /** Keeps what was told; left out, everything is told again after a start. */
  readonly news?: NewsMemory
  /** Asks whether a device answers at an address under its serial. Left out, it answers only at its present address. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Milliseconds for which no other host may have spoken for a device before commands are signed for a new address. */
  readonly quiet?: number | undefined
  /** Keeps for how long that was so while the bridge restarts. Left out, it begins anew with each start. */
  readonly silence?: Silence | undefined
  /** Removes every known secret from a text; left out, there are no secrets. */
  readonly scrub?: (text: string) => string
  /** Tells discovery where a known serial is, so that its beacons need no confirmation. */
  readonly onLocated: (serial: string, address: DeviceAddress) => void
  /** Tells discovery that a serial is no longer known. */
  readonly onForgotten?: (serial: string) => void
}
