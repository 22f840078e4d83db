import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { SwitchControl } from '../parts/controls.tsx'
import { Locked } from '../parts/rights.tsx'
import { Card } from './card.tsx'
import { Pending } from './problems.tsx'

export function RelayCard({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { serial, name, state } = device
  const point = house.models.value.get(device.model)?.datapoints.find(({ key }) => key === 'relay')
  return (
    <Card device={device}>
      {point && (
        <p class="row">
          <Locked scope="control">
            <SwitchControl point={point} device={device} label={name} />
          </Locked>
          <span class="big">{texts.say(house.shown(device, 'relay') === true ? 'card.on' : 'card.off')}</span>
          <Pending serial={serial} name={['relay']} />
        </p>
      )}
      {typeof state.voltage === 'number' && <p>{texts.say('card.voltage', { value: texts.number(state.voltage) })}</p>}
    </Card>
  )
}
