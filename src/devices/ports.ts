/**
 * What `devices` needs from, and offers to, the rest. `lan`, `cloud` and `store` satisfy the first part by shape alone;
 * `mqtt`, `homeassistant` and `api` see the bridge through the second part.
 */
import type { Actor } from '../core/actor.ts'
import type { ErrorBody } from '../core/errors.ts'
import type { EventBus } from '../core/events.ts'
import type { JsonValue } from '../core/json.ts'
import type { UpdateView } from '../updates/types.ts'
import type { NameSource } from './facts/called.ts'
import type { House, HouseView } from './house/types.ts'
import type { BridgeEvent } from './news/event-types.ts'
import type { DeviceSchedule, ScheduleOptions, ScheduleResult, ScheduleView } from './schedule/types.ts'

export * from './house/types.ts'
export * from './news/event-types.ts'
export * from './news/finding-types.ts'
export * from './schedule/types.ts'
export * from './state/outcome.ts'

// --- needed ---------------------------------------------------------------------------------------------------------

/** The TOTP key of one device: 16 raw ASCII characters. */
export interface DeviceKey {
  readonly key: string
  /** The id of the account that gave it, or `config`. */
  readonly source: string
  /** Unix ms at which it was first seen. */
  readonly since: number
}

export interface KeyRing {
  get(serial: string): DeviceKey | undefined
  /**
   * Asks the cloud once for a newer key, rate-limited. Resolves true when the key held now differs from `rejected`,
   * false when it does not or the cloud could not be asked. Never rejects.
   */
  refresh(serial: string, rejected: string | undefined): Promise<boolean>
}

/** Where a device starts to count its TOTP steps (owners' code disagrees); learned from the first accepted write. */
export type CounterBase = '2000' | 'unix'

/** What is kept of a device across restarts. */
export interface StoredDevice {
  readonly serial: string
  readonly hw: string | null
  readonly name: string | null
  /** The firmware version, as the account lists it. */
  readonly firmware?: string | null
  readonly host: string | null
  readonly port: number | null
  /** The address that last took a signed command; left out or null when none did. */
  readonly proven?: { readonly host: string; readonly port: number } | null
  readonly counterBase: CounterBase | null
  /** Things learned from the device itself, such as the code it takes for manual mode. */
  readonly learned: Readonly<Record<string, number>>
  /** The keys of the state that the device has shown to have, so that its entities exist before it answers. */
  readonly features: readonly string[]
  /** How it became known: `config`, `beacon`, or `account:<id>`. */
  readonly sources: readonly string[]
}

export interface DeviceMemory {
  load(): StoredDevice[]
  /** Saves in one commit. */
  save(...devices: readonly StoredDevice[]): void
  forget(serial: string): void
}

// --- offered --------------------------------------------------------------------------------------------------------

/** The state as MQTT and REST show it: every key of the model is always there, null when unknown. */
export type DeviceState = Readonly<Record<string, JsonValue>>

export interface DeviceHealth {
  /** Unix ms of the last good reply; null before the first. */
  readonly lastSeen: number | null
  /** Unix ms at which it last published, over its own MQTT, something of use; null when it has not since the start. */
  readonly lastPublished: number | null
  readonly failures: number
  /** Why the device is offline, or what prevents commands; null when all is well. */
  readonly error: ErrorBody | null
  readonly keySource: string | null
  /** Device clock minus host clock in seconds, null when unknown. */
  readonly clockOffset: number | null
  readonly counterBase: CounterBase | null
  /** Another host that answers as this device while the device is at its address; null for none. */
  readonly rival: string | null
}

