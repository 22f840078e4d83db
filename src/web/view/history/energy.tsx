/** The energy of a device as bars, by day, week or month, with what it costs. */
import { useEffect, useState } from 'preact/hooks'
import type { Energy } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { barsOf, energyPath, LAST, sumOf } from '../../state/energy.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { Table } from './table.tsx'

const PERIODS = ['day', 'week', 'month'] as const

export function EnergySection({ serial }: { serial: string }) {
  const { texts, client } = usePage()
  const [by, setBy] = useState<Energy['by']>('day')
  const [energy, setEnergy] = useState<Energy | null>(null)
  const task = useTask()
  useEffect(() => {
    task.run(async () => setEnergy(await client.get<Energy>(energyPath(by, LAST[by], serial))))
  }, [client, serial, by])
  return (
    <section class="panel history" aria-label={texts.say('energy.title')}>
      <h2>{texts.say('energy.title')}</h2>
      <fieldset class="ranges" aria-label={texts.say('energy.by')}>
        {PERIODS.map((each) => (
          <button key={each} type="button" aria-pressed={each === by} onClick={() => setBy(each)}>
            {texts.say(`energy.${each}`)}
          </button>
        ))}
      </fieldset>
      {task.failure && <FailureNotice failure={task.failure} />}
      {energy && <Bars energy={energy} />}
    </section>
  )
}

const SIZE = { width: 600, height: 160 } as const

function Bars({ energy }: { energy: Energy }) {
  const { texts } = usePage()
  const { by, parts, currency } = energy
  const bars = barsOf(parts, SIZE)
  const { energy: sum, cost } = sumOf(parts)
  const n = texts.number(sum)
  const priced = currency === null ? [] : [texts.say('energy.cost', { currency })]
  const heads = [texts.say('energy.from'), texts.say('history.energy'), ...priced]
  const amount = (value: number | null) => (value === null ? '–' : texts.number(value, 2))
  const rows = parts.map(({ from, energy, cost }) => ({
    key: from,
    cells: [texts.date(from, by), amount(energy), ...(currency === null ? [] : [amount(cost)])],
  }))
  return (
    <>
      <svg
        class="bars"
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={texts.say('energy.graph', { by: texts.say(`energy.${by}`), n })}
      >
        {bars.map((bar, index) => (
          <rect key={parts[index]?.from} {...bar}>
            <title>{parts[index] && partText(parts[index], by, texts)}</title>
          </rect>
        ))}
      </svg>
      <p>
        {texts.say('energy.sum', { n, cost: cost === null || currency === null ? '' : texts.money(cost, currency) })}
      </p>
      <Table heads={heads} rows={rows} />
    </>
  )
}

const partText = ({ from, energy }: Energy['parts'][number], by: Energy['by'], texts: Texts): string =>
  `${texts.date(from, by)}: ${energy === null ? '–' : texts.say('top.kwh', { n: texts.number(energy) })}`
