/** Lets the guardian watch simulated winters: with a fault each, and without any. */
import type { FindingKind } from '../../src/devices/ports.ts'
import { Watch } from '../../src/guardian/watch.ts'
import type { Floor } from './floors.ts'
import { DAY, winter } from './winter.ts'

/** A fault may take as many times the learned delay. */
const TIMES = 3
/** Days of a winter. */
export const SEASON = 182

export interface Hunt {
  readonly found: boolean
  /** Seconds from when the fault could be seen until it was found, and the learned delay. */
  readonly after: number
  readonly delay: number
}

/** Lets a fault begin on a random minute of a random day, and sees whether it is found in time. */
export function hunt(floor: Floor, kind: FindingKind, seed: number): Hunt {
  const begins = (18 + ((seed * 7) % 100)) * DAY + ((seed * 397) % 1_440) * 60
  const watch = new Watch()
  let after = 0
  let delay = Number.NaN
  for (const { sample, present, shows } of winter(floor, seed, begins / DAY + 25, { kind, after: begins })) {
    if (!sample) continue
    watch.take(sample, present)
    if (shows) after += sample.seconds
    if (after === 0) continue
    const now = watch.delay(kind)
    if (!(now <= delay)) delay = now
    if (watch.findings.some((finding) => finding.kind === kind)) return { found: after <= TIMES * delay, after, delay }
    if (after > TIMES * delay) return { found: false, after, delay }
  }
  return { found: false, after: Number.NaN, delay }
}

/** The kinds of what was found in a winter without faults. */
export function quiet(floor: Floor, seed: number, days = SEASON): readonly FindingKind[] {
  const watch = new Watch()
  const found: FindingKind[] = []
  let before: readonly FindingKind[] = []
  for (const { sample, present } of winter(floor, seed, days)) {
    if (!sample || !watch.take(sample, present)) continue
    const now = watch.findings.map(({ kind }) => kind)
    found.push(...now.filter((kind) => !before.includes(kind)))
    before = now
  }
  return found
}
