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
  /** kWh used in each of them, null where it is not known. They add up to what was used in all. */
  readonly uses: readonly (number | null)[]
}

export const PERIODS = ['day', 'week', 'month'] as const
export type Period = (typeof PERIODS)[number]

/** The most periods in one answer: a year and a month. */
export const MOST_PERIODS: Readonly<Record<Period, number>> = { day: 396, week: 56, month: 13 }

export interface EnergyQuestion {
  readonly serials: readonly string[]
  readonly by: Period
  /** How many periods, up to and including the present one. */
  readonly last: number
  /** IANA name; its days and nights count. */
  readonly timezone: string
}

/** What a kWh costs. */
export interface Tariff {
  /** Per kWh; null if it is not known. */
  readonly price: number | null
  /** Per kWh at night; null if there is one price for all hours. */
  readonly nightPrice: number | null
  /** Hours of the clock, 0 to 23: the night begins with the first and ends before the other. */
  readonly night: { readonly from: number; readonly to: number }
  readonly currency: string
}

export interface Used {
  /** kWh; null where nothing is known. */
  readonly energy: number | null
  /** null where nothing is known, or no price. */
  readonly cost: number | null
}

export interface UsedFrom extends Used {
  /** Unix seconds. */
  readonly from: number
}

export interface EnergyUse {
  /** null while no price is known. */
  readonly currency: string | null
  /** One for each period, oldest first, all devices together. */
  readonly parts: readonly UsedFrom[]
  readonly devices: readonly (Used & { readonly serial: string })[]
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
  /** Rejects with `BAD_REQUEST` for too many periods or an invalid time zone; with `INTERNAL` as `query` does. */
  energy(question: EnergyQuestion): Promise<EnergyUse>
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
  /** The newest sample with a count that begins at `until` Unix seconds or before, its count in kWh; null if there is none. */
  newestCount(serial: string, step: HistoryStep, until: number): { readonly at: number; readonly energy: number } | null
  /** In one commit. A sample replaces one with the same device, step and time. */
  write(rows: readonly HistoryRow[]): void
  /** Drops samples older than `before` Unix seconds, in one commit, but at most `most` per device. */
  prune(serials: readonly string[], step: HistoryStep, before: number, most: number): void
  forget(serial: string): void
  close(): void
}
