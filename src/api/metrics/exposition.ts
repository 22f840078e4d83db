/** Prometheus' text format, version 0.0.4. */
import type { Metric } from '../types.ts'

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"')

function labelsText(...sets: readonly Readonly<Record<string, string>>[]): string {
  let text = ''
  for (const labels of sets) {
    for (const name in labels) text += `${text === '' ? '{' : ','}${name}="${escapeLabel(labels[name] ?? '')}"`
  }
  return text === '' ? '' : `${text}}`
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

/** Metrics without samples are left out. @param everywhere labels that each sample gets in addition to its own */
export function expose(metrics: readonly Metric[], everywhere: Readonly<Record<string, string>> = {}): string {
  const lines: string[] = []
  for (const { name, help, type, samples } of metrics) {
    if (samples.length === 0) continue
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`)
    for (const { suffix = '', labels, value } of samples) {
      lines.push(`${name}${suffix}${labelsText(labels, everywhere)} ${valueText(value)}`)
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
