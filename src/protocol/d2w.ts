/**
 * The dialect of the voltage relay D2W (Welrok D2W, "Commands", "List of parameters", "Telemetry"): parameters are an
 * object of numbers and booleans, telemetry is nested, `deviceId` is always 0 and nothing identifies the device. Its
 * messages are converted to the format of all other devices, so that no other code needs to know the dialect.
 */
import { type Dialect, modelNamed, type WireType } from '../catalog/index.ts'
import { isObject, type JsonObject } from '../core/json.ts'

export type { Dialect }

/** The wire has no types; its numbers and booleans are treated as these two. */
const NUMBER: WireType = 5
const BOOLEAN: WireType = 7

const ID = /^\d{1,5}$/

/** The dialect of devices with this `hw` in their beacons; undefined for an unknown `hw`. */
export function dialectNamed(hw: string | null): Dialect | undefined {
  return modelNamed(hw)?.dialect
}

/** The dialect of a reply with data. */
export function dialectOf(reply: JsonObject): Dialect {
  if (Array.isArray(reply.par)) return 'list'
  if (isObject(reply.par) || isObject(reply.telemetry)) return 'object'
  return 'deviceId' in reply && !('sn' in reply) ? 'object' : 'list'
}

/**
 * The entries of a `par` object as those of a list, `[id, type, value]`. Entries that are neither numbers nor booleans
 * are left out, and so is `ts`, which is Unix time, unlike all other times of the device.
 */
export function listOfObject(par: JsonObject): readonly (readonly [number, WireType, string])[] {
  return Object.entries(par).flatMap(([id, value]): [number, WireType, string][] => {
    if (!ID.test(id)) return []
    if (typeof value === 'boolean') return [[Number(id), BOOLEAN, value ? '1' : '0']]
    if (typeof value === 'number' && Number.isFinite(value)) return [[Number(id), NUMBER, String(value)]]
    return []
  })
}

/**
 * Converts nested telemetry to the flat form of all other devices: `{"u":{"13":245},"ts":1}` is
 * `{"u.13":245,"time":1}`.
 */
export function flatTelemetry(telemetry: JsonObject): JsonObject {
  const flat: Record<string, JsonObject[string]> = {}
  for (const [group, fields] of Object.entries(telemetry)) {
    if (isObject(fields)) for (const [number, value] of Object.entries(fields)) flat[`${group}.${number}`] = value
  }
  return 'ts' in telemetry ? { ...flat, time: telemetry.ts } : flat
}

/**
 * What precedes the data of a write. The document requires `deviceId` in every change of parameters and, in its
 * introduction and for signed ones, `sn`; both are sent.
 */
export const OBJECT_PREFIX = '"deviceId":0,'

/**
 * The `par` of a write: `{"119":true}`. The document prints `[["119":true]]`, which is not JSON, and shows an object as
 * the answer.
 */
export function objectOfList(rows: readonly (readonly [id: number, type: WireType, raw: string])[]): string {
  const fields = rows.map(([id, type, raw]) => `"${id}":${type === BOOLEAN ? raw === '1' : Number(raw)}`)
  return `{${fields.join(',')}}`
}
