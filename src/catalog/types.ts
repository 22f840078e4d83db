/**
 * What a row of the catalog can say. A datapoint is declared once, as a row, and from it follow its decoding and encoding,
 * its limits, its key in the MQTT state and in `/set`, its Home Assistant entity, its REST schema and its line in the
 * reference.
 */

/** Wire types of the `par` lists: 0 string, 1 int8, 2 uint8, 3 int16, 4 uint16, 5 int32, 6 uint32, 7 bool. */
export type WireType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** What a datapoint's value can be; null when the device does not say. */
export type Value = number | string | boolean | null

/** How a raw number of the wire becomes a value, and back. */
export type Scale =
  /** `raw / divide`, in the row's unit. */
  | { readonly as: 'number'; readonly divide?: number; readonly times?: number }
  /** °C; tenths when the wire type is int16, whole degrees otherwise. */
  | { readonly as: 'setpoint' }
  /** Connected load in W: `p ≤ 150 ? 10·p : 20·p − 1500`. */
  | { readonly as: 'load' }
  | { readonly as: 'boolean' }
  /** A label per raw value. Several raw values may mean one label: the first is written, the others are tried after it. */
  | { readonly as: 'enum'; readonly labels: Readonly<Record<number, string>> }
  /** Seconds since 2000-01-01 in the device's own time or in UTC; each of `none` means that no time is set. */
  | { readonly as: 'time'; readonly zone: 'device' | 'utc'; readonly none: readonly [number, ...number[]] }
  /** Minutes since midnight, as HH:MM. */
  | { readonly as: 'timeOfDay' }

/** The limits in force for a setpoint: those of the floor, of the air, or of the control type in force. */
export type Limits = 'floor' | 'air' | 'control'

export type Platform = 'sensor' | 'binary_sensor' | 'number' | 'switch' | 'select' | 'text' | 'climate'

/** How Home Assistant shows the datapoint, as far as it does not follow from type and access. */
export interface Entity {
  readonly platform?: Platform
  readonly deviceClass?: string
  readonly stateClass?: 'measurement' | 'total_increasing'
  readonly category?: 'config' | 'diagnostic'
  /** Not enabled by default. */
  readonly disabled?: true
  /** Decimals to show. */
  readonly precision?: number
  readonly icon?: string
}

interface RowBase {
  /** Key in the MQTT state and in REST. */
  readonly key: string
  /** Name of the entity. */
  readonly name: string
  /** What it is, in a sentence. */
  readonly text: string
  readonly access: 'read' | 'write'
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly limits?: Limits
  /** True means that something is wrong with the device. */
  readonly fault?: true
  /** null: no entity of its own. */
  readonly entity?: Entity | null
}

/** A row of the `par` list. */
export interface ParameterRow extends RowBase {
  readonly id: number
  /** The vendor's name of it. */
  readonly vendor: string
  /** The documented wire type; what is sent back is the type last received. */
  readonly wire: WireType
  readonly scale: Scale
}

/** A field of the telemetry. */
export interface TelemetryRow extends RowBase {
  readonly field: string
  readonly scale: Scale
}

/** A telemetry field that repeats a parameter: a fresher source of the same key. */
export interface MirrorRow {
  readonly field: string
  readonly mirrors: string
  readonly scale: Scale
}

/** A key that follows from others. */
export interface DerivedRow extends RowBase {
  readonly type: DatapointType
  readonly values?: readonly string[]
}

export type DatapointType = 'number' | 'boolean' | 'enum' | 'text' | 'timestamp' | 'timeOfDay'

/** One key of the state, whatever it comes from: what MQTT, REST, Home Assistant and the reference are made of. */
export interface Datapoint extends RowBase {
  readonly type: DatapointType
  /** The labels of an enum. */
  readonly values?: readonly string[]
  /** Where it comes from: `parameter 26`, `telemetry t.1`, or `derived`. */
  readonly origin: string
}

export interface Model {
  readonly id: string
  readonly vendor: 'Terneo' | 'Welrok'
  /** As people know it. */
  readonly name: string
  /** The `hw` values of beacons, in lower case. */
  readonly hw: readonly string[]
  readonly parameters: readonly ParameterRow[]
  readonly telemetry: readonly (TelemetryRow | MirrorRow)[]
  readonly derived: readonly DerivedRow[]
  /** The keys of the parameters that hold start and end of away. */
  readonly away: { readonly start: string; readonly end: string }
  /** Whether the device has a timer of its own, used for boost. */
  readonly timer: boolean
}
