import type { Model } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import type { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Boost, BoostMemory } from './boost/facts.ts'
import type { Zone } from './clock/zones.ts'
import type { DeviceEnergy } from './energy/facts.ts'
import type { Called } from './facts/called.ts'
import type { DecidedFor } from './facts/disputes.ts'
import type { Identity } from './facts/profile.ts'
import type { Rows } from './facts/rows.ts'
import type { Connect, ConnectUnlocated, DeviceAddress } from './link/link.ts'
import type { DeviceView } from './ports.ts'
import type { CommandOutcome } from './state/outcome.ts'

/** A thermostat as those see it who hear of it, or look through all of them. */
export interface KnownDevice {
  readonly serial: string
  readonly identity: Identity
  readonly address: DeviceAddress | null
  readonly online: boolean
  /** Whether its answers do not say who it is, or nobody knows yet. */
  readonly mayBeNameless: boolean
  view(): DeviceView
  /** Takes in what became known of it elsewhere: the account's name and version of it, its `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'firmware' | 'sources'>>): void
  /** Shows what came of the last command. */
  told(outcome: CommandOutcome): void
}

/** Who hears of its changes. */
export interface Listeners {
  /** Its state differs from the one shown last. */
  readonly onState: (device: KnownDevice) => void
  /** What is known of its weekly schedules differs. */
  readonly onSchedule?: (device: KnownDevice) => void
  readonly onAvailability: (device: KnownDevice, error: BridgeError | null) => void
  /** Its name, model, address, features or what was learned of it changed. */
  readonly onIdentity: (device: KnownDevice) => void
}

export interface ThermostatOptions extends Listeners {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly pollInterval: number
  /** What the settings say where its documents contradict each other. */
  readonly decided?: DecidedFor | undefined
  /** Time between two polls in ms while it publishes what it measures by itself. */
  readonly heardInterval?: number | undefined
  readonly connect: Connect
  /** Without it nothing can be said to a device of which no address is known. */
  readonly connectUnlocated?: ConnectUnlocated | undefined
  /** The indexed rows of a model. */
  readonly rows: (model: Model) => Rows
  /** Where it is by the settings. */
  readonly timezone?: Zone | undefined
  /** Counts what its load uses; without it that is not known. */
  readonly energy?: DeviceEnergy | undefined
  /** Keeps what a boost has changed; without it a boost does not outlive the bridge. */
  readonly boosts?: BoostMemory | undefined
  /** The boost that ran when the bridge ended. */
  readonly boost?: Boost | undefined
  readonly keySource: (serial: string) => string | null
  /** What it is called, where its account calls it `own`; without this, so. */
  readonly called?: (serial: string, own: string | null) => Called
  /** Asks whether it answers somewhere under its serial; without it, it answers nowhere but where it is. */
  readonly ask?: ((serial: string, address: DeviceAddress) => Promise<boolean>) | undefined
  /** Whether another device is known to be there now, which tells apart those that do not say who they are. */
  readonly isOthers?: ((address: DeviceAddress) => boolean) | undefined
  /** Milliseconds for which nobody else may have spoken for it before commands are signed for a new address. */
  readonly quiet?: number | undefined
  /** It is to be found at another address now; `hw`: what the beacon said that led there. */
  readonly onMove?: (device: KnownDevice, address: DeviceAddress, hw: string | null) => void
}
