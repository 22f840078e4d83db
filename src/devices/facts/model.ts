/** As which model a device is understood, and what its readings teach of it. */
import { type Model, modelNamed, modelOf, type WireType } from '../../catalog/index.ts'
import { learnedMax, type Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/** Under this name the wire type of its setpoints is remembered, which tells some models apart before they answer. */
const SETPOINT_WIRE = 'setpoint_wire'

/** By what it calls itself, and by the wire types of its parameters, as they were read or as far as they are remembered. */
export function choose({ hw, learned }: Pick<Profile, 'hw' | 'learned'>, types: ReadonlyMap<number, WireType>): Model {
  if (types.size > 0) return modelOf(hw, types)
  const wire = learned[SETPOINT_WIRE]
  return modelOf(hw, new Map(wire === undefined ? [] : [[31, wire]]))
}

/** Whether what kind of device it is has been said, by its beacons or by itself. */
export function isCertain({ profile, readings }: { profile: Pick<Profile, 'hw'>; readings: Readings }): boolean {
  return modelNamed(profile.hw) !== undefined || readings.types.size > 0
}

/** What is worth remembering of what was read, by name. */
export function lessonsOf(readings: Readings): ReadonlyMap<string, number> {
  const wire = readings.types.get(31) ?? readings.types.get(5)
  const lessons = new Map(readings.ambiguousLabels())
  for (const { key, max, orMax } of readings.rows.model.parameters) {
    if (max === undefined || orMax === undefined) continue
    if ((readings.number(key) ?? orMax) > orMax) lessons.set(learnedMax(key), max)
  }
  return wire === undefined ? lessons : lessons.set(SETPOINT_WIRE, wire)
}
