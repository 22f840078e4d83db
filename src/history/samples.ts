/** Makes samples from device states, and longer samples from shorter ones. */

import type { DeviceState } from '../devices/ports.ts'
import type { HistorySample, HistoryValues } from './types.ts'

/** Values whose mean over time is kept. */
const MEANS = [
  'current_temperature',
  'target_temperature',
  'floor_temperature',
  'air_temperature',
  'load',
  'power',
  'voltage',
] as const

/** Values whose lowest and highest are kept too. */
const EXTREMES = ['current_temperature', 'floor_temperature', 'air_temperature', 'voltage'] as const

const LOWEST = EXTREMES.map((key) => [key, `${key}_min`] as const)

/** The values of a device that does not answer. */
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

/** The values in a state. A relay's load is what it switches. */
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
 * Turns samples of moments into samples that last until the next one or until `end`, but at most `longest` seconds: a device
 * that is silent for longer may have been offline.
 */
export function lasting(moments: readonly HistorySample[], end: number, longest: number): HistorySample[] {
  return moments.map((sample, index) => {
    const until = Math.min(moments[index + 1]?.at ?? end, end, sample.at + longest)
    return { ...sample, known: Math.max(0, until - sample.at) }
  })
}

/** Samples of `step` seconds each, made with `Buckets`. */
export function bucketed(samples: readonly HistorySample[], step: number, from: number, to: number): HistorySample[] {
  const buckets = new Buckets({ step, from, to })
  for (const sample of samples) buckets.add(sample)
  return buckets.end()
}

/**
 * Makes samples of `step` seconds each, beginning at multiples of it, from samples added in chronological order. Anything
 * outside `from` and `to` (Unix seconds) is left out.
 */
export class Buckets {
  readonly #step: number
  readonly #from: number
  readonly #to: number
  readonly #done: HistorySample[] = []
  /** The start of the current interval. */
  #start = Number.NaN
  /** Its only sample, as long as there is just one complete sample: usually it is already the result. */
  #only: HistorySample | undefined
  #sums: Sums | undefined

  constructor({ step, from, to }: { readonly step: number; readonly from: number; readonly to: number }) {
    this.#step = step
    this.#from = from
    this.#to = to
  }

  add(sample: HistorySample): void {
    const end = Math.min(sample.at + sample.known, this.#to)
    for (let at = Math.max(sample.at, this.#from); at < end; ) {
      const start = Math.floor(at / this.#step) * this.#step
      const fresh = start !== this.#start
      if (fresh) this.#close(start)
      const part = Math.min(end, start + this.#step) - at
      if (fresh && part === sample.known && isWhole(sample)) this.#only = sample
      else this.#sum(sample, part)
      at += part
    }
  }

  end(): HistorySample[] {
    this.#close(Number.NaN)
    return this.#done
  }

  #sum(sample: HistorySample, seconds: number): void {
    this.#sums ??= new Sums(this.#start)
    if (this.#only) this.#sums.add(this.#only, this.#only.known)
    this.#only = undefined
    this.#sums.add(sample, seconds)
  }

  /** Closes the interval; the next begins at `next`. */
  #close(next: number): void {
    const only = this.#only
    const sample = only && only.at !== this.#start ? { ...only, at: this.#start } : (only ?? this.#sums?.sample())
    if (sample) this.#done.push(sample)
    this.#start = next
    this.#only = undefined
    this.#sums = undefined
  }
}

type Mean = (typeof MEANS)[number]
type Extreme = (typeof EXTREMES)[number]

/** Sums the samples of one interval. */
class Sums {
  readonly #at: number
  #known = 0
  readonly #sums: Partial<Record<Mean, number>> = {}
  readonly #seconds: Partial<Record<Mean, number>> = {}
  readonly #lowest: Partial<Record<Extreme, number>> = {}
  readonly #highest: Partial<Record<Extreme, number>> = {}
  #energy: number | null = null

  constructor(at: number) {
    this.#at = at
  }

  add(sample: HistorySample, seconds: number): void {
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

  /** Undefined if nothing is known. */
  sample(): HistorySample | undefined {
    if (this.#known === 0) return undefined
    return {
      at: this.#at,
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

/** Whether a sample has its extremes and any value. A loop, since a month has nine thousand samples. */
function isWhole(sample: HistorySample): boolean {
  let says = false
  for (const [key, lowest] of LOWEST) {
    if (sample[key] === null) continue
    if (sample[lowest] === null) return false
    says = true
  }
  return says || MEANS.some((key) => sample[key] !== null)
}
