/** The history of a device for the graph, the text and the table. */
import type { HistorySample, State } from '../../api/types.ts'

export const RANGES = ['day', 'week', 'month'] as const
export type HistoryRange = (typeof RANGES)[number]

const DAY = 86_400
export const HISTORY_DAYS: Readonly<Record<HistoryRange, number>> = { day: 1, week: 7, month: 30 }

/** Seconds. */
export const lengthOf = (range: HistoryRange): number => HISTORY_DAYS[range] * DAY

/** The lines, in drawing order; the controlling sensor is one of the two. */
const LINES = ['floor_temperature', 'air_temperature', 'target_temperature', 'voltage', 'load'] as const
export type Line = (typeof LINES)[number]

/** A line of the graph: of the device itself, or the temperature of the one beside it. */
export type DrawnLine = Line | 'beside'

/** What a sample tells: the lines, and the temperature at whichever sensor controls. */
const MEASURED = [...LINES, 'current_temperature'] as const
export type Measured = (typeof MEASURED)[number]

/** The finest step that is kept for a whole range. */
const CSV_STEPS: Readonly<Record<HistoryRange, string>> = { day: '10s', week: '5m', month: '5m' }

/** Unix seconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The address of a range up to now, or of a span in Unix seconds. */
export function historyPath(serial: string, range: HistoryRange, span: Span | null, csv = false): string {
  const place = span === null ? `from=-${HISTORY_DAYS[range]}d` : `from=${span.from}&to=${span.to}`
  const form = csv ? `&format=csv&step=${CSV_STEPS[range]}` : ''
  return `/api/v1/devices/${serial}/history?${place}${form}`
}

/** Unix seconds. */
const timeOf = ({ at }: Pick<HistorySample, 'at'>): number => Date.parse(at) / 1000

/** The device's present values as a sample; nothing while it is offline. */
export function liveSample(state: State, online: boolean, at: number): HistorySample {
  const number = (key: Measured) => {
    const value = state[key]
    return online && typeof value === 'number' ? value : null
  }
  const load = state.load ?? state.relay
  return {
    at: new Date(at * 1000).toISOString(),
    known: 0,
    current_temperature: number('current_temperature'),
    floor_temperature: number('floor_temperature'),
    air_temperature: number('air_temperature'),
    target_temperature: number('target_temperature'),
    voltage: number('voltage'),
    load: online && typeof load === 'boolean' ? Number(load) : null,
  }
}

/** The lines with any data. */
export const linesOf = (samples: readonly HistorySample[]): readonly Line[] =>
  LINES.filter((line) => samples.some((sample) => typeof sample[line] === 'number'))

/** null: there is no data, so that the line is interrupted. undefined: no news at this time, so that the line goes on. */
export type Column = readonly (number | null | undefined)[]

/** What a device has told, time by time. */
export interface Told {
  /** Unix seconds, ascending. */
  readonly times: readonly number[]
  readonly values: Readonly<Record<Measured, Column>>
}

/** Samples, then live values: each of those lasts until the next. */
export function told(samples: readonly HistorySample[], step: number, since: readonly HistorySample[]): Told {
  const rows: (readonly [at: number, sample: HistorySample | null])[] = []
  let end = Number.POSITIVE_INFINITY
  for (const sample of samples) {
    const at = timeOf(sample)
    if (at > end) rows.push([end, null])
    rows.push([at, sample])
    end = at + step
  }
  const last = rows.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY
  for (const sample of since) rows.push([Math.max(timeOf(sample), last), sample])
  const column = (line: Measured) => rows.map(([, sample]) => sample?.[line] ?? null)
  return {
    times: rows.map(([at]) => at),
    values: {
      floor_temperature: column('floor_temperature'),
      air_temperature: column('air_temperature'),
      target_temperature: column('target_temperature'),
      voltage: column('voltage'),
      load: column('load'),
      current_temperature: column('current_temperature'),
    },
  }
}

export interface Drawn {
  /** Unix seconds, ascending. */
  readonly times: readonly number[]
  readonly values: Readonly<Record<DrawnLine, Column>>
}

