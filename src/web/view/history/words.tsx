/** The contents of the graph as text and as a table. */
import type { HistorySample } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { type HistoryRange, type Line, summaryOf, tableOf } from '../../state/history.ts'
import { usePage } from '../parts/context.ts'

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
  return (
    <details>
      <summary>{texts.say('history.table')}</summary>
      <div class="wide-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.say('history.time')}</th>
              {lines.map((line) => (
                <th scope="col" key={line}>
                  {texts.say(`line.${line}`)}
                </th>
              ))}
              {counted && <th scope="col">{texts.say('history.energy')}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ at, spread, energy }) => (
              <tr key={at}>
                <th scope="row">{texts.time(new Date(at * 1000).toISOString())}</th>
                {lines.map((line) => (
                  <td key={line}>{valueText(texts, line, spread[line]?.mean)}</td>
                ))}
                {counted && <td>{energy === undefined ? '–' : texts.number(energy, 2)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
