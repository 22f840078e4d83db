/**
 * The shape of a catalog row. A datapoint is declared once, as a row. Its decoding and encoding, its limits, its key in
 * the MQTT state and in `/set`, its Home Assistant entity, its REST schema and its line in the reference follow from
 * that row.
 */

/** Wire types of the `par` lists: 0 string, 1 int8, 2 uint8, 3 int16, 4 uint16, 5 int32, 6 uint32, 7 bool. */
export type WireType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** A datapoint's value; null if the device does not report it. */
export type Value = number | string | boolean | null

/** How a raw number of the wire becomes a value, and back. */
export type Scale =
  /** `raw / divide`, in the row's unit. */
  | { readonly as: 'number'; readonly divide?: number; readonly times?: number }
  /**
   * °C; tenths if the wire type is int16, whole degrees otherwise. `always`: 127 and −127 mean that the load is always
   * on and always off.
   */
  | { readonly as: 'setpoint'; readonly always?: true }
  /** Connected load in W: `p ≤ 150 ? 10·p : 20·p − 1500`. */
  | { readonly as: 'load' }
  /** `inverted`: 1 is false. */
  | { readonly as: 'boolean'; readonly inverted?: true }
  /**
   * A label for each raw value. Several raw values may have one label: the first is written, the others are tried after
   * it.
   */
  | { readonly as: 'enum'; readonly labels: Readonly<Record<number, string>> }
  /** Seconds since 2000-01-01 in the device's own time or in UTC. Each value in `none` means that no time is set. */
  | { readonly as: 'time'; readonly zone: 'device' | 'utc'; readonly none: readonly [number, ...number[]] }
  /** Minutes since midnight, as HH:MM. */
  | { readonly as: 'timeOfDay' }

/** The kind of fault: a lost or broken sensor, overheating, or anything else. */
export type FaultKind = 'sensor' | 'overheating' | 'other'

/** Which limits apply to a setpoint: those of the floor, of the air, or of the control type in force. */
export type Limits = 'floor' | 'air' | 'control'

/** By floor: `tt`, `{"cmd":2}`; by air: `ttAir`, `{"cmd":10}`. */
export type ScheduleKind = 'floor' | 'air'

export type Platform = 'sensor' | 'binary_sensor' | 'number' | 'switch' | 'select' | 'text' | 'climate'

/** How Home Assistant shows the datapoint, where that does not follow from type and access. */
export interface Entity {
  readonly platform?: Platform
  readonly deviceClass?: string
  readonly stateClass?: 'measurement' | 'total_increasing'
  readonly category?: 'config' | 'diagnostic'
  /** Enabled by default in Home Assistant, because people use it every day. All others exist but are disabled. */
  readonly shown?: true
  /** Hidden by conventions that support hiding: the climate entity shows it anyway, or hardly anybody needs it. */
  readonly seldom?: true
  /** Decimals to show. */
  readonly precision?: number
  readonly icon?: string
  /** The main function of the device; its entity has the name of the device. */
  readonly main?: true
}

/** The source of a row: the vendors' documents of the local API, or what owners captured from a model. */
export type DocumentId = 'terneo' | 'az' | 'oz' | 'old' | 'ms' | 'd2w' | 'captured_sx'

interface Documented {
  /** The documents that print the row, in their chapter on parameters or on telemetry. */
  readonly documents: readonly [DocumentId, ...DocumentId[]]
}

interface RowBase {
  /** Key in the MQTT state and in REST. */
  readonly key: string
  /** Name of the entity. */
  readonly name: string
  /** Its meaning, in a sentence. */
  readonly text: string
  readonly access: 'read' | 'write'
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly limits?: Limits
  /** The value true means that something is wrong with the device. The kind decides which event reports it. */
  readonly fault?: true | Exclude<FaultKind, 'other'>
  /** `platform: 'climate'`: what the climate entity shows and sets. */
  readonly entity: Entity
}

/** A row of the `par` list. */
export interface ParameterRow extends RowBase, Documented {
  readonly id: number
  /** The vendor's name of it. */
  readonly vendor: string
  /** The documented wire type; what is sent back is the type last received. */
  readonly wire: WireType
  readonly scale: Scale
  /** Another reading, from another text of the vendor. The device shows which of the two is right. */
  readonly otherwise?: { readonly scale: Scale; readonly min?: number; readonly step?: number }
  /** A maximum lower than `max`, from another text of the vendor. It applies if the device accepts no more. */
  readonly orMax?: number
}

/** A field of the telemetry. */
export interface TelemetryRow extends RowBase, Documented {
  readonly field: string
  readonly scale: Scale
}

/** A telemetry field that repeats a parameter: a more current source of the same key. */
export interface MirrorRow extends Documented {
  readonly field: string
  readonly mirrors: string
  readonly scale: Scale
}

/** A key computed from others. */
export interface DerivedRow extends RowBase {
  readonly type: DatapointType
  readonly values?: readonly string[]
}

export type DatapointType = 'number' | 'boolean' | 'enum' | 'text' | 'timestamp' | 'timeOfDay'

/** One key of the state, whatever its source. MQTT, REST, Home Assistant and the reference are made from it. */
export interface Datapoint extends RowBase {
  readonly type: DatapointType
  /** The labels of an enum. */
  readonly values?: readonly string[]
  /** A whole number. */
  readonly whole?: true
  /** Where it comes from: `parameter 26`, `telemetry t.1`, or `derived`. */
  readonly origin: string
  /** Its source: document and chapter. */
  readonly source: string
}

/** The kind of device: it controls a temperature, switches a load, or switches it depending on the mains voltage. */
export type Kind = 'thermostat' | 'relay' | 'voltage_relay'

/**
 * The format of a device's messages. `list`: `par` is a list of `[id, type, value]`, telemetry is flat, and `sn`
 * identifies the device. `object`: `par` is an object of numbers and booleans, telemetry is nested, and nothing
 * identifies the device.
 */
export type Dialect = 'list' | 'object'

/** How the lock is changed at the device: in a menu or with a button; `lock-ways.ts` has the texts. */
export type LockWay = 'terneo_menu' | 'welrok_menu' | 'right_button' | 'unknown'

export interface Model {
  readonly id: string
  readonly kind: Kind
  readonly dialect: Dialect
  readonly vendor: 'Terneo' | 'Welrok'
  /** The vendor's document of it. */
  readonly document: DocumentId
  /** Its name in the trade. */
  readonly name: string
  /** The `hw` values of beacons, in lower case. */
  readonly hw: readonly string[]
  readonly parameters: readonly ParameterRow[]
  readonly telemetry: readonly (TelemetryRow | MirrorRow)[]
  readonly derived: readonly DerivedRow[]
  /** The keys of the parameters for the start and end of away; null for a device without away. */
  readonly away: { readonly start: string; readonly end: string } | null
  /** Whether the device has a timer of its own, used for boost. */
  readonly timer: boolean
  /**
   * The time zone of its clock: the device reports it along with the time (`told`), reports it and accepts a new one
   * (`set`), always uses UTC, or nothing is known.
   */
  readonly zone: 'told' | 'set' | 'utc' | 'unknown'
  /** Its weekly schedules. A device with only one follows it, whatever sensor controls. */
  readonly schedules: readonly ScheduleKind[]
  readonly lockWay: LockWay
  /**
   * Whether its document describes a page on the device itself, `/index.html`, for the connection to the cloud and its
   * lock.
   */
  readonly ownPage: boolean
  /** Whether its schedule can contain always on and always off in place of a setpoint. */
  readonly onOffSetpoints: boolean
}
