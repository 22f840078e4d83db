/** What one thermostat on the LAN offers. */

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

/** Which start a device counts its TOTP steps from. */
export type CounterBase = '2000' | 'unix'

/** The TOTP keys that are held, by serial. */
export interface Keys {
  get(serial: string): { readonly key: string } | undefined
  /**
   * Asks the cloud for a newer key, at its own pace. Resolves true when the key held now differs from `rejected`. Never
   * rejects.
   */
  refresh(serial: string, rejected: string | undefined): Promise<boolean>
  /** Why accounts could not be asked for a newer key at the last `refresh`, in sentences. */
  unasked?(serial: string): readonly string[]
}

/** One parameter to write. */
export interface Change {
  readonly id: number
  /** The type last received for this parameter. */
  readonly type: WireType
  /** Raw values that all mean what is wanted: the first is tried first, the next when the device ignores it. */
  readonly raws: readonly string[]
}

/** What a write did, told by what was read back. */
export interface WriteOutcome {
  /** Read back from the device: at least the parameters written, usually all. Empty when nothing was sent. */
  readonly parameters: ParameterList
  /** Ids whose value read back is none of those wanted, though the device accepted the write. */
  readonly notApplied: readonly number[]
  /** The raw value that the device now shows, by id, of every change that it took. */
  readonly used: ReadonlyMap<number, string>
}

export type ScheduleKind = 'floor' | 'air'

/** Whether a command may be signed for where the device is: whoever answers there gets a code that signs anything. */
export interface Clearance {
  /** Known to be the device's own. */
  readonly trusted: boolean
  /** Waits until commands may be signed. @throws BridgeError `ADDRESS_UNPROVEN` when they may not */
  clear(signal: AbortSignal): Promise<void>
  /** @throws BridgeError `ADDRESS_UNPROVEN` when none may be signed now */
  check(): void
  /** The device took a signed command. */
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
  /** Device clock minus host clock in seconds; null when the device's clock is not known. */
  readonly clockOffset: number | null
  readonly counterBase: CounterBase | null
  /** As last told by the device; null before it told. */
  readonly lock: Lock | null
  /** Whether a request is in flight or waits. */
  readonly busy: boolean
  /** Requests from now on go there. */
  setAddress(address: Address): void
  /** Takes in parameters that the device told where it is now, as if they had been asked for. */
  note(parameters: ParameterList): void
  readTelemetry(): Promise<Telemetry>
  readParameters(): Promise<ParameterList>
  readTime(): Promise<DeviceTime>
  readWeek(kind: ScheduleKind): Promise<Week>
  /**
   * Waits for its turn, then calls `prepare` once and writes what it returns, so that changes that came while it waited
   * can be in it. An empty list sends nothing. What `prepare` throws is what the promise rejects with.
   */
  write(prepare: () => readonly Change[] | Promise<readonly Change[]>): Promise<WriteOutcome>
  /**
   * All parameters back to factory values. Resolves with the parameters read back. It and the next are sent once: where
   * nothing shows whether it was done, with `OUTCOME_UNKNOWN`.
   */
  resetParameters(): Promise<ParameterList>
  resetSchedule(): Promise<void>
  /**
   * Replaces one day of the schedule. Resolves with the week read back.
   * @param otherwise the same day in other numbers, tried when the device does not take the first
   */
  writeDay(kind: ScheduleKind, day: EncodedDay, otherwise?: EncodedDay): Promise<Week>
  /**
   * Sets the device's clock. That ends its synchronisation with the cloud, and a step back can block cloud commands for
   * as long: only ever at a person's explicit request.
   * @param time seconds since 2000
   * @param zone hours east of UTC
   */
  setTime(time: number, zone?: number): Promise<void>
  restart(): Promise<void>
  /** Lets the display blink, to find the unit in the house. */
  blink(): Promise<void>
  /** Lets a write in flight finish, within 3 s; rejects everything else with `DEVICE_UNREACHABLE`. */
  stop(): Promise<void>
}

/** Who answers at an address. */
export interface Identity {
  /** Undefined when the reply names none, as that of a D2W. */
  readonly serial: string | undefined
  readonly dialect: Dialect
  /** Empty where it answered with its telemetry alone. */
  readonly parameters: ParameterList
  /** When it was asked, on the monotonic clock. */
  readonly at: number
}
