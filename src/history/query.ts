/** Answers queries for a time range from samples of several steps. */
import { BridgeError } from '../core/errors.ts'
import { Buckets, lasting } from './samples.ts'
import {
  HISTORY_STEPS,
  type HistoryMemory,
  type HistoryQuestion,
  type HistorySample,
  type HistorySeries,
  type HistoryStep,
  MOST_SAMPLES,
} from './types.ts'
import { usesOf } from './usage.ts'

/** Seconds after which the last value no longer counts. Unchanged values are recorded more often. */
export const LONGEST_HOLD = 6 * 60

/** Seconds; by default, the first step that gives at most this many samples is used. */
const SUITED = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800] as const
const SUITED_SAMPLES = 1_000
/** Samples read at a time, which takes some ten milliseconds. */
const PIECE = 2_000

type Reading = () => readonly HistorySample[]

/** The source of a device's samples. */
export interface HistorySource {
  readonly serial: string
  readonly memory: Pick<HistoryMemory, 'read' | 'newestCount'>
  /** Unix seconds. */
  readonly now: number
  /** Seconds for which the samples of a step are kept. */
  readonly kept: Readonly<Record<HistoryStep, number>>
  /** Unix seconds up to which the samples of a step have been made from shorter ones. */
  readonly made: Readonly<Record<HistoryStep, number>>
  /** Samples that are not stored yet. */
  readonly pending: readonly HistorySample[]
}

/**
 * Reads in pieces, so that a query for years does not block urgent work.
 * @throws BridgeError `BAD_REQUEST`
 */
export async function seriesOf(source: HistorySource, question: HistoryQuestion): Promise<HistorySeries> {
  const { from, to } = question
  const { step, base } = stepsFor(source, question)
  const start = Math.floor(from / step) * step
  const count = Math.ceil((to - start) / step)
  if (count > MOST_SAMPLES) throw tooMany(count, to - from)
  const buckets = new Buckets({ step, from: start, to })
  for (const read of readings(source, base, start, to)) {
    for (const sample of read()) buckets.add(sample)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const samples = buckets.end()
  return { from, to, step, samples, uses: usesOf(samples, countBefore(source, samples, start)) }
}

/** What counts nothing has no count in `samples` either: to search years of it would be in vain. */
function countBefore({ memory, serial, pending }: HistorySource, samples: readonly HistorySample[], at: number) {
  if (samples.every(({ energy }) => energy === null)) return null
  const waiting = pending.findLast((sample) => sample.at < at && sample.energy !== null)
  if (waiting) return waiting.energy
  const newest = HISTORY_STEPS.flatMap((step) => {
    const found = memory.newestCount(serial, step, at - step)
    return found ? [{ end: found.at + step, energy: found.energy }] : []
  })
  return newest.sort((a, b) => b.end - a.end)[0]?.energy ?? null
}

const wrong = (message: string, details: Record<string, number>) => new BridgeError('BAD_REQUEST', message, { details })

function tooMany(samples: number, seconds: number): BridgeError {
  const least = Math.ceil(seconds / MOST_SAMPLES)
  const details = { samples, most: MOST_SAMPLES }
  return wrong(
    `That would be ${samples} samples; ${MOST_SAMPLES} are the most. Ask for a shorter range, or for a step of ${least}s or more.`,
    details,
  )
}

/** The step of the answer, and of the samples that it is made from: the longest ones that are short enough. */
function stepsFor({ now, kept }: HistorySource, { from, to, step }: HistoryQuestion) {
  if (from >= to) throw wrong('from must be before to.', { from, to })
  if (step !== undefined && step < HISTORY_STEPS[0]) throw wrong(`step must be ${HISTORY_STEPS[0]}s or more.`, { step })
  const asked = step ?? SUITED.find((each) => (to - from) / each <= SUITED_SAMPLES) ?? 604_800
  const least = HISTORY_STEPS.find((each) => now - from <= kept[each]) ?? 3_600
  const wanted = Math.max(asked, least)
  const base = HISTORY_STEPS.findLast((each) => each <= wanted) ?? 10
  return { base, step: Math.ceil(wanted / base) * base }
}

/** The samples of `base` as far as they exist, then shorter ones, piece by piece. */
function* readings(source: HistorySource, base: HistoryStep, start: number, end: number): Generator<Reading> {
  const { memory, serial, made } = source
  let from = start
  for (const step of HISTORY_STEPS.toReversed()) {
    if (step > base) continue
    const all = step === HISTORY_STEPS[0] ? end : Math.min(end, made[step])
    while (from < all) {
      const until = Math.min(all, from + PIECE * step)
      const [first, last] = [from, until]
      yield () => (step === HISTORY_STEPS[0] ? moments(source, first, last) : memory.read(serial, step, first, last))
      from = until
    }
  }
}

function moments({ memory, serial, pending, now }: HistorySource, from: number, end: number): HistorySample[] {
  const first = pending[0]?.at ?? Number.POSITIVE_INFINITY
  const stored = memory.read(serial, 10, from - LONGEST_HOLD, Math.min(end, first))
  const all = [...stored, ...pending.filter(({ at }) => at < end)]
  return lasting(all, Math.min(end, now), LONGEST_HOLD).flatMap((sample) => {
    const late = Math.max(0, from - sample.at)
    return late >= sample.known ? [] : [{ ...sample, at: sample.at + late, known: sample.known - late }]
  })
}
