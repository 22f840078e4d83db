import type { Device } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'
import { SwitchControl } from '../parts/controls.tsx'
import { Failed, Pending, Problems } from './problems.tsx'

export function RelayCard({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { serial, name, state, online } = device
  const point = house.models.value.get(device.model)?.datapoints.find(({ key }) => key === 'relay')
  const title = `card-${serial}`
  return (
    <article class={`card ${online ? '' : 'offline'}`} aria-labelledby={title}>
      <h2 id={title}>
        <a href={`#/devices/${serial}`} aria-label={texts.say('card.open', { name })}>
          {name}
        </a>
      </h2>
      {point && (
        <p class="row">
          <SwitchControl point={point} device={device} label={name} />
          <span class="big">{texts.say(house.shown(device, 'relay') === true ? 'card.on' : 'card.off')}</span>
          <Pending serial={serial} name="relay" />
        </p>
      )}
      {typeof state.voltage === 'number' && <p>{texts.say('card.voltage', { value: texts.number(state.voltage) })}</p>}
      <Problems device={device} />
      <Failed device={device} />
    </article>
  )
}
