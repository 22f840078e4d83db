/** Everything that the guardian looks for: a file for each kind of finding, all of the same shape. */
import type { FindingKind } from '../../devices/ports.ts'
import type { Course, Present, Rule, Sample, Verdict } from '../types.ts'
import { clockWrong } from './clock-wrong.ts'
import { comesAndGoes } from './comes-and-goes.ts'
import { energyHigh } from './energy-high.ts'
import { heatingLong } from './heating-long.ts'
import { notWarming } from './not-warming.ts'
import { sensorFrozen } from './sensor-frozen.ts'
import { sensorJumps } from './sensor-jumps.ts'
import { tooWarm } from './too-warm.ts'
import { warmsUnheated } from './warms-unheated.ts'

/** A rule with what it remembers of one device. */
export interface Looker {
  readonly kind: FindingKind
  readonly says: string
  /** Seconds, as `Rule.delay`. */
  readonly delay: () => number
  readonly take: (sample: Sample, course: Course, present: Present) => Verdict
}

const looks =
  <Numbers extends Record<string, number>>(rule: Rule<Numbers>) =>
  (): Looker => {
    const numbers = { ...rule.blank }
    return {
      kind: rule.kind,
      says: rule.says,
      delay: () => rule.delay(numbers),
      take: (sample, course, present) => rule.take(numbers, sample, course, present),
    }
  }

export const RULES: readonly (() => Looker)[] = [
  looks(notWarming),
  looks(warmsUnheated),
  looks(sensorFrozen),
  looks(sensorJumps),
  looks(tooWarm),
  looks(heatingLong),
  looks(comesAndGoes),
  looks(clockWrong),
  looks(energyHigh),
]
