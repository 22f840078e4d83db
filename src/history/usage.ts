/** What was used, from counts that may start anew. */
import type { HistorySample } from './types.ts'

const JOULES = 3_600_000

/**
 * kWh used in each sample, to the Wh, as the history keeps counts: so the parts of a time add up to what was used in all of it.
 * Where a count begins or falls, it does not say how much was used; then the mean power does. null where nothing is known.
 * @param before the count in kWh before the first sample; null if there was none
 */
export function usesOf(
  samples: readonly Pick<HistorySample, 'energy' | 'power' | 'known'>[],
  before: number | null,
): (number | null)[] {
  let count = before
  return samples.map(({ energy, power, known }) => {
    if (energy === null) return null
    const used = count === null || energy < count ? ((power ?? 0) * known) / JOULES : energy - count
    count = energy
    return toWattHours(used)
  })
}

/** kWh without what floating point adds. */
export const toWattHours = (kWh: number): number => Math.round(kWh * 1000) / 1000
