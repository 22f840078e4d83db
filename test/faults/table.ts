/** How the outcomes are shown. */
import type { Fault, Outcome } from './fault.ts'

export interface Tried {
  readonly fault: Fault
  readonly outcome?: Outcome
  readonly skipped?: string
  readonly seconds?: number
}

/** A Markdown table, a line for each fault. */
export function table(all: readonly Tried[]): string {
  const rows = all.map(({ fault, outcome, skipped, seconds }) => {
    if (!outcome) return [fault.id, fault.what, `skipped: ${skipped}`, '', '', '']
    const lost = outcome.lost.length
    return [
      fault.id,
      fault.what,
      `${outcome.tried}`,
      `${Math.max(0, outcome.tried - lost)}`,
      lost ? `**${lost}**` : '0',
      `${seconds ?? 0} s`,
    ]
  })
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(['fault', 'what is done, and what has to hold', 'tried', 'survived', 'lost', 'took']),
    '|---|---|---|---|---|---|',
    ...rows.map(line),
  ].join('\n')
}

/** What was lost, a line for each, and the closing line. */
export function report(all: readonly Tried[]): string {
  const lost = all.flatMap(({ fault, outcome }) => (outcome?.lost ?? []).map((sentence) => `${fault.id}: ${sentence}`))
  const tried = all.reduce((sum, { outcome }) => sum + (outcome?.tried ?? 0), 0)
  return `\n${lost.map((line) => `${line}\n`).join('')}${tried} tried, ${lost.length} lost\n`
}
