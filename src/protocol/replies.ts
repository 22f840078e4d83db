/** What devices answer, validated into types. Every reply passes through here once. */
import type { WireType } from '../catalog/index.ts'
import { BridgeError } from '../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../core/json.ts'
import { spelled } from '../core/serial.ts'
import { flatTelemetry, listOfObject } from './d2w.ts'

export type { WireType }

/** A value as on the wire. */
export interface RawParameter {
  readonly type: WireType
  readonly value: string
}

export type ParameterList = ReadonlyMap<number, RawParameter>

export interface Telemetry {
  readonly fields: ReadonlyMap<string, string>
  /** The device's clock, seconds since 2000; older firmware does not send it. */
  readonly time: number | undefined
  /** The step of setpoints in °C, if the device reports one. */
  readonly setpointStep: number | undefined
}

export interface DeviceTime {
  readonly time: number
  /** Hours east of UTC, if the device reports them. */
  readonly zone: number | undefined
}

/** The kinds of reply that carry no data. */
export type Refusal = 'busy' | 'block' | 'success' | 'empty' | 'not_json'

const bad = (what: string) =>
  new BridgeError(
    'DEVICE_BAD_REPLY',
    `The device answered ${what}. If it keeps doing so, restart it and check that its address belongs to a thermostat.`,
  )

const DATA_KEYS = ['par', 'tt', 'ttAir', 'telemetry'] as const

/** The reply as an object with data, or the kind of refusal. */
export function parseReply(text: string): JsonObject | Refusal {
  if (text.trim() === '') return 'empty'
  const reply = parseJson(text)
  if (!isObject(reply)) return 'not_json'
  if (reply.status === 'timeout') return 'busy'
  if (reply.success === 'block') return 'block'
  if (reply.success === 'true' && DATA_KEYS.every((key) => !(key in reply))) return 'success'
  return reply
}

/** The serial in a reply, in normal form; undefined if there is none. An impossible serial stays unchanged. */
export function serialOf(reply: JsonObject): string | undefined {
  return typeof reply.sn === 'string' ? spelled(reply.sn) : undefined
}

function isWireType(value: unknown): value is WireType {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 7
}

function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= 256 ? value : undefined
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return undefined
}

/**
 * The parameters of a reply. Entries that are not `[id, type, value]` are left out; a list without any valid entry is
 * `DEVICE_BAD_REPLY`.
 */
export function parseParameters(reply: JsonObject): ParameterList {
  const entries: unknown = isObject(reply.par) ? listOfObject(reply.par) : reply.par
  if (!Array.isArray(entries)) throw bad('without a parameter list')
  const list = new Map<number, RawParameter>()
  for (const entry of entries as readonly unknown[]) {
    if (!Array.isArray(entry)) continue
    const [id, type, value]: readonly unknown[] = entry
    const text = scalar(value)
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 65535) continue
    if (!isWireType(type) || text === undefined) continue
    list.set(id, { type, value: text })
  }
  if (list.size === 0) throw bad('with a parameter list that contains nothing usable')
  return list
}

/** Any group: undocumented fields are shown as they came. */
const FIELD = /^[a-z]{1,4}\.\d{1,3}$/
const KNOWN_GROUP = /^(t|m|o|f|u|te|par)\./

/** The telemetry of a reply; one without a single known group of fields is `DEVICE_BAD_REPLY`. */
export function parseTelemetry(reply: JsonObject): Telemetry {
  const flat = isObject(reply.telemetry) ? flatTelemetry(reply.telemetry) : reply
  const fields = new Map<string, string>()
  let known = false
  for (const name of Object.keys(flat)) {
    const text = FIELD.test(name) ? scalar(flat[name]) : undefined
    if (text === undefined) continue
    fields.set(name, text)
    known ||= KNOWN_GROUP.test(name)
  }
  if (!known) throw bad('without telemetry')
  const step = decimal(flat.setPointStep)
  return {
    fields,
    time: wholeSeconds(flat.time),
    setpointStep: step !== undefined && step > 0 && step <= 5 ? step : undefined,
  }
}

function decimal(value: unknown): number | undefined {
  const text = scalar(value)
  return text !== undefined && /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined
}

function wholeSeconds(value: unknown): number | undefined {
  const text = scalar(value)
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

/** The clock in a reply to `{"cmd":3}`; `DEVICE_BAD_REPLY` if there is none. */
export function parseDeviceTime(reply: JsonObject): DeviceTime {
  const time = wholeSeconds(reply.time)
  if (time === undefined) throw bad('without its clock')
  const zone = decimal(reply.tzone)
  return { time, zone: zone !== undefined && Math.abs(zone) <= 14 ? zone : undefined }
}