export interface DeviceView {
  readonly serial: string
  readonly name: string
  readonly nameSource: NameSource
  /** The room that people put it into; null for none. */
  readonly room: string | null
  /** Catalog model id, such as `ax` or `oz`. */
  readonly model: string
  /** What the device calls itself in beacons. */
  readonly hw: string | null
  /** The firmware version as the account lists it, else as the device shows it; null when neither does. */
  readonly firmware: string | null
  readonly address: { readonly host: string; readonly port: number } | null
  readonly online: boolean
  readonly state: DeviceState
  /** Keys of `state` that this unit has shown to have; they become entities. */
  readonly features: ReadonlySet<string>
  /** The step in °C of the setpoint in force: 1 where the device takes whole degrees, 0.5 where it holds tenths. */
  readonly setpointStep: number
  /** IANA name of the zone that its local times (away, schedule) are in; null: that of the bridge. */
  readonly timezone: string | null
  /** The same object as long as it does not change. */
  readonly schedule: DeviceSchedule
  readonly health: DeviceHealth
  readonly sources: readonly string[]
}

/** What a command did. */
export interface CommandResult {
  /** The state just before the command was sent. */
  readonly before: DeviceState
  /** The state read back from the device. */
  readonly state: DeviceState
  /** Keys whose value had to be rounded to what the device can hold: asked and set. */
  readonly rounded: Readonly<Record<string, { readonly asked: number; readonly set: number }>>
  /** Keys of this command that a later command, merged into the same write, replaced. */
  readonly superseded: readonly string[]
}

export const ACTIONS = [
  'restart',
  'blink',
  'reset_parameters',
  'reset_schedule',
  'sync_clock',
  'reset_energy',
  'accept_lock',
] as const
export type DeviceAction = (typeof ACTIONS)[number]

export interface DeviceEvents {
  /** A device became known, or its name, room, model, address or features changed. */
  readonly device: DeviceView
  readonly removed: { readonly serial: string }
  /** Its state differs from the last one emitted. */
  readonly state: DeviceView
  readonly availability: DeviceView
  /** What is known of its weekly schedules differs from before. */
  readonly schedule: DeviceView
  /** What is known of the house as a whole differs from before. */
  readonly house: HouseView
  readonly event: BridgeEvent
  /** A command and what came of it, or a change at a device: for the log, and too frequent to be told as an `event`. */
  readonly logged: BridgeEvent
  /** What `bridge/info` shows may have changed. */
  readonly info: undefined
}

export interface DeviceCount {
  readonly total: number
  readonly online: number
}

/** The devices, for MQTT, Home Assistant and REST. Every rejection is a `BridgeError`. */
export interface Devices {
  readonly events: EventBus<DeviceEvents>
  /** Kept up to date, not counted at each call: it costs nothing, however many devices there are. */
  readonly count: DeviceCount
  /** Rooms, and what is asked of all devices at once. */
  readonly house: House
  list(): readonly DeviceView[]
  /** The serials of all devices, for going through them one by one. */
  serials(): readonly string[]
  get(serial: string): DeviceView | undefined
  /**
   * Validates `command` (an object of state or parameter keys), sends it as one signed write together with whatever else
   * waits for the device, and resolves when the values read back are the values written.
   * @param by for the device's log, as in all that follows
   */
  set(serial: string, command: unknown, by: Actor): Promise<CommandResult>
  /**
   * Shows on a device that a command to it was refused before it reached this interface. Refusals of `set`, `action` and
   * `setSchedule` are shown automatically. Does nothing for an unknown device.
   * @param about the keys of the command, or the action
   */
  refused(serial: string, about: readonly string[], error: unknown, by: Actor): void
  /** Reads everything from the device now. */
  refresh(serial: string): Promise<DeviceView>
  action(serial: string, action: DeviceAction, by: Actor): Promise<void>
  /** The weekly schedules as last read, with the device's place in them. @throws BridgeError `UNKNOWN_DEVICE` */
  schedule(serial: string): ScheduleView
  /**
   * Writes the days that `command` names (`{"floor":{"monday":[…],"copy":{"from":"monday","to":["tuesday"]}}}`) and reads each
   * back. Rejects when the device did not take all of them; `details` name those that it took. A dry run checks everything
   * against the device and its schedule and writes nothing; `written` then holds the days that would be written.
   */
  setSchedule(serial: string, command: unknown, by: Actor, options?: ScheduleOptions): Promise<ScheduleResult>
  /**
   * Gives the device a name; null restores the name that it has without one.
   * @throws BridgeError `BAD_REQUEST` for an invalid name, and for a device whose name the settings fix
   */
  rename(serial: string, name: unknown): Promise<DeviceView>
  /**
   * Forgets the device and every key held for it. It comes back when an account lists it or a beacon of it is confirmed.
   * @throws BridgeError `BAD_REQUEST` for a device that the settings name
   */
  forget(serial: string): Promise<void>
}

