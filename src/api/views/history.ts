/** The history of a device as JSON and as CSV. */
import { BridgeError } from '../../core/errors.ts'
import type { History, HistoryKey, HistoryQuestion, HistorySample, HistorySeries } from '../../history/types.ts'
import type { HistoryJson, HouseHistoryJson } from '../schemas/history.ts'

/** How many of the smallest parts that are shown make one, in the order of the columns. */
const PARTS: Readonly<Record<HistoryKey, number>> = {
  current_temperature: 100,
  current_temperature_min: 100,
  current_temperature_max: 100,
  target_temperature: 100,
  floor_temperature: 100,
  floor_temperature_min: 100,
  floor_temperature_max: 100,
  air_temperature: 100,
  air_temperature_min: 100,
  air_temperature_max: 100,
  load: 1000,
  power: 10,
  energy: 1000,
  voltage: 10,
  voltage_min: 10,
  voltage_max: 10,
}

const KEYS = Object.keys(PARTS) as HistoryKey[]
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

export interface HistoryAsked {
  readonly from?: string
  readonly to?: string
  readonly step?: string
}

/**
 * The parsed query. Its texts match the patterns of the schema.
 * @param now Unix seconds
 * @throws BridgeError `BAD_REQUEST` for an impossible time
 */
export function questionOf({ from = '-1d', to, step }: HistoryAsked, now: number): HistoryQuestion {
  const end = to === undefined ? now : momentOf('to', to)
  const start = from.startsWith('-') ? end - durationOf(from.slice(1)) : momentOf('from', from)
  return { from: start, to: end, step: step === undefined ? undefined : durationOf(step) }
}

function durationOf(text: string): number {
  return Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? Number.NaN)
}

/** Unix seconds. */
function momentOf(name: string, text: string): number {
  const seconds = /^[0-9.]+$/.test(text) ? Number(text) : Date.parse(text) / 1000
  if (Number.isFinite(seconds)) return seconds
  throw new BridgeError('BAD_REQUEST', `${name} is not a valid time.`, { details: { field: name } })
}

const iso = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString()

function shown(sample: HistorySample, key: HistoryKey): number | null {
  const value = sample[key]
  return value === null ? null : Math.round(value * PARTS[key]) / PARTS[key]
}

export function historyJson(serial: string, recording: boolean, series: HistorySeries): HistoryJson {
  const keys = KEYS.filter((key) => series.samples.some((sample) => sample[key] !== null))
  const blank = { at: '', known: 0, ...Object.fromEntries(keys.map((key) => [key, null])) }
  return {
    serial,
    recording,
    from: iso(series.from),
    to: iso(series.to),
    step: series.step,
    samples: series.samples.map((sample, index) => sampleJson(sample, keys, blank, series.uses[index])),
  }
}

type SampleJson = HistoryJson['samples'][number]

/**
 * A loop that fills a copy, since there may be ten thousand of them.
 * @param blank has the keys already
 * @param used kWh in this sample
 */
function sampleJson(
  sample: HistorySample,
  keys: readonly HistoryKey[],
  blank: SampleJson,
  used: number | null | undefined,
): SampleJson {
  const json = { ...blank, at: iso(sample.at), known: Math.round(sample.known) }
  for (const key of keys) json[key] = shown(sample, key)
  if (keys.includes('energy')) json.energy_used = used ?? null
  return json
}

/** Seconds of the lines of all devices: from one value to the next, and altogether. */
const LINE = { step: 3_600, length: 24 * 3_600 } as const

/** The last 24 hours of all devices, one after the other: the answer for a house must not hold up a command. */
export async function houseHistory(serials: readonly string[], history: History): Promise<HouseHistoryJson> {
  const to = history.now()
  const from = Math.floor((to - LINE.length) / LINE.step) * LINE.step
  const devices = []
  for (const serial of serials) {
    const { samples } = await history.query(serial, { from, to, step: LINE.step })
    const line = (key: HistoryKey) => {
      const values: (number | null)[] = Array.from({ length: Math.ceil((to - from) / LINE.step) }, () => null)
      for (const sample of samples) values[(sample.at - from) / LINE.step] = shown(sample, key)
      return values
    }
    devices.push({ serial, current_temperature: line('current_temperature'), load: line('load') })
  }
  return { recording: history.recording, from: iso(from), to: iso(to), step: LINE.step, devices }
}

/**
 * RFC 4180. Every column is present whatever the device has, and every cell is a time, a number or empty: no free text
 * that a spreadsheet could take for a formula.
 */
export function historyCsv({ samples }: HistorySeries): string {
  const rows = samples.map((sample) => [
    iso(sample.at),
    Math.round(sample.known),
    ...KEYS.map((key) => shown(sample, key) ?? ''),
  ])
  return [['at', 'known', ...KEYS], ...rows].map((cells) => `${cells.join(',')}\r\n`).join('')
}

/** Safe in a header: serials are letters, digits, `-` and `_`. */
export function csvName(serial: string, { from, to }: HistorySeries): string {
  return `${serial}-${iso(from).slice(0, 10)}-${iso(to).slice(0, 10)}.csv`
}
