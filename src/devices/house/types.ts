/** The house as a whole, as others see it. */

import type { Actor } from '../../core/actor.ts'
import type { ErrorBody } from '../../core/errors.ts'

/** `normal` gives each device back what it had before. */
export const HOUSE_MODES = ['normal', 'away', 'frost_protection', 'off'] as const
export type HouseMode = (typeof HOUSE_MODES)[number]

/**
 * What came of a mode for a device:
 * - `done`: the device has confirmed it
 * - `waiting`: it gets it when it answers again
 * - `failed`: it did not take it
 * - `changed`: somebody has set it to something else since, and that stays
 * - `skipped`: the mode has nothing that this device could do, such as a relay
 * - `superseded`: another mode was asked for meanwhile
 */
export const HOUSE_OUTCOMES = ['done', 'waiting', 'failed', 'changed', 'skipped', 'superseded'] as const
export type HouseOutcomeKind = (typeof HOUSE_OUTCOMES)[number]

/** A mode of the house, of a room, or of a device. */
export interface Moded {
  readonly mode: HouseMode
  /** ISO time; null until it is taken back. */
  readonly until: string | null
}

export interface HouseOutcome extends Moded {
  readonly serial: string
  readonly name: string
  readonly outcome: HouseOutcomeKind
  /** Why not; null when all is well. */
  readonly error: ErrorBody | null
}

export interface RoomView extends Moded {
  readonly name: string
  /** The serials of its devices, by their names as people count. */
  readonly devices: readonly string[]
}

/**
 * What is wrong with a device:
 * - `offline`: it does not answer
 * - `error`: it answers, and yet something stands in the way
 * - `refuses`: it will refuse commands, as the code of the error says
 * - `fault`: it reports a fault itself; the code is the key of its state
 * - `finding`: something about it is unusual; the code is the kind of the finding
 * - `mode`: it did not take the mode of the house
 * - `command`: it did not carry out the last command
 */
export const PROBLEM_KINDS = ['offline', 'error', 'refuses', 'fault', 'finding', 'mode', 'command'] as const
export type ProblemKind = (typeof PROBLEM_KINDS)[number]

export interface HouseProblem {
  readonly serial: string
  readonly name: string
  readonly kind: ProblemKind
  readonly code: string
  /** In English. */
  readonly message: string
}

export interface HouseNow {
  /** W, of all devices whose power is known; null if none is. */
  readonly power: number | null
  /** How many devices with a load do not tell their power now: then `power` is only a part. */
  readonly power_unknown: number
  /** The worst of each device with which something is wrong, by name. */
  readonly problems: readonly HouseProblem[]
}

export interface HouseView extends Moded, HouseNow {
  /** In the order that people gave them, then by name. */
  readonly rooms: readonly RoomView[]
  /** How many devices have which outcome of the last mode. */
  readonly counts: Readonly<Record<Exclude<HouseOutcomeKind, 'superseded'>, number>>
}

export interface HouseChange extends Moded {
  /** The room that it is for; null for another choice of devices, or the whole house. */
  readonly room: string | null
  readonly devices: readonly HouseOutcome[]
}

/** What can be asked of the house, for MQTT and REST. Every rejection is a `BridgeError`. */
export interface House {
  view(): HouseView
  /** What came of the last mode for each device that had one. */
  outcomes(): readonly HouseOutcome[]
  /**
   * Gives the house, a room or some devices a mode: `{"mode":"away","until":"2026-12-20T18:00","room":"Bathroom"}`, or
   * `devices` instead of `room`. Resolves when every device that answers has taken or refused it.
   * @throws BridgeError `BAD_REQUEST`, `OUT_OF_RANGE`; `INTERNAL` when it can't be stored, and then nothing was sent
   */
  set(command: unknown, by: Actor): Promise<HouseChange>
  /**
   * Puts a device into a room, which begins with its first device and ends with its last; null takes it out of its room.
   * @throws BridgeError `UNKNOWN_DEVICE`; `BAD_REQUEST` for an invalid name
   */
  setRoom(serial: string, room: unknown): void
  /**
   * Gives a room another name. The name of another room puts the two together; null takes all devices out of the room.
   * @throws BridgeError `BAD_REQUEST` for an unknown room or an invalid name
   */
  renameRoom(room: unknown, name: unknown): HouseView
  /** Puts the rooms in this order; those left out follow by name. @throws BridgeError `BAD_REQUEST` for an unknown room */
  orderRooms(rooms: unknown): HouseView
}
