/** The energy of a device as bars, by day, week or month, with what it costs; and that of another device beside it. */
import { useState } from 'preact/hooks'
import type { Device, Energy } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { alongside, barsOf, mostOf, sumOf, type Use } from '../../state/energy.ts'
import { usePage } from '../hooks/context.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { Compare } from './compare.tsx'
import { Table } from './table.tsx'
import { useEnergy } from './use-energy.ts'
import type { UsedView } from './use-view.ts'

const PERIODS = ['day', 'week', 'month'] as const

export function EnergySection({ device, used }: { device: Device; used: UsedView }) {
  const { texts } = usePage()
  const [by, setBy] = useState<Energy['by']>('day')
  const { other } = used
  const own = useEnergy(device.serial, by)
  const others = useEnergy(other?.serial, by)
  const failure = own.failure ?? others.failure
  const parts = own.energy?.by === others.energy?.by ? others.energy?.parts : undefined
  const nothing = parts?.every(({ energy }) => energy === null) ?? true
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
      <Compare device={device} used={used} />
      {failure && <FailureNotice failure={failure} />}
      {other && parts && nothing && (
        <p class="notice warn break">{texts.say('energy.compareEmpty', { name: other.name })}</p>
      )}
      {own.energy && (
        <Bars
          energy={own.energy}
          devices={[
            { name: device.name, parts: own.energy.parts },
            ...(other && parts && !nothing ? [{ name: other.name, parts: alongside(own.energy.parts, parts) }] : []),
          ]}
        />
      )}
    </section>
  )
}

const SIZE = { width: 600, height: 160 } as const

interface Counted {
  readonly name: string
  readonly parts: Energy['parts']
}

interface EnergyProps {
  readonly energy: Energy
  /** Of one device, or of two beside each other. */
  readonly devices: readonly Counted[]
}

/** What is told of a device: with its name only where there are two. */
const named = ({ name }: Counted, devices: readonly Counted[], what: string): string =>
  devices.length > 1 ? `${name}: ${what}` : what

/** The bars of two devices are told apart by place and colour. */
function Bars({ energy, devices }: EnergyProps) {
  const { texts } = usePage()
  const { by, currency } = energy
  const counted = devices.map((device) => device.parts)
  const bars = barsOf(counted, SIZE)
  const sum = sumOf(counted.flat())
  const n = texts.number(sum.energy)
  const cost = costText(sum, currency, texts)
  const ends = [energy.parts.at(0), energy.parts.at(-1)]
  return (
    <>
      {/* The name of the graph and the table say it to those who do not see it. */}
      <p class="small bars-most" aria-hidden="true">
        {energyText(mostOf(counted), texts)}
      </p>
      <svg
        class="bars"
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={texts.say('energy.graph', { by: texts.say(`energy.${by}`), n })}
      >
        {devices.map((device, place) => (
          <g key={place} class={place === 0 ? undefined : 'beside'}>
            {device.parts.map(({ from, energy: used }, index) => (
              <rect key={from} {...bars[place]?.[index]}>
                <title>{`${texts.date(from, by)}: ${named(device, devices, energyText(used, texts))}`}</title>
              </rect>
            ))}
          </g>
        ))}
      </svg>
      <p class="small bars-ends" aria-hidden="true">
        {ends.map((part, place) => (
          <span key={place}>{part && texts.date(part.from, by)}</span>
        ))}
      </p>
      {devices.length > 1 && <Sums {...{ devices, currency }} />}
      <p>{texts.say('energy.sum', { n, cost })}</p>
      <EnergyTable energy={energy} devices={devices} />
    </>
  )
}

const energyText = (value: number | null, texts: Texts): string =>
  value === null ? '–' : texts.say('top.kwh', { n: texts.number(value) })

const costText = ({ cost }: Use, currency: string | null, texts: Texts): string =>
  cost === null || currency === null ? '' : texts.money(cost, currency)

/** Each device over all parts, with its colour. */
function Sums({ devices, currency }: Pick<EnergyProps, 'devices'> & Pick<Energy, 'currency'>) {
  const { texts } = usePage()
  return (
    <ul class="sums">
      {devices.map(({ name, parts }, place) => {
        const sum = sumOf(parts)
        return (
          <li key={place}>
            <span class={place === 0 ? 'bar' : 'bar beside'} aria-hidden="true" />
            <span class="break">{name}</span>{' '}
            <b>
              {energyText(sum.energy, texts)} {costText(sum, currency, texts)}
            </b>
          </li>
        )
      })}
    </ul>
  )
}

function EnergyTable({ energy: { by, parts, currency }, devices }: EnergyProps) {
  const { texts } = usePage()
  const amount = (value: number | null) => (value === null ? '–' : texts.number(value, 2))
  const heads = [texts.say('history.energy'), ...(currency === null ? [] : [texts.say('energy.cost', { currency })])]
  const rows = parts.map(({ from }, index) => {
    const cells = devices.flatMap((device) => {
      const { energy = null, cost = null } = device.parts[index] ?? {}
      return [amount(energy), ...(currency === null ? [] : [amount(cost)])]
    })
    return { key: from, cells: [texts.date(from, by), ...cells] }
  })
  const columns = devices.flatMap((device) => heads.map((head) => named(device, devices, head)))
  return <Table heads={[texts.say('energy.from'), ...columns]} rows={rows} />
}
