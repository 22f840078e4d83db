import { useState } from 'preact/hooks'
import type { Datapoint, Device, Model, Value } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { riskOf } from '../../state/limits.ts'
import { CATEGORIES, OPEN, pointsBelow, searched } from '../../state/points.ts'
import { Pending } from '../card/problems.tsx'
import { usePage } from '../hooks/context.ts'
import { Control } from '../parts/controls.tsx'
import { Status } from '../parts/notice.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Sure } from '../parts/sure.tsx'
import { valueText } from './values.ts'

interface DatapointsProps {
  readonly device: Device
  readonly model: Model
}

/** All values of a device by category, to be searched: each catalog row with its text and its control. */
export function Datapoints({ device, model }: DatapointsProps) {
  const { texts } = usePage()
  const [raw, setRaw] = useState(false)
  const [search, setSearch] = useState('')
  const searching = search.trim() !== ''
  const points = searched(pointsBelow(model.datapoints, device.state), search, (point) => {
    const { name, text } = texts.datapoint(point)
    return `${name} ${text} ${texts.lookUp('category', point.category)}`
  })
  return (
    <section class="parameters" aria-label={texts.say('points.title')}>
      <h2>{texts.say('points.title')}</h2>
      <div class="row">
        <SearchField label="points.search" search={search} change={setSearch} />
        <button type="button" class="quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {texts.say('points.raw')}
        </button>
      </div>
      <Status>{searching ? texts.say('points.found', { n: points.length }) : ''}</Status>
      {CATEGORIES.map((category) => {
        const rows = points.filter((point) => point.category === category)
        if (rows.length === 0) return null
        return (
          <details class="panel" key={category} open={searching || OPEN.includes(category)}>
            <summary>
              <h3>{texts.lookUp('category', category)}</h3>
            </summary>
            <div class="points">
              {rows.map((point) => (
                <Row key={point.key} point={point} device={device} raw={raw} />
              ))}
            </div>
          </details>
        )
      })}
    </section>
  )
}

function Row({ point, device, raw }: { point: Datapoint; device: Device; raw: boolean }) {
  const { texts, house, may } = usePage()
  /** What somebody wants to set, until it is confirmed. */
  const [asked, setAsked] = useState<Value | undefined>()
  const risk = riskOf(point.key)
  const { name, text } = texts.datapoint(point)
  const id = `point-${point.key}`
  const writable = point.access === 'write' && may('control')
  const failed = house.failedOf(device.serial)
  return (
    <div class="point">
      <div>
        {writable ? <label for={id}>{name}</label> : <span>{name}</span>}
        <span class="small block">{text}</span>
        {raw && (
          <code class="small block">
            {point.key}
            {point.raw !== undefined && ` · ${point.raw}`}
          </code>
        )}
        {/* The card says it too, but that is far away from here. */}
        {failed?.keys.includes(point.key) && <span class="small block bad">{texts.lookUp('error', failed.code)}</span>}
      </div>
      <div class="value">
        <Pending serial={device.serial} name={[point.key]} />
        {writable ? (
          <>
            <Control point={point} device={device} id={id} set={risk ? setAsked : undefined} />
            {point.unit && <span class="unit">{texts.unit(point.unit)}</span>}
          </>
        ) : (
          <span>{said(point, device, texts)}</span>
        )}
      </div>
      {risk && asked !== undefined && (
        <Sure
          label={name}
          yes={texts.say('risk.change')}
          act={() => {
            setAsked(undefined)
            house.set(device.serial, point.key, asked)
          }}
          cancel={() => setAsked(undefined)}
        >
          <strong>
            {name}: {valueText(point, asked, texts, device.timezone)}.
          </strong>{' '}
          {texts.say(`risk.${risk}`)}
        </Sure>
      )}
    </div>
  )
}

/** A value in words. */
const said = (point: Datapoint, device: Device, texts: Texts): string =>
  valueText(point, device.state[point.key], texts, device.timezone)
