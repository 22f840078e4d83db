/** Makes samples of what devices show, and longer samples of shorter ones. */

import type { DeviceState } from '../devices/ports.ts'
import type { HistorySample, HistoryValues } from './types.ts'

/** Of these the mean over time is kept. */
const MEANS = [
  'current_temperature',
  'target_temperature',
  'floor_temperature',
  'air_temperature',
  'load',
  'power',
  'voltage',
] as const

/** Of these the lowest and the highest as well. */
const EXTREMES = ['current_temperature', 'floor_temperature', 'air_temperature', 'voltage'] as const

/** What is known of a device that does not answer. */
export const NOTHING: HistoryValues = {
  current_temperature: null,
  current_temperature_min: null,
  current_temperature_max: null,
  target_temperature: null,
  floor_temperature: null,
  floor_temperature_min: null,
  floor_temperature_max: null,
  air_temperature: null,
  air_temperature_min: null,
  air_temperature_max: null,
  load: null,
  power: null,
  energy: null,
  voltage: null,
  voltage_min: null,
  voltage_max: null,
}

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** What a state says of this moment. A relay's load is what it switches. */
export function valuesOf(state: DeviceState): HistoryValues {
  const load = state.load ?? state.relay
  return {
    ...NOTHING,
    current_temperature: number(state.current_temperature),
    target_temperature: number(state.target_temperature),
    floor_temperature: number(state.floor_temperature),
    air_temperature: number(state.air_temperature),
    load: typeof load === 'boolean' ? Number(load) : null,
    power: number(state.power),
    energy: number(state.energy),
    voltage: number(state.voltage),
  }
}

export function sameValues(a: HistoryValues, b: HistoryValues): boolean {
  return MEANS.every((key) => a[key] === b[key]) && a.energy === b.energy
}

/**
 * Samples of moments as samples that last until the next one, or until `end`; none longer than `longest` seconds, since
 * whoever says nothing for so long may not have been there.
 */
export function lasting(moments: readonly HistorySample[], end: number, longest: number): HistorySample[] {
  return moments.map((sample, index) => {
    const until = Math.min(moments[index + 1]?.at ?? end, end, sample.at + longest)
    return { ...sample, known: Math.max(0, until - sample.at) }
  })
}

/** Samples of `step` seconds each, as `Buckets` makes them. */
export function bucketed(samples: readonly HistorySample[], step: number, from: number, to: number): HistorySample[] {
  const buckets = new Buckets({ step, from, to })
  for (const sample of samples) buckets.add(sample)
  return buckets.end()
}

/**
 * Makes samples of `step` seconds each, beginning at multiples of it, of samples that are added in order of time. What lies
 * outside of `from` and `to` (Unix seconds) is left out.
 */
export class Buckets {
  readonly #step: number
  readonly #from: number
  readonly #to: number
  readonly #done: HistorySample[] = []
  #open: Bucket | undefined

  constructor({ step, from, to }: { readonly step: number; readonly from: number; readonly to: number }) {
    this.#step = step
    this.#from = from
    this.#to = to
  }

  add(sample: HistorySample): void {
    const end = Math.min(sample.at + sample.known, this.#to)
    for (let at = Math.max(sample.at, this.#from); at < end; ) {
      const start = Math.floor(at / this.#step) * this.#step
      if (this.#open?.at !== start) {
        this.#close()
        this.#open = new Bucket(start)
      }
      const part = Math.min(end, start + this.#step) - at
      this.#open.add(sample, part)
      at += part
    }
  }

  end(): HistorySample[] {
    this.#close()
    return this.#done
  }

  #close(): void {
    const sample = this.#open?.sample()
    if (sample) this.#done.push(sample)
    this.#open = undefined
  }
}

type Mean = (typeof MEANS)[number]
type Extreme = (typeof EXTREMES)[number]

/** Sums what falls into one stretch of time. */
class Bucket {
  readonly at: number
  /** The first, as long as it is the only one: mostly it is what this is to become already. */
  #only: readonly [sample: HistorySample, seconds: number] | undefined
  #known = 0
  readonly #sums: Partial<Record<Mean, number>> = {}
  readonly #seconds: Partial<Record<Mean, number>> = {}
  readonly #lowest: Partial<Record<Extreme, number>> = {}
  readonly #highest: Partial<Record<Extreme, number>> = {}
  #energy: number | null = null

  constructor(at: number) {
    this.at = at
  }

  add(sample: HistorySample, seconds: number): void {
    if (this.#known === 0 && !this.#only) {
      this.#only = [sample, seconds]
      return
    }
    this.#sum()
    this.#take(sample, seconds)
  }

  /** undefined when nothing is known. */
  sample(): HistorySample | undefined {
    if (this.#only && isWhole(...this.#only)) {
      const [sample] = this.#only
      return sample.at === this.at ? sample : { ...sample, at: this.at }
    }
    this.#sum()
    return this.#known === 0 ? undefined : this.#made()
  }

  #sum(): void {
    if (this.#only) this.#take(...this.#only)
    this.#only = undefined
  }

  #take(sample: HistorySample, seconds: number): void {
    let says = false
    for (const key of MEANS) {
      const value = sample[key]
      if (value === null) continue
      says = true
      this.#sums[key] = (this.#sums[key] ?? 0) + value * seconds
      this.#seconds[key] = (this.#seconds[key] ?? 0) + seconds
    }
    for (const key of EXTREMES) {
      const value = sample[key]
      if (value === null) continue
      this.#lowest[key] = Math.min(this.#lowest[key] ?? value, sample[`${key}_min`] ?? value)
      this.#highest[key] = Math.max(this.#highest[key] ?? value, sample[`${key}_max`] ?? value)
    }
    this.#energy = sample.energy ?? this.#energy
    if (says || sample.energy !== null) this.#known += seconds
  }

  #made(): HistorySample {
    return {
      at: this.at,
      known: this.#known,
      current_temperature: this.#mean('current_temperature'),
      current_temperature_min: this.#lowest.current_temperature ?? null,
      current_temperature_max: this.#highest.current_temperature ?? null,
      target_temperature: this.#mean('target_temperature'),
      floor_temperature: this.#mean('floor_temperature'),
      floor_temperature_min: this.#lowest.floor_temperature ?? null,
      floor_temperature_max: this.#highest.floor_temperature ?? null,
      air_temperature: this.#mean('air_temperature'),
      air_temperature_min: this.#lowest.air_temperature ?? null,
      air_temperature_max: this.#highest.air_temperature ?? null,
      load: this.#mean('load'),
      power: this.#mean('power'),
      energy: this.#energy,
      voltage: this.#mean('voltage'),
      voltage_min: this.#lowest.voltage ?? null,
      voltage_max: this.#highest.voltage ?? null,
    }
  }

  #mean(key: Mean): number | null {
    const seconds = this.#seconds[key]
    return seconds ? (this.#sums[key] ?? 0) / seconds : null
  }
}

/** Whether a sample stands for itself: all of it is here, with its extremes, and it says something. */
function isWhole(sample: HistorySample, seconds: number): boolean {
  if (seconds !== sample.known) return false
  const known = EXTREMES.filter((key) => sample[key] !== null)
  return (
    known.every((key) => sample[`${key}_min`] !== null) &&
    (known.length > 0 || MEANS.some((key) => sample[key] !== null))
  )
}
