import type { Device } from '../../api/types.ts'
import { otherTemperature, sensorOf } from '../../state/card.ts'
import { isHeating } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'
import { Locked, Only } from '../parts/rights.tsx'
import { Card } from './card.tsx'
import { Modes } from './modes.tsx'
import { Presets } from './presets.tsx'
import { Setpoint } from './setpoint.tsx'
import { Spark } from './spark.tsx'
import { UntilLine } from './until.tsx'

/** @param line °C of the last 24 hours, one for each hour */
export function ThermostatCard({ device, line }: { device: Device; line?: readonly (number | null)[] | undefined }) {
  const { texts } = usePage()
  const { state } = device
  const sensor = sensorOf(state)
  const other = otherTemperature(state)
  const now = state.current_temperature
  return (
    <Card device={device} look={lookOf(device)} corner={<Action device={device} />}>
      <div class="now">
        <p>
          <span class="small block">{texts.say(sensor ? `card.by.${sensor}` : 'card.now')}</span>
          <span class="huge">{typeof now === 'number' ? texts.number(now, 1) : '–'}</span>
          <span class="degrees"> °C</span>
          {other && (
            <span class="small block">
              {texts.say('card.other', {
                sensor: texts.say(`card.by.${other.sensor}`),
                value: texts.number(other.value, 1),
              })}
            </span>
          )}
        </p>
        <Spark values={line} />
      </div>
      <Locked scope="control">
        <Setpoint device={device} />
      </Locked>
      <UntilLine device={device} />
      <Locked scope="control">
        <Modes device={device} />
      </Locked>
      <Only scope="control">
        <Presets device={device} />
      </Only>
    </Card>
  )
}

/** What is to be seen from afar. */
function lookOf(device: Device): 'heating' | 'cooling' | '' {
  if (isHeating(device)) return 'heating'
  return device.online && device.state.action === 'cooling' ? 'cooling' : ''
}

const ICONS = { heating: 'flame', cooling: 'snow', '': null } as const

function Action({ device }: { device: Device }) {
  const { texts } = usePage()
  const { action } = device.state
  if (!device.online || typeof action !== 'string') return null
  const icon = ICONS[lookOf(device)]
  return (
    <span class={`action ${action}`}>
      {icon && <Icon name={icon} />}
      {texts.lookUp('action', action)}
    </span>
  )
}
