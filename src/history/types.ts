/** What is kept of a device over the years, and how it is asked for. */

/**
 * Quantities by their keys in the state. Where a sample stands for more than a moment they are means over the time for which
 * they are known, with the lowest and the highest; null for what the device does not say.
 */
export interface HistoryValues {
  /** °C. */
  readonly current_temperature: number | null
  readonly current_temperature_min: number | null
  readonly current_temperature_max: number | null
  readonly target_temperature: number | null
  readonly floor_temperature: number | null
  readonly floor_temperature_min: number | null
  readonly floor_temperature_max: number | null
  readonly air_temperature: number | null
  readonly air_temperature_min: number | null
  readonly air_temperature_max: number | null
  /** Share of the time for which the load was on, 0 to 1. */
  readonly load: number | null
  /** W. */
  readonly power: number | null
  /** kWh; the last value, as it is a count. */
  readonly energy: number | null
  /** V, of the mains at a voltage relay. */
  readonly voltage: number | null
  readonly voltage_min: number | null
  readonly voltage_max: number | null
}

export type HistoryKey = keyof HistoryValues

export interface HistorySample extends HistoryValues {
  /** Unix seconds of its beginning. */
  readonly at: number
  /** Seconds, from `at` on, for which its values are known. */
  readonly known: number
}

/** Seconds between two samples, from the finest on. The finest hold what changed; the others are made of them. */
export const HISTORY_STEPS = [10, 300, 3_600] as const
export type HistoryStep = (typeof HISTORY_STEPS)[number]

/** The most samples that one question gives. */
export const MOST_SAMPLES = 10_000

export interface HistoryQuestion {
  /** Unix seconds, included. */
  readonly from: number
  /** Unix seconds, not included. */
  readonly to: number
  /** Seconds that each sample stands for; undefined takes what suits the range. */
  readonly step?: number | undefined
}

export interface HistorySeries {
  readonly from: number
  readonly to: number
  /** What was asked for, or more where the range reaches back to what is kept in longer steps only. */
  readonly step: number
  /** In order of time; none for a time of which nothing is known. */
  readonly samples: readonly HistorySample[]
}

/** What devices have shown, for REST. */
export interface History {
  /** Whether it is recorded now. */
  readonly recording: boolean
  /** Unix seconds of now, on the time line of the history. */
  now(): number
  /**
   * Rejects with `BAD_REQUEST` for a range that ends before it begins, for a step that is none and for more than
   * `MOST_SAMPLES`, with `INTERNAL` when the store can't be read
   */
  query(serial: string, question: HistoryQuestion): Promise<HistorySeries>
}

/** A sample of one device. */
export interface HistoryRow {
  readonly serial: string
  readonly step: HistoryStep
  readonly sample: HistorySample
}

/** What keeps it across restarts. */
export interface HistoryMemory {
  /** Unix seconds of the newest sample of each device that has one in that step. */
  newest(step: HistoryStep): ReadonlyMap<string, number>
  /** Those that begin from `from` on and before `to`, in order of time. */
  read(serial: string, step: HistoryStep, from: number, to: number): HistorySample[]
  /** In one commit. A sample replaces the one that has the same device, step and time. */
  write(rows: readonly HistoryRow[]): void
  /** Drops what is older than `before` Unix seconds, in one commit, but of each device at most `most` samples. */
  prune(serials: readonly string[], step: HistoryStep, before: number, most: number): void
  forget(serial: string): void
  close(): void
}
