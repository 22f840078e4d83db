import { useState } from 'preact/hooks'
import type { Datapoint, Device, Model, Value } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { riskOf } from '../../state/limits.ts'
import { Pending } from '../card/problems.tsx'
import { usePage } from '../hooks/context.ts'
import { Control } from '../parts/controls.tsx'
import { Sure } from '../parts/sure.tsx'

const CATEGORIES = ['control', 'measured', 'config', 'fault', 'diagnostic'] as const

/** On the card above already; `power_off` is the mode off. */
const ON_CARD: readonly string[] = [
  'mode',
  'power_off',
  'preset',
  'target_temperature',
  'relay',
  'action',
  'current_temperature',
]

/** All values of a device by category: each catalog row with its text and its control. */
export function Datapoints({ device, model }: { device: Device; model: Model }) {
  const { texts } = usePage()
  const [raw, setRaw] = useState(false)
  const points = model.datapoints.filter(
    ({ key, access }) =>
      !ON_CARD.includes(key) && (access === 'write' || (device.state[key] !== null && device.state[key] !== undefined)),
  )
  return (
    <>
      {CATEGORIES.map((category) => {
        const rows = points.filter((point) => point.category === category)
        if (rows.length === 0) return null
        const name = texts.lookUp('category', category)
        return (
          <details class="panel" key={category} open={category === 'control' || category === 'measured'}>
            <summary>
              <h2>{name}</h2>
            </summary>
            <div class="points">
              {rows.map((point) => (
                <Row key={point.key} point={point} device={device} raw={raw} />
              ))}
            </div>
          </details>
        )
      })}
      <button type="button" class="quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
        {texts.say('points.raw')}
      </button>
    </>
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
            {point.unit && <span class="unit">{point.unit}</span>}
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
            {name}: {valueText(point, asked, texts)}.
          </strong>{' '}
          {texts.say(`risk.${risk}`)}
        </Sure>
      )}
    </div>
  )
}

/** A value in words. */
const said = (point: Datapoint, device: Device, texts: Texts): string =>
  valueText(point, device.state[point.key], texts)

function valueText(point: Datapoint, value: Value | undefined, texts: Texts): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'boolean') return texts.say(value ? 'common.yes' : 'common.no')
  if (typeof value === 'number') return `${texts.number(value)}${point.unit ? ` ${point.unit}` : ''}`
  if (point.type === 'timestamp') return texts.time(String(value))
  return texts.label(point, String(value))
}
