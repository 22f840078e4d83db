/** The way to one device, as `devices` needs it; `lan` provides it. Every rejection is a `BridgeError`. */
import type { Dialect, Model, ScheduleKind, WireType } from '../../catalog/index.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { DeviceTime, ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { EncodedDay, Week } from '../../protocol/schedule.ts'
import type { CounterBase } from '../ports.ts'

export interface DeviceAddress {
  readonly host: string
  readonly port: number
}

/** A device's answer to a request for its parameters that another part of the bridge made. */
export interface Said {
  readonly parameters: ParameterList
  /** When the device was asked, on the monotonic clock. */
  readonly at: number
}

/** One parameter to write; `raws` are alternatives, tried in order. */
export interface PlannedChange {
  readonly id: number
  readonly type: WireType
  readonly raws: readonly string[]
}

export interface LinkOutcome {
  /** The parameters read back after the write; empty when nothing had to be written. */
  readonly parameters: ParameterList
  /** The ids whose value read back is not one of those written. */
  readonly notApplied: readonly number[]
  /** The raw value that the device took, by id. */
  readonly used: ReadonlyMap<number, string>
  /** Why the device took none of `notApplied`, if that is known and is not the device's own choice. */
  readonly why?: BridgeError
}

/** Says what to write, at once or after doing what has to be done before. */
export type Prepare = () => readonly PlannedChange[] | Promise<readonly PlannedChange[]>

export interface DeviceLink {
  readonly address: DeviceAddress
  setAddress(address: DeviceAddress): void
  /** Seconds by which the device's clock is ahead of the host's wall clock in UTC; null until the device has told it. */
  readonly clockOffset: number | null
  /** Takes in parameters that the device told at its present address, as if this link had asked for them. */
  note(parameters: ParameterList): void
  readTelemetry(): Promise<Telemetry>
  readParameters(): Promise<ParameterList>
  readTime(): Promise<DeviceTime>
  /** Waits for its turn, then asks `prepare` once what to write. */
  write(prepare: Prepare): Promise<LinkOutcome>
  resetParameters(): Promise<ParameterList>
  resetSchedule(): Promise<unknown>
  readWeek(kind: ScheduleKind): Promise<Week>
  /**
   * Replaces one day, given in wire form; resolves with the week read back.
   * @param otherwise the same day in other numbers, for a device that does not take the first
   */
  writeDay(kind: ScheduleKind, day: EncodedDay, otherwise?: EncodedDay): Promise<Week>
  /** @param time seconds since 2000 @param zone hours east of UTC, for a device that holds one */
  setTime(time: number, zone?: number): Promise<void>
  restart(): Promise<void>
  blink(): Promise<void>
  stop(): Promise<void>
}

/** Whether a command may be signed for the device's present address: whoever is there gets to see the code. */
export interface Clearance {
  /** Whether the owner named the address, or it took a signed command before. */
  readonly trusted: boolean
  /**
   * Waits up to a minute until commands may be signed for the address. Call it outside the device's turns.
   * @throws BridgeError `ADDRESS_UNPROVEN` when they may not
   */
  clear(signal: AbortSignal): Promise<void>
  /** Checks right before a command is signed. @throws BridgeError `ADDRESS_UNPROVEN` when it may not be */
  check(): void
  /** The device took a signed command at the address. */
  accepted(): void
}

/** What a link tells and asks of its owner. */
export interface LinkOwner {
  readonly serial: string
  readonly counterBase: CounterBase | null
  /** How the device writes its messages, if its model is known; null: the dialect that it answers to first. */
  readonly dialect: Dialect | null
  /** The model; null while it is not certain. */
  readonly model: Model | null
  readonly clearance: Clearance
  onCounterBase(base: CounterBase): void
}

/** Makes the link to a device that publishes by itself but whose address is not known. */
export type ConnectUnlocated = (owner: LinkOwner) => DeviceLink

/** Makes the link to a device at an address; given by `app.ts`. */
export type Connect = (address: DeviceAddress, owner: LinkOwner) => DeviceLink
