import type { Device } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'
import { ChoiceControl } from '../parts/controls.tsx'
import { Card } from './card.tsx'
import { Pending } from './problems.tsx'
import { Setpoint } from './setpoint.tsx'

export function ThermostatCard({ device }: { device: Device }) {
  const { texts } = usePage()
  const { action, current_temperature: now } = device.state
  return (
    <Card device={device}>
      <p class="now">
        <span class="small block">{texts.say('card.now')}</span>
        <span class="big">{typeof now === 'number' ? `${texts.number(now, 1)} °C` : '–'}</span>
        {typeof action === 'string' && <span class={`action ${action}`}>{texts.lookUp('action', action)}</span>}
      </p>
      <Setpoint device={device} />
      <Choices device={device} />
    </Card>
  )
}

/** Mode and preset, as the device has them. */
function Choices({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const points = house.models.value.get(device.model)?.datapoints ?? []
  return (
    <div class="row">
      {points
        .filter(({ key }) => key === 'mode' || key === 'preset')
        .map((point) => (
          <div key={point.key} class="choice">
            <label for={`${device.serial}-${point.key}`}>
              {texts.say(point.key === 'mode' ? 'card.mode' : 'card.preset')}
            </label>
            <Pending serial={device.serial} name={point.key} />
            <ChoiceControl
              id={`${device.serial}-${point.key}`}
              point={point}
              device={device}
              values={offered(point.key, point.values ?? [], device)}
            />
          </div>
        ))}
    </div>
  )
}

/** Heating or cooling depends on the installed load and is not a choice; and only some models can boost. */
function offered(key: string, values: readonly string[], { state }: Device): readonly string[] {
  if (key === 'mode') return values.filter((value) => value !== (state.cooling === true ? 'heat' : 'cool'))
  return 'boost_minutes' in state ? values : values.filter((value) => value !== 'boost')
}
