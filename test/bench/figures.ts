/** What was measured, and how it is shown. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'

export interface Figure {
  /** The part of the benchmark: a letter. */
  readonly part: string
  readonly what: string
  readonly unit: string
  readonly value: number
  /** The same work done with nothing but Node and the libraries; undefined where there is no such thing. */
  readonly floor?: number
  /** What the goal is set for: the value, or its ratio to the floor. */
  readonly of?: 'value' | 'ratio'
  readonly atMost?: number
  readonly atLeast?: number
}

export const ratioOf = ({ value, floor }: Figure): number | undefined =>
  floor === undefined || floor === 0 ? undefined : value / floor

/** Whether the goal is met; undefined for a figure without a goal. */
export function isMet(figure: Figure): boolean | undefined {
  const { of = 'value', atMost, atLeast } = figure
  const measured = of === 'ratio' ? ratioOf(figure) : figure.value
  if (measured === undefined || (atMost === undefined && atLeast === undefined)) return undefined
  return (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast)
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @throws RangeError of no values */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)]
  if (value === undefined) throw new RangeError('no values were measured')
  return value
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toString()
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function goal({ of, atMost, atLeast, unit }: Figure): string {
  const after = of === 'ratio' ? ' × floor' : ` ${unit}`
  if (atMost !== undefined) return `≤ ${atMost}${after}`
  return atLeast === undefined ? '' : `≥ ${atLeast}${after}`
}

/** A Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const ratio = ratioOf(figure)
    const met = isMet(figure)
    return [
      figure.part,
      figure.what,
      `${number(figure.value)} ${figure.unit}`,
      figure.floor === undefined ? '' : `${number(figure.floor)} ${figure.unit}`,
      ratio === undefined ? '' : number(ratio),
      goal(figure),
      met === undefined ? '' : met ? 'met' : '**not met**',
    ]
  })
  const all = [['', 'measured', 'value', 'floor', 'ratio', 'goal', ''], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = all
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n')
}

/** The machine, in a line; the load tells whether others used it at the same time. */
export function machine(): string {
  const [model] = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${model?.model.trim() ?? 'unknown'}), ${gib} GiB, Node ${process.version}, ${process.platform} ${process.arch}`
}

export const load = (): string => (loadavg()[0] ?? 0).toFixed(2)

/** The commit that is measured, where git can tell. */
export function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
