/** The long-term history of a device, and queries for it. */

/**
 * Quantities by their keys in the state. In a sample longer than a moment they are means over the known time, with the lowest
 * and the highest; null for values that the device does not report.
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
  /** Share of the time during which the load was on, 0 to 1. */
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

/** Seconds between two samples, the finest first. The finest contain changes; the others are made from them. */
export const HISTORY_STEPS = [10, 300, 3_600] as const
export type HistoryStep = (typeof HISTORY_STEPS)[number]

/** The most samples in one answer. */
export const MOST_SAMPLES = 10_000

export interface HistoryQuestion {
  /** Unix seconds, included. */
  readonly from: number
  /** Unix seconds, not included. */
  readonly to: number
  /** The length of each sample in seconds; undefined chooses one that suits the range. */
  readonly step?: number | undefined
}

export interface HistorySeries {
  readonly from: number
  readonly to: number
  /** The requested step, or a longer one if the range goes back to samples kept only in longer steps. */
  readonly step: number
  /** In chronological order; none for times without data. */
  readonly samples: readonly HistorySample[]
}

/** The history of devices, for REST. */
export interface History {
  /** Whether it is recorded now. */
  readonly recording: boolean
  /** The present time of the history in Unix seconds. */
  now(): number
  /**
   * Rejects with `BAD_REQUEST` for a range that ends before it begins, an invalid step, or more than `MOST_SAMPLES`; with
   * `INTERNAL` if the store can't be read
   */
  query(serial: string, question: HistoryQuestion): Promise<HistorySeries>
}

/** A sample of one device. */
export interface HistoryRow {
  readonly serial: string
  readonly step: HistoryStep
  readonly sample: HistorySample
}

/** Stores the history across restarts. */
export interface HistoryMemory {
  /** Unix seconds of the newest sample of each device with samples of that step. */
  newest(step: HistoryStep): ReadonlyMap<string, number>
  /** Samples that begin at `from` or later and before `to`, in chronological order. */
  read(serial: string, step: HistoryStep, from: number, to: number): HistorySample[]
  /** In one commit. A sample replaces one with the same device, step and time. */
  write(rows: readonly HistoryRow[]): void
  /** Drops samples older than `before` Unix seconds, in one commit, but at most `most` per device. */
  prune(serials: readonly string[], step: HistoryStep, before: number, most: number): void
  forget(serial: string): void
  close(): void
}
