/** The contents of the graph as text and as a table. */
import type { Device, HistorySample } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { type DrawnLine, type HistoryRange, type Measured, summaryOf, tableOf } from '../../state/history/samples.ts'
import { usePage } from '../hooks/context.ts'
import { Table } from './table.tsx'

/** A value of a line with its unit. */
export function readingText(line: DrawnLine | Measured, value: number | null | undefined, texts: Texts): string {
  if (value === null || value === undefined) return '–'
  if (line === 'load') return texts.percent(value)
  return texts.quantity(value, line === 'voltage' ? 'V' : '°C', 1)
}

/** What a line is called; the one of the device beside by its name. */
export function useName(beside: Device | undefined): (line: DrawnLine) => string {
  const { texts } = usePage()
  return (line) => (line === 'beside' ? (beside?.name ?? '') : texts.say(`line.${line}`))
}

interface WordsProps {
  readonly samples: readonly HistorySample[]
  /** Of the device beside, if there is one. */
  readonly besides: readonly HistorySample[]
  readonly nameOf: (line: DrawnLine) => string
}

export function HistoryWords({ samples, besides, nameOf }: WordsProps) {
  const { texts } = usePage()
  const { spread, energy } = summaryOf(samples)
  const spreads = { ...spread, beside: summaryOf(besides).spread.current_temperature }
  const sentences = (['floor_temperature', 'air_temperature', 'voltage', 'beside'] as const).flatMap((line) => {
    const found = spreads[line]
    if (!found) return []
    const [min = '', max = '', mean = ''] = [found.min, found.max, found.mean].map((v) => readingText(line, v, texts))
    return [texts.say('history.spread', { name: nameOf(line), min, max, mean })]
  })
  if (spread.load) sentences.push(texts.say('history.on', { share: readingText('load', spread.load.mean, texts) }))
  if (energy !== undefined) sentences.push(texts.say('history.used', { energy: texts.number(energy) }))
  return <p class="break">{sentences.join(' ')}</p>
}

interface TableProps extends WordsProps {
  readonly range: HistoryRange
  readonly lines: readonly DrawnLine[]
}

export function HistoryTable({ samples, besides, range, lines, nameOf }: TableProps) {
  const { texts } = usePage()
  const zone = (at: number) => texts.ahead(at * 1000) / 1000
  const own = new Map(tableOf(samples, range, zone).map((row) => [row.at, row]))
  const others = new Map(tableOf(besides, range, zone).map((row) => [row.at, row]))
  const counted = [...own.values()].some(({ energy }) => energy !== undefined)
  const heads = [texts.say('history.time'), ...lines.map(nameOf), ...(counted ? [texts.say('history.energy')] : [])]
  const mean = (line: DrawnLine, at: number) =>
    line === 'beside' ? others.get(at)?.spread.current_temperature?.mean : own.get(at)?.spread[line]?.mean
  const times = [...new Set([...own.keys(), ...others.keys()])].sort((a, b) => a - b)
  const tabled = times.map((at) => {
    const energy = own.get(at)?.energy
    return {
      key: at,
      cells: [
        texts.time(at * 1000),
        ...lines.map((line) => readingText(line, mean(line, at), texts)),
        ...(counted ? [energy === undefined ? '–' : texts.number(energy, 2)] : []),
      ],
    }
  })
  return <Table heads={heads} rows={tabled} />
}
