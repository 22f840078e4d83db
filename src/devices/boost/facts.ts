/** A setpoint that the bridge holds for a while, on a device that has no timer of its own. */

/** A value that a command can give a key. */
export type PlainValue = number | string | boolean | null

export const BOOST_KEYS = ['temporary_setpoint', 'manual_floor_setpoint', 'manual_air_setpoint'] as const

/** The setpoint that a boost changes: the schedule's temporary one, or the manual one of the sensor that controls. */
export type BoostKey = (typeof BOOST_KEYS)[number]

/** One boost, as it is kept until it is over. */
export interface Boost {
  /** Unix ms. */
  readonly started: number
  /** Unix ms. */
  readonly ends: number
  readonly key: BoostKey
  /** °C: the setpoints that the boost has written, or was about to write, the newest last. */
  readonly setpoints: readonly number[]
  /** The values before the boost, by key. */
  readonly before: Readonly<Record<string, PlainValue>>
  /** The period of the schedule when `before` was read; null when the device did not say. */
  readonly period: number | null
}

export interface StoredBoost extends Boost {
  readonly serial: string
}

/** What is written to a device at the end of a boost, or at a change of its schedule. */
export interface PutBack {
  readonly values: Readonly<Record<string, unknown>>
  /** The boost that has ended or changed. */
  readonly boost: Boost
  /** The boost that runs afterwards. */
  readonly next: Boost | null
}

/** What is known of the boosts that the bridge times. */
export interface BoostFacts {
  /** The one that runs, or that a command on its way begins. */
  readonly running: Boost | null
  /** Whether the device has shown that it took the boost's setpoint. */
  readonly seen: boolean
  /** When it ends, on the monotonic clock. */
  readonly deadline: number
}

export const NO_BOOST: BoostFacts = { running: null, seen: false, deadline: 0 }

/** What keeps boosts across restarts. */
export interface BoostMemory {
  load(): readonly StoredBoost[]
  /** Saves in one commit. */
  save(boost: StoredBoost): void
  /** Resolves when what was saved is on disk. Left out: it is on disk when `save` returns. */
  durable?(): Promise<void>
  forget(serial: string): void
}
