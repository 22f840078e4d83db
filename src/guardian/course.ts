/** Follows what the load and the temperature do, once for all rules. */
import type { Course, Sample } from './types.ts'

/** Shares of the time from which the load counts as on, and up to which as off. */
const ON = 0.95
const OFF = 0.05

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

export interface Track extends Writable<Course> {
  /** Unix seconds of the end of the last sample. */
  end: number
}

const NONE = { lasted: 0, first: Number.NaN, lowest: Number.NaN, highest: Number.NaN, lowestAt: 0, highestAt: 0 }

export const newTrack = (): Track => ({ end: 0, seen: 0, gap: 0, phase: 'mixed', ended: null, ...NONE, before: NONE })

/** Takes in a sample; a gap ends whatever went on before it. */
export function follow(track: Track, sample: Sample): void {
  track.gap = track.end === 0 ? 0 : Math.max(0, sample.at - track.end)
  track.end = sample.at + sample.seconds
  track.seen += sample.known
  const phase = phaseOf(sample.load)
  const same = track.gap === 0 && phase === track.phase
  track.ended = same || track.gap > 0 ? null : track.phase
  if (!same) begin(track, phase)
  track.lasted += sample.seconds
  const { temperature } = sample
  if (temperature === null) return
  if (Number.isNaN(track.first)) track.first = temperature
  if (!(track.lowest <= temperature)) Object.assign(track, { lowest: temperature, lowestAt: sample.at })
  if (!(track.highest > temperature)) Object.assign(track, { highest: temperature, highestAt: sample.at })
}

function begin(track: Track, phase: Course['phase']): void {
  const { lasted, first, lowest, lowestAt, highest, highestAt } = track
  track.before = track.gap > 0 ? NONE : { lasted, first, lowest, lowestAt, highest, highestAt }
  track.phase = phase
  Object.assign(track, NONE)
}

function phaseOf(load: number | null): Course['phase'] {
  if (load === null) return 'mixed'
  return load >= ON ? 'on' : load <= OFF ? 'off' : 'mixed'
}
