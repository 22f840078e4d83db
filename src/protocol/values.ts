/** Converts raw values on the wire to values of the catalog, and back. */
import type { ParameterRow, Scale, Value, WireType } from '../catalog/index.ts'
import { BridgeError } from '../core/errors.ts'
import { deviceTimeToIso, isoToDeviceTime, LATEST_TIME, minutesToTime, timeToMinutes } from './epoch.ts'

const NUMBER = /^-?\d{1,12}(\.\d{1,6})?$/
const INT16 = 3

/** The °C value that means always on, and negative always off, where a scale says so. */
export const ALWAYS = 127

/** 127 as in the documents of OZ, for an int16 that they print in tenths. */
const ALWAYS_AS_PRINTED = 127

/**
 * Always on as an int16: the documents leave open whether they mean 127 or 127 °C. 127 °C is tried first: a unit that
 * accepts it behaves the same either way, while 127 might mean 12.7 °C to it.
 */
const ALWAYS_INT16 = [1270, ALWAYS_AS_PRINTED] as const

/** Two decimals are more than any device measures; without rounding, 0.1 + 0.2 would be visible. */
const tidy = (value: number): number => Math.round(value * 100) / 100

const loadToWatts = (p: number): number => (p <= 150 ? 10 * p : 20 * p - 1500)
const wattsToLoad = (watts: number): number => (watts <= 1500 ? watts / 10 : (watts + 1500) / 20)

/**
 * The meaning of a raw value, or null if it has none: not a number, an unknown label, no time set.
 * @param wire the wire type received with it; telemetry has none
 */
export function decodeValue(scale: Scale, raw: string, wire?: WireType): Value {
  const number = raw === 'true' ? 1 : raw === 'false' ? 0 : NUMBER.test(raw) ? Number(raw) : Number.NaN
  if (Number.isNaN(number)) return null
  switch (scale.as) {
    case 'number':
      return tidy((number * (scale.times ?? 1)) / (scale.divide ?? 1))
    case 'setpoint':
      return decodeSetpoint(number, wire, scale.always)
    case 'load':
      return loadToWatts(number)
    case 'boolean':
      return (number !== 0) !== (scale.inverted ?? false)
    case 'enum':
      return scale.labels[number] ?? null
    case 'time':
      return scale.none.includes(number) || number < 0 || number > LATEST_TIME
        ? null
        : deviceTimeToIso(number, scale.zone)
    case 'timeOfDay':
      return Number.isInteger(number) && number >= 0 && number < 1440 ? minutesToTime(number) : null
  }
}

function decodeSetpoint(number: number, wire: WireType | undefined, always = false): number {
  if (wire !== INT16) return number
  if (always && ALWAYS_INT16.some((raw) => raw === Math.abs(number))) return Math.sign(number) * ALWAYS
  return tidy(number / 10)
}

/** The range in force for a value, in its unit. */
export interface Bounds {
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** The smallest difference that the device can hold. */
  readonly resolution?: number | undefined
}

/** A value ready to be written. */
export interface Encoded {
  readonly raw: string
  /** The meaning of `raw`; differs from the requested value if that was rounded. */
  readonly value: Value
}

const RANGES: Readonly<Record<WireType, readonly [number, number]>> = {
  0: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  1: [-128, 127],
  2: [0, 255],
  3: [-32768, 32767],
  4: [0, 65535],
  5: [-2147483648, 2147483647],
  6: [0, 4294967295],
  7: [0, 1],
}

const refuse = (key: string, allowed: string, asked: unknown) =>
  new BridgeError('OUT_OF_RANGE', `${key} can't be ${show(asked)}: allowed is ${allowed}.`)

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60)

/** A number from a number or the text of one; `BAD_REQUEST` for anything else. */
export function readNumber(key: string, value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new BridgeError('BAD_REQUEST', `${key} must be a number, not ${show(value)}.`)
  }
  return number
}

const TRUE: ReadonlySet<unknown> = new Set<unknown>([true, 1, 'true', 'on', '1'])
const FALSE: ReadonlySet<unknown> = new Set<unknown>([false, 0, 'false', 'off', '0'])

/** A boolean from true/false, 1/0 or ON/OFF in any case; `BAD_REQUEST` for anything else. */
export function readBoolean(key: string, value: unknown): boolean {
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (TRUE.has(plain)) return true
  if (FALSE.has(plain)) return false
  throw new BridgeError('BAD_REQUEST', `${key} must be true or false (ON or OFF), not ${show(value)}.`)
}

