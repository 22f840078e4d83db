import type { Model } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import type { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Boost, BoostMemory } from './boost/facts.ts'
import type { NamedZone } from './clock/zones.ts'
import type { DeviceEnergy } from './energy/facts.ts'
import type { Called } from './facts/called.ts'
import type { DecidedFor } from './facts/disputes.ts'
import type { Identity } from './facts/profile.ts'
import type { Rows } from './facts/rows.ts'
import type { Connect, ConnectUnlocated, DeviceAddress } from './link/link.ts'
import type { Silence } from './link/silence.ts'
import type { Asked, CameOfIt, ChangeAtDevice } from './news/command-events.ts'
import type { DeviceView } from './ports.ts'
import type { SharedFacts } from './state/facts.ts'
import type { CommandOutcome } from './state/outcome.ts'

/** A thermostat as it appears to listeners, and to those who go through all thermostats. */
export interface KnownDevice {
  readonly serial: string
  readonly identity: Identity
  readonly address: DeviceAddress | null
  readonly online: boolean
  /** Whether the device's answers do not say who it is, or nobody knows yet whether they do. */
  readonly mayBeNameless: boolean
  view(): DeviceView
  /** Takes in what became known elsewhere: name and version from the account, the `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'firmware' | 'sources'>>): void
  /** Shows the result of the last command. */
  told(outcome: CommandOutcome): void
}

/** Listeners for the changes of a device. */
export interface Listeners {
  /** The state differs from the one shown last. */
  readonly onState: (device: KnownDevice) => void
  /** What is known of the weekly schedules has changed. */
  readonly onSchedule?: (device: KnownDevice) => void
  readonly onAvailability: (device: KnownDevice, error: BridgeError | null) => void
  /** The name, model, address, features or what was learned of the device changed. */
  readonly onIdentity: (device: KnownDevice) => void
  /** The bridge has carried out a command of its own, or could not. */
  readonly onOwn?: (device: KnownDevice, asked: Asked, outcome: CameOfIt | BridgeError) => void
  /** Somebody has changed something at the device itself, or with its vendor's app. */
  readonly onChangeAtDevice?: (device: KnownDevice, change: ChangeAtDevice) => void
  /** A command waits for so many ms, because the device's address is not proven yet. */
  readonly onWait?: (device: KnownDevice, ms: number) => void
}

export interface ThermostatOptions extends Listeners {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly pollInterval: number
  /** The owner's settings where the device's documents contradict each other. */
  readonly decided?: DecidedFor | undefined
  /** Milliseconds between two polls while the device publishes its measurements by itself. */
  readonly heardInterval?: number | undefined
  readonly connect: Connect
  /** Left out, nothing can be sent to a device whose address is not known. */
  readonly connectUnlocated?: ConnectUnlocated | undefined
  /** The indexed rows of a model. */
  readonly rows: (model: Model) => Rows
  /** Left out, it shares with no other device. */
  readonly shared?: SharedFacts | undefined
  /** The device's time zone by the settings. */
  readonly timezone?: NamedZone | undefined
  /** Counts what the load uses; left out, that is not known. */
  readonly energy?: DeviceEnergy | undefined
  /** Keeps what a boost has changed; left out, a boost does not outlive the bridge. */
  readonly boosts?: BoostMemory | undefined
  /** The boost that ran when the bridge stopped. */
  readonly boost?: Boost | undefined
  readonly keySource: (serial: string) => string | null
  /** What the device is called, given the name `own` from its account. Left out, that name is used. */
  readonly called?: (serial: string, own: string | null) => Called
  /** The room that a device is in. Left out, it is in none. */
  readonly room?: (serial: string) => string | null
  /** Asks whether the device answers at an address under its serial. Left out, it answers only at its present address. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Whether another device is known to be at an address now. This tells apart devices that do not say who they are. */
  readonly isOthers?: ((address: DeviceAddress) => boolean) | undefined
  /** Milliseconds for which no other host may have spoken for the device before commands are signed for a new address. */
  readonly quiet?: number | undefined
  /** Keeps for how long that was so while the bridge restarts. Left out, it begins anew with each start. */
  readonly silence?: Silence | undefined
  /** The device is at another address now. @param hw what the beacon that led there said */
  readonly onMove?: (device: KnownDevice, address: DeviceAddress, hw: string | null) => void
}
