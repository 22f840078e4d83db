/**
 * All that is known of one device. The parts that take in change it, those that show and plan read it, and they share nothing
 * else.
 */
import type { Model } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { Shared } from '../../core/shared.ts'
import { type BoostFacts, NO_BOOST } from '../boost/facts.ts'
import { DeviceClock } from '../clock/facts.ts'
import type { NamedZone } from '../clock/zones.ts'
import type { DeviceEnergy } from '../energy/facts.ts'
import { type DecidedFor, Disputes } from '../facts/disputes.ts'
import { choose } from '../facts/model.ts'
import { type Identity, Profile } from '../facts/profile.ts'
import { Readings } from '../facts/readings.ts'
import type { Rows } from '../facts/rows.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { Way } from '../link/way.ts'
import type { Finding } from '../news/finding-types.ts'
import { type Program, Weeks } from '../schedule/facts.ts'
import type { CommandOutcome } from './outcome.ts'

export interface Facts {
  readonly serial: string
  /** Who the device is, and what was learned of it; kept across restarts. */
  readonly profile: Profile
  /** What the device has said. */
  readonly readings: Readings
  /** What the device's documents leave open. */
  readonly disputes: Disputes
  readonly clock: DeviceClock
  boost: BoostFacts
  readonly weeks: Weeks
  /** What the load uses; undefined while nothing counts it. */
  readonly energy: DeviceEnergy | undefined
  /** Another address where something answers as this device; null for none. */
  rival: DeviceAddress | null
  /** Why the parameters can't be read although the device answers; null while they can. */
  unreadable: BridgeError | null
  /** The result of the last command. */
  outcome: CommandOutcome
  /** What is unusual about it, null while nobody watches it. The list is never changed, only replaced. */
  findings: readonly Finding[] | null
  /** Unix ms of the last good reply; null before the first. */
  lastSeen: number | null
  /** Unix ms at which the device last published something; null when it has not since the start. */
  lastPublished: number | null
}

/** What devices have in common, so that a thousand of them hold it once. */
export interface SharedFacts {
  readonly features: Shared<ReadonlySet<string>>
  readonly programs: Shared<Program>
}

export const sharedFacts = (): SharedFacts => ({ features: new Shared(), programs: new Shared() })

export interface FactsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly way: Pick<Way, 'clockOffset'>
  /** The indexed rows of a model. */
  readonly rows: (model: Model) => Rows
  /** Left out, it shares with no other device. */
  readonly shared?: SharedFacts | undefined
  /** The device's time zone by the settings. */
  readonly timezone?: NamedZone | undefined
  /** The owner's settings where the device's documents contradict each other. */
  readonly decided?: DecidedFor | undefined
  readonly energy?: DeviceEnergy | undefined
  /** Is called when something that is kept across restarts has changed. */
  readonly onIdentity: () => void
}

/** The facts of a device that has said nothing yet. */
export function beginWith(identity: Identity, options: FactsOptions): Facts {
  const { serial } = identity
  const { clock, logger, way, decided, timezone } = options
  const { features, programs } = options.shared ?? sharedFacts()
  const profile = new Profile(identity, options.onIdentity, features)
  const readings = new Readings(options.rows(choose(profile, new Map())))
  return {
    serial,
    profile,
    readings,
    disputes: new Disputes({ serial, clock, logger, readings, profile, decided }),
    clock: new DeviceClock({ logger, serial, timezone, readings, profile, way }),
    boost: NO_BOOST,
    weeks: new Weeks({ readings, profile, programs }),
    energy: options.energy,
    rival: null,
    unreadable: null,
    outcome: { refusal: null, rounding: null },
    findings: null,
    lastSeen: null,
    lastPublished: null,
  }
}