export const ACCOUNT_STATES = [
  'signed_out',
  'signing_in',
  'code_needed',
  'ready',
  'auth_failed',
  'unreachable',
] as const
export type AccountState = (typeof ACCOUNT_STATES)[number]

export interface AccountView {
  readonly id: string
  readonly provider: string
  readonly state: AccountState
  /** Whether its service can ask for a code besides the password. */
  readonly takes_code: boolean
  /** Where such a code comes from; null if there is none. */
  readonly code_from: 'email' | 'phone' | 'app' | null
  /** Whether it is known where its device list is: without one, the account brings neither thermostats nor keys. */
  readonly lists_devices: boolean
  /** How many devices the account's last list named. */
  readonly devices: number
  /** ISO time of the last good sync; null before the first. */
  readonly last_sync: string | null
  readonly error: ErrorBody | null
}

/** The cloud accounts, for MQTT and REST. Every rejection is a `BridgeError`. */
export interface Accounts {
  list(): readonly AccountView[]
  /** Fetches the device list now; all accounts when `id` is left out. Resolves with the accounts' new states. */
  sync(id?: string): Promise<readonly AccountView[]>
  /** Signs in now, even after `auth_failed`. */
  login(id: string): Promise<AccountView>
  /** Submits the code of the second factor. @throws BridgeError `BAD_REQUEST` when the account waits for no code */
  submitCode(id: string, code: string): Promise<AccountView>
  /**
   * Manages an account's second factor by authenticator app. What it returns is shown this once only.
   * @throws BridgeError `BAD_REQUEST` when the service has no such factor, or does not allow the operation now
   */
  totp(id: string, operation: TotpOperation, input: { readonly token?: string | undefined }): Promise<TotpResult>
  /** Ends the session, and revokes it if the service can. The account stays signed out until `login`. */
  logout(id: string): Promise<AccountView>
}

export type TotpOperation = TotpResult['operation']

/** Named as in the service's document. None of it may be kept, logged or shown again. */
export type TotpResult =
  | { readonly operation: 'setup'; readonly secret_key: string; readonly provisioning_uri: string }
  | { readonly operation: 'activate'; readonly recovery_codes: readonly string[] }
  | { readonly operation: 'verify'; readonly account: AccountView }
  | { readonly operation: 'deactivate' }

/** Something wrong with the bridge as a whole, which only a person can set right. */
export interface BridgeProblem {
  readonly code:
    | 'another_bridge'
    | 'standing_by'
    | 'client_id_taken'
    | 'mqtt_no_read'
    | 'mqtt_no_write'
    | 'mqtt_too_large'
    | 'mqtt_port_taken'
  /** What it means and what to do. */
  readonly message: string
}

export interface BridgeInfo {
  readonly version: string
  /** The name of the bridge's site; left out when it has none. */
  readonly site?: string
  /** ISO time of the start. */
  readonly started: string
  readonly accounts: readonly AccountView[]
  readonly devices: DeviceCount
  /** The newest version; null while it is not known, left out if nobody asks for it. */
  readonly update?: UpdateView | null
}

/** What the bridge as a whole can be asked to do (`bridge/request/*`, REST). */
export interface Bridge {
  info(): BridgeInfo
  /** Listens for beacons again and polls what was found. */
  discover(): Promise<{ readonly devices: number }>
  /** Stops and starts the bridge again in the same process, after answering. */
  restart(): Promise<void>
}
