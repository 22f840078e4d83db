/** All that is known of one device: what takes in changes it, what shows and plans reads it, and nothing else passes between them. */
import type { Model } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { type BoostFacts, NO_BOOST } from '../boost/facts.ts'
import { DeviceClock } from '../clock/facts.ts'
import type { Zone } from '../clock/zones.ts'
import type { DeviceEnergy } from '../energy/facts.ts'
import { type DecidedFor, Disputes } from '../facts/disputes.ts'
import { choose } from '../facts/model.ts'
import { type Identity, Profile } from '../facts/profile.ts'
import { Readings } from '../facts/readings.ts'
import type { Rows } from '../facts/rows.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { Way } from '../link/way.ts'
import { Weeks } from '../schedule/facts.ts'
import type { CommandOutcome } from './outcome.ts'

export interface Facts {
  readonly serial: string
  /** Who it is, and what was learned of it: kept across restarts. */
  readonly profile: Profile
  /** What it has said. */
  readonly readings: Readings
  /** What its documents leave open. */
  readonly disputes: Disputes
  readonly clock: DeviceClock
  boost: BoostFacts
  readonly weeks: Weeks
  /** What its load uses; undefined while nobody counts. */
  readonly energy: DeviceEnergy | undefined
  /** Where else something answers as this device; null for nowhere. */
  rival: DeviceAddress | null
  /** Why its parameters can't be read, though it answers; null while they can. */
  unreadable: BridgeError | null
  /** What came of the last command. */
  outcome: CommandOutcome
  /** Unix ms of the last good reply; null before the first. */
  lastSeen: number | null
  /** Unix ms at which it last said something without being asked; null when it has not since the start. */
  lastPublished: number | null
}

export interface FactsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly way: Pick<Way, 'clockOffset'>
  /** The indexed rows of a model. */
  readonly rows: (model: Model) => Rows
  /** Where it is by the settings. */
  readonly timezone?: Zone | undefined
  /** What the settings say where its documents contradict each other. */
  readonly decided?: DecidedFor | undefined
  readonly energy?: DeviceEnergy | undefined
  /** Hears when what is kept of it across restarts has changed. */
  readonly onIdentity: () => void
}

/** What is known of a device that has said nothing yet. */
export function beginWith(identity: Identity, options: FactsOptions): Facts {
  const { serial } = identity
  const profile = new Profile(identity, options.onIdentity)
  const readings = new Readings(options.rows(choose(profile, new Map())))
  const known = { ...options, serial, profile, readings }
  return {
    serial,
    profile,
    readings,
    disputes: new Disputes(known),
    clock: new DeviceClock(known),
    boost: NO_BOOST,
    weeks: new Weeks(known),
    energy: options.energy,
    rival: null,
    unreadable: null,
    outcome: { refusal: null, rounding: null },
    lastSeen: null,
    lastPublished: null,
  }
}
