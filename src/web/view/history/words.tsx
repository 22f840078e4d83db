/** The contents of the graph as text and as a table. */
import type { HistorySample } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { type HistoryRange, type Line, summaryOf, tableOf } from '../../state/history.ts'
import { usePage } from '../hooks/context.ts'
import { Table } from './table.tsx'

/** A value of a line with its unit. */
export function valueText(texts: Texts, line: Line, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (line === 'load') return `${texts.number(Math.round(value * 100))} %`
  return `${texts.number(value, 1)} ${line === 'voltage' ? 'V' : '°C'}`
}

export function HistoryWords({ samples }: { samples: readonly HistorySample[] }) {
  const { texts } = usePage()
  const { spread, energy } = summaryOf(samples)
  const sentences = (['floor_temperature', 'air_temperature', 'voltage'] as const).flatMap((line) => {
    const found = spread[line]
    if (!found) return []
    const [min, max, mean] = [found.min, found.max, found.mean].map((value) => valueText(texts, line, value))
    return [
      texts.say('history.spread', {
        name: texts.say(`line.${line}`),
        min: min ?? '',
        max: max ?? '',
        mean: mean ?? '',
      }),
    ]
  })
  if (spread.load) sentences.push(texts.say('history.on', { share: valueText(texts, 'load', spread.load.mean) }))
  if (energy !== undefined) sentences.push(texts.say('history.used', { energy: texts.number(energy) }))
  return <p>{sentences.join(' ')}</p>
}

interface TableProps {
  readonly samples: readonly HistorySample[]
  readonly range: HistoryRange
  readonly lines: readonly Line[]
}

const zone = (at: number): number => -60 * new Date(at * 1000).getTimezoneOffset()

export function HistoryTable({ samples, range, lines }: TableProps) {
  const { texts } = usePage()
  const rows = tableOf(samples, range, zone)
  const counted = rows.some(({ energy }) => energy !== undefined)
  const heads = [
    texts.say('history.time'),
    ...lines.map((line) => texts.say(`line.${line}`)),
    ...(counted ? [texts.say('history.energy')] : []),
  ]
  const tabled = rows.map(({ at, spread, energy }) => ({
    key: at,
    cells: [
      texts.time(new Date(at * 1000).toISOString()),
      ...lines.map((line) => valueText(texts, line, spread[line]?.mean)),
      ...(counted ? [energy === undefined ? '–' : texts.number(energy, 2)] : []),
    ],
  }))
  return <Table heads={heads} rows={tabled} />
}