/** A device, and the temperature of the one beside it, on one axis of time: neither puts a value or a gap into the other. */
export function drawn(own: Told, other: Told | null): Drawn {
  if (other === null) return { times: own.times, values: { ...own.values, beside: own.times.map(() => null) } }
  const times = [...new Set([...own.times, ...other.times])].sort((a, b) => a - b)
  const on = (from: Told, line: Measured): Column => {
    const known = new Map(from.times.map((at, index) => [at, from.values[line][index]]))
    return times.map((at) => known.get(at))
  }
  return {
    times,
    values: {
      floor_temperature: on(own, 'floor_temperature'),
      air_temperature: on(own, 'air_temperature'),
      target_temperature: on(own, 'target_temperature'),
      voltage: on(own, 'voltage'),
      load: on(own, 'load'),
      beside: on(other, 'current_temperature'),
    },
  }
}

/** The first and the last of the times within a part; where there are none, those before it. */
export function momentsIn(
  times: readonly number[],
  { from, to }: Span,
): { readonly first: number; readonly last: number } {
  const first = times.findIndex((at) => at >= from)
  const last = times.findLastIndex((at) => at <= to)
  if (first < 0 || last < first) return { first: Math.max(0, last), last: Math.max(0, last) }
  return { first, last }
}

/** What a line shows at a time: what it last told. */
export function valueAt(column: Column, index: number): number | null {
  let at = index
  while (at > 0 && column[at] === undefined) at--
  return column[at] ?? null
}

export interface Spread {
  readonly mean: number
  readonly min: number
  readonly max: number
}

/** An interval in numbers. */
export interface Summary {
  readonly spread: Readonly<Partial<Record<Measured, Spread>>>
  /** kWh used; undefined if not counted. */
  readonly energy: number | undefined
}

export function summaryOf(samples: readonly HistorySample[]): Summary {
  const spreads = MEASURED.flatMap((line) => {
    const spread = spreadOf(samples, line)
    return spread ? [[line, spread] as const] : []
  })
  return { spread: Object.fromEntries(spreads), energy: usedOf(samples) }
}

function spreadOf(samples: readonly HistorySample[], line: Measured): Spread | undefined {
  let [sum, seconds, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const extremes = line === 'load' || line === 'target_temperature' ? null : line
  for (const sample of samples) {
    const value = sample[line]
    if (typeof value !== 'number') continue
    sum += value * sample.known
    seconds += sample.known
    min = Math.min(min, (extremes && sample[`${extremes}_min`]) ?? value)
    max = Math.max(max, (extremes && sample[`${extremes}_max`]) ?? value)
  }
  return seconds > 0 ? { mean: sum / seconds, min, max } : undefined
}

/** Any part of a range is counted as the bridge counts it, so parts add up to the whole. */
function usedOf(samples: readonly HistorySample[]): number | undefined {
  const used = samples.flatMap(({ energy_used: kWh }) => (typeof kWh === 'number' ? [kWh] : []))
  return used.length === 0 ? undefined : Math.round(used.reduce((sum, kWh) => sum + kWh, 0) * 1000) / 1000
}

/** Those of a part of the time. */
export const samplesIn = (samples: readonly HistorySample[], { from, to }: Span): readonly HistorySample[] =>
  samples.filter((sample) => timeOf(sample) >= from && timeOf(sample) < to)

export interface TableRow extends Summary {
  /** Unix seconds. */
  readonly at: number
}

const TABLE_STEPS: Readonly<Record<HistoryRange, number>> = { day: 3_600, week: DAY / 4, month: DAY }

/**
 * The graph as a table: by hour, by quarter of a day, or by day.
 * @param zone seconds that local time is ahead of UTC at a time in Unix seconds
 */
export function tableOf(
  samples: readonly HistorySample[],
  range: HistoryRange,
  zone: (at: number) => number,
): readonly TableRow[] {
  const step = TABLE_STEPS[range]
  const groups = new Map<number, HistorySample[]>()
  for (const sample of samples) {
    const at = timeOf(sample)
    const start = Math.floor((at + zone(at)) / step) * step - zone(at)
    const group = groups.get(start)
    if (group) group.push(sample)
    else groups.set(start, [sample])
  }
  return [...groups].map(([at, group]) => ({ at, ...summaryOf(group) }))
}
