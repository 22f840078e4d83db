/** The interface of one thermostat on the LAN. */

import type { Dialect } from '../protocol/d2w.ts'
import type { DeviceTime, ParameterList, Telemetry, WireType } from '../protocol/replies.ts'
import type { EncodedDay, Week } from '../protocol/schedule.ts'

export interface Address {
  /** IP address or host name. */
  readonly host: string
  readonly port: number
}

/** Parameters 114 and 115, `m.3` of the telemetry. `lan`: writes must be signed; `both`: no network write is accepted. */
export type Lock = 'none' | 'cloud' | 'lan' | 'both'

/** The start from which a device counts its TOTP steps. */
export type CounterBase = '2000' | 'unix'

/** The stored TOTP keys, by serial. */
export interface Keys {
  get(serial: string): { readonly key: string } | undefined
  /**
   * Asks the cloud for a newer key, at its own pace. Resolves with true if the stored key now differs from `rejected`.
   * Never rejects.
   */
  refresh(serial: string, rejected: string | undefined): Promise<boolean>
  /** Why accounts could not be asked for a newer key at the last `refresh`, as sentences. */
  unasked?(serial: string): readonly string[]
}

/** One parameter to write. */
export interface Change {
  readonly id: number
  /** The type last received for this parameter. */
  readonly type: WireType
  /** Raw values that all mean what is wanted: the first is tried first, the next if the device ignores it. */
  readonly raws: readonly string[]
}

/** The result of a write, judged by what was read back. */
export interface WriteOutcome {
  /** Read back from the device: at least the written parameters, usually all. Empty if nothing was sent. */
  readonly parameters: ParameterList
  /** Ids whose value is not one of those wanted, although the device accepted the write. */
  readonly notApplied: readonly number[]
  /** The raw value that the device now shows, by id, for every change that it applied. */
  readonly used: ReadonlyMap<number, string>
}

export type ScheduleKind = 'floor' | 'air'

/**
 * Whether commands may be signed for the device's address: whoever answers there gets a code that can sign anything.
 */
export interface Clearance {
  /** The address is known to be the device's own. */
  readonly trusted: boolean
  /** Waits until commands may be signed. @throws BridgeError `ADDRESS_UNPROVEN` if they may not */
  clear(signal: AbortSignal): Promise<void>
  /** @throws BridgeError `ADDRESS_UNPROVEN` if commands may not be signed now */
  check(): void
  /** The device accepted a signed command. */
  accepted(): void
}

/**
 * One thermostat. Its requests go out one at a time, writes before reads. Every rejection is a `BridgeError`:
 *
 * - any request: `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BUSY`, `DEVICE_BAD_REPLY`, `DEVICE_WEDGED`
 * - writes also: `LAN_LOCKED` (locked, and it can't be signed for), `LOCKED_BOTH`, `KEY_MISSING`, `KEY_REJECTED`,
 *   `ADDRESS_UNPROVEN` (it can't be signed for where it is now), `NOT_APPLIED` (all but `write`, which tells by parameter), `OUTCOME_UNKNOWN`
 */
export interface LocalDevice {
  readonly address: Address
  /** Device clock minus host clock in seconds; null if the device's clock is not known. */
  readonly clockOffset: number | null
  readonly counterBase: CounterBase | null
  /** As last reported by the device; null before. */
  readonly lock: Lock | null
  /** Whether a request is in flight or waiting. */
  readonly busy: boolean
  /** Requests from now on go there. */
  setAddress(address: Address): void
  /** Accepts parameters that the device reported at its present address, as if they had been requested. */
  note(parameters: ParameterList): void
  readTelemetry(): Promise<Telemetry>
  readParameters(): Promise<ParameterList>
  readTime(): Promise<DeviceTime>
  readWeek(kind: ScheduleKind): Promise<Week>
  /**
   * Waits for its turn, then calls `prepare` once and writes the result, which can include changes made while waiting.
   * An empty list sends nothing. The promise rejects with whatever `prepare` throws.
   */
  write(prepare: () => readonly Change[] | Promise<readonly Change[]>): Promise<WriteOutcome>
  /**
   * All parameters back to factory values. Resolves with the parameters read back. This and the next are sent only
   * once: if nothing shows whether they were done, they reject with `OUTCOME_UNKNOWN`.
   */
  resetParameters(): Promise<ParameterList>
  resetSchedule(): Promise<void>
  /**
   * Replaces one day of the schedule. Resolves with the week read back.
   * @param otherwise the same day in other numbers, tried if the device does not accept the first
   */
  writeDay(kind: ScheduleKind, day: EncodedDay, otherwise?: EncodedDay): Promise<Week>
  /**
   * Sets the device's clock. This ends its synchronisation with the cloud, and a step back can block cloud commands for
   * that long: do it only at a person's explicit request.
   * @param time seconds since 2000
   * @param zone hours east of UTC
   */
  setTime(time: number, zone?: number): Promise<void>
  restart(): Promise<void>
  /** Makes the display blink, to find the unit in the house. */
  blink(): Promise<void>
  /** Lets a write in flight finish, within 3 s; rejects everything else with `DEVICE_UNREACHABLE`. */
  stop(): Promise<void>
}

/** The device that answers at an address. */
export interface Identity {
  /** Undefined if the reply contains none, like that of a D2W. */
  readonly serial: string | undefined
  readonly dialect: Dialect
  /** Empty if it answered only with its telemetry. */
  readonly parameters: ParameterList
  /** When it was asked, on the monotonic clock. */
  readonly at: number
}
