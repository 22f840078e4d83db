/** Which model a device is taken for, and what its readings teach about that. */
import { type Model, modelNamed, modelOf, type WireType } from '../../catalog/index.ts'
import { learnedMax, type Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/** The name under which the profile keeps the wire type of the setpoints, which tells some models apart before they answer. */
const SETPOINT_WIRE = 'setpoint_wire'

/** Chooses the model by what the device calls itself, and by the wire types of its parameters, as read or as remembered. */
export function choose({ hw, learned }: Pick<Profile, 'hw' | 'learned'>, types: ReadonlyMap<number, WireType>): Model {
  if (types.size > 0) return modelOf(hw, types)
  const wire = learned[SETPOINT_WIRE]
  return modelOf(hw, new Map(wire === undefined ? [] : [[31, wire]]))
}

/** Whether the kind of device is certain: its beacons or its answers have shown it. */
export function isCertain({ profile, readings }: { profile: Pick<Profile, 'hw'>; readings: Readings }): boolean {
  return modelNamed(profile.hw) !== undefined || readings.types.size > 0
}

/** What is worth remembering of the readings, by name. */
export function lessonsOf(readings: Readings): ReadonlyMap<string, number> {
  const wire = readings.types.get(31) ?? readings.types.get(5)
  const lessons = new Map(readings.ambiguousLabels())
  for (const { key, max, orMax } of readings.rows.model.parameters) {
    if (max === undefined || orMax === undefined) continue
    if ((readings.number(key) ?? orMax) > orMax) lessons.set(learnedMax(key), max)
  }
  return wire === undefined ? lessons : lessons.set(SETPOINT_WIRE, wire)
}
