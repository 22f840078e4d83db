import { QUIET, round } from '../learn.ts'
import type { Rule } from '../types.ts'

/** Seconds after which half of the drops no longer counts. */
const HALVED = 6 * 3_600
/** How many drops make a finding, and how few end it. */
const MANY = 4
const FEW = 1
/** How many times as many as usual are unusual. */
const MUCH = 3
/** Seconds that it takes to learn how many are usual. */
const LEARNED = 7 * 86_400

/** The device stops answering and comes back again and again. Learned: how often it usually does. */
export const comesAndGoes: Rule<{
  /** Drops of late, and their mean. */
  drops: number
  usual: number
  found: number
}> = {
  kind: 'comes_and_goes',
  says: 'The device has stopped answering {drops} times in the last hours. Usually that happens {usual} times.',
  blank: { drops: 0, usual: 0, found: 0 },
  delay: () => 2 * 3_600,
  take(learned, { seconds }, { gap, seen }, { drops }) {
    learned.drops = learned.drops * 0.5 ** ((seconds + gap) / HALVED) + drops
    learned.usual += (learned.drops - learned.usual) * Math.min(1, seconds / Math.min(LEARNED, seen))
    if (learned.drops < FEW) learned.found = 0
    if (seen < QUIET || learned.drops < MANY + MUCH * learned.usual) return learned.found === 0 ? null : undefined
    learned.found = 1
    return { drops: Math.ceil(learned.drops), usual: round(learned.usual) }
  },
}
