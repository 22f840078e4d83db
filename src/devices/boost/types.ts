/** A setpoint that the bridge holds for a while, on a device that has no timer of its own. */

/** What a key of a command can be. */
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
  /** °C: what the boost has written, or was about to write, the latest last. */
  readonly setpoints: readonly number[]
  /** What was there before, by key. */
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
  /** The boost that this is about. */
  readonly boost: Boost
  /** What runs afterwards. */
  readonly then: Boost | null
}

/** A boost as the state shows it. */
export interface ShownBoost {
  /** Unix ms. */
  readonly ends: number
  /** Seconds left, in whole minutes. */
  readonly left: number
  /** °C */
  readonly setpoint: number | null
}

/** What keeps boosts across restarts. */
export interface BoostMemory {
  load(): readonly StoredBoost[]
  /** In one commit. */
  save(boost: StoredBoost): void
  /** Resolves when what was saved is on the disk; without it, it is when `save` returns. */
  durable?(): Promise<void>
  forget(serial: string): void
}