/** One of `labels`; `OUT_OF_RANGE` otherwise. */
export function readLabel<Label extends string>(key: string, value: unknown, labels: readonly Label[]): Label {
  const label = labels.find((candidate) => candidate === value)
  if (label === undefined) throw refuse(key, `one of ${labels.join(', ')}`, value)
  return label
}

function rangeText({ min, max }: Bounds): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `${min} to ${max}`
}

/** A number within `bounds`, rounded to their resolution. */
export function readBounded(key: string, value: unknown, bounds: Bounds): number {
  const asked = readNumber(key, value)
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, resolution } = bounds
  if (asked < min || asked > max) throw refuse(key, rangeText(bounds), asked)
  // Rounding up between the last step and the limit must not exceed the limit.
  return resolution ? Math.min(max, Math.max(min, tidy(Math.round(asked / resolution) * resolution))) : asked
}

/** Always on or always off in place of a temperature; undefined for a temperature. */
function encodeAlways(scale: Scale, wire: WireType, value: unknown): readonly Encoded[] | undefined {
  if (scale.as !== 'setpoint' || !scale.always || typeof value !== 'number' || Math.abs(value) !== ALWAYS)
    return undefined
  const raws = wire === INT16 ? ALWAYS_INT16 : [ALWAYS]
  return raws.map((raw) => ({ raw: String(Math.sign(value) * raw), value }))
}

/**
 * The whole number to write for a setpoint. A device may treat 12.7 °C in tenths as always on, and −12.7 as always off,
 * so the tenth next to it, nearer to zero, is written.
 */
function wholeNumber(scale: Scale, wire: WireType, number: number): number {
  const whole = Math.round(number)
  if (scale.as !== 'setpoint' || !scale.always || wire !== INT16 || Math.abs(whole) !== ALWAYS_AS_PRINTED) return whole
  return whole - Math.sign(whole)
}

function encodeNumber(
  scale: Extract<Scale, { as: 'number' | 'setpoint' | 'load' }>,
  wire: WireType,
  value: number,
): number {
  switch (scale.as) {
    case 'number':
      return (value * (scale.divide ?? 1)) / (scale.times ?? 1)
    case 'setpoint':
      return wire === INT16 ? value * 10 : value
    case 'load':
      return wattsToLoad(value)
  }
}

/**
 * The raw values that mean `value`, the first to try first.
 * @param wire the type that the device last sent for this parameter
 * @throws BridgeError `OUT_OF_RANGE` or `BAD_REQUEST`, with what is allowed
 */
export function encodeValue(
  row: ParameterRow,
  wire: WireType,
  value: unknown,
  bounds: Bounds = row,
): readonly Encoded[] {
  const { key, scale } = row
  switch (scale.as) {
    case 'boolean': {
      const on = readBoolean(key, value)
      return [{ raw: on !== (scale.inverted ?? false) ? '1' : '0', value: on }]
    }
    case 'enum': {
      const labels = Object.entries(scale.labels)
      const label = readLabel(key, value, [...new Set(labels.map(([, name]) => name))])
      return labels.filter(([, name]) => name === label).map(([raw]) => ({ raw, value: label }))
    }
    case 'time':
      return [encodeTime(key, scale, value)]
    case 'timeOfDay': {
      const minutes = typeof value === 'string' ? timeToMinutes(value) : undefined
      if (minutes === undefined) throw refuse(key, 'a time of day, HH:MM', value)
      return [{ raw: String(minutes), value: minutesToTime(minutes) }]
    }
    default: {
      const always = encodeAlways(scale, wire, value)
      if (always) return always
      const bounded = readBounded(key, value, bounds)
      const number = wholeNumber(scale, wire, encodeNumber(scale, wire, bounded))
      const [least, most] = RANGES[wire]
      if (number < least || number > most) {
        const held = [least, most].map((limit) => decodeValue(scale, String(limit), wire)).join(' to ')
        throw refuse(key, `what this device can hold, ${held}`, value)
      }
      const raw = String(number)
      return [{ raw, value: decodeValue(scale, raw, wire) }]
    }
  }
}

function encodeTime(key: string, scale: Extract<Scale, { as: 'time' }>, value: unknown): Encoded {
  if (value === null || value === '') return { raw: String(scale.none[0]), value: null }
  const seconds = typeof value === 'string' ? isoToDeviceTime(value, scale.zone) : undefined
  if (seconds === undefined) {
    throw refuse(key, scale.zone === 'utc' ? 'an ISO time, or null' : 'an ISO time without a zone, or null', value)
  }
  const raw = String(seconds)
  return { raw, value: decodeValue(scale, raw) }
}
