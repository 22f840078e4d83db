/** What the guardian is told of a device, and the shape of its rules. */
import type { Evidence, FindingKind } from '../devices/ports.ts'

/** Five minutes of a device: what the history says, and what only the present state says. */
export interface Sample {
  /** Unix seconds of its beginning. */
  readonly at: number
  /** Its length in seconds. */
  readonly seconds: number
  /** Seconds for which its values are known. */
  readonly known: number
  /** °C of the floor, or of the air where there is no floor sensor; null while unknown. The mean, the lowest, the highest. */
  readonly temperature: number | null
  readonly low: number | null
  readonly high: number | null
  /** °C at the sensor that controls the load, and the setpoint. */
  readonly controlled: number | null
  readonly target: number | null
  /** The share of the known time for which the load was on, 0 to 1. */
  readonly load: number | null
  /** The mean power in W; null while nobody has said what the load draws. */
  readonly power: number | null
}

/** What is known of a device besides its history. All of it is of now. */
export interface Present {
  /** Whether the load warms: false for one that cools. */
  readonly warms: boolean
  /** The highest temperature in °C that the judged sensor should show, null if the device sets none. */
  readonly limit: number | null
  /** How many seconds the clock of the device is ahead; null while unknown. */
  readonly clockOffset: number | null
  /** How often the device has stopped answering since the sample before. */
  readonly drops: number
  /** The local day that a time in Unix seconds belongs to: its number, and 0 (Sunday) to 6. */
  readonly day: (at: number) => { readonly number: number; readonly weekday: number }
}

/** What a rule says of a sample: evidence of something wrong, null if all is well, undefined if this shows neither. */
export type Verdict = Evidence | null | undefined

/** What a load does without a break, and what the temperature does meanwhile. */
export interface Phase {
  /** Seconds. */
  readonly lasted: number
  /** °C at its beginning, the lowest and the highest, NaN while unknown; and Unix seconds of the last two. */
  readonly first: number
  readonly lowest: number
  readonly lowestAt: number
  readonly highest: number
  readonly highestAt: number
}

/** What all rules need to know of the time before the sample, which is included; `course.ts` keeps it. */
export interface Course extends Phase {
  /** Seconds of known values so far. */
  readonly seen: number
  /** Seconds between the sample before and this one for which nothing is known. */
  readonly gap: number
  /** What the load does: on, off, or some of both. */
  readonly phase: 'on' | 'off' | 'mixed'
  /** What it did until the sample before, if it does something else now; null after a gap. */
  readonly ended: 'on' | 'off' | 'mixed' | null
  readonly before: Phase
}

/**
 * One kind of finding. Its numbers are all that it remembers of a device, so that the work per sample and the memory per device
 * stay the same for ever.
 */
export interface Rule<Numbers extends Readonly<Record<string, number>> = Record<string, number>> {
  readonly kind: FindingKind
  /** One sentence in English; gaps in braces are filled from the evidence. */
  readonly says: string
  /** The numbers before the first sample. */
  readonly blank: Numbers
  /** Seconds that a normal course takes on this device, as learned; a finding needs about twice that. NaN before it is known. */
  readonly delay: (numbers: Numbers) => number
  /** Learns from a sample, by changing `numbers`, and judges it. */
  readonly take: (numbers: Numbers, sample: Sample, course: Course, present: Present) => Verdict
}
