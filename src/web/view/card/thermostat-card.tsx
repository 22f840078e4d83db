import type { Device } from '../../api/types.ts'
import { otherTemperature, sensorOf } from '../../state/card.ts'
import { usePage } from '../parts/context.ts'
import { Icon } from '../parts/icons.tsx'
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
      <Setpoint device={device} />
      <UntilLine device={device} />
      <Modes device={device} />
      <Presets device={device} />
    </Card>
  )
}

const HOT: readonly unknown[] = ['heating', 'preheating']

/** What is to be seen from afar. */
function lookOf({ online, state: { action } }: Device): string {
  if (!online) return ''
  return HOT.includes(action) ? 'heating' : action === 'cooling' ? 'cooling' : ''
}

function Action({ device: { online, state } }: { device: Device }) {
  const { texts } = usePage()
  const { action } = state
  if (!online || typeof action !== 'string') return null
  const icon = HOT.includes(action) ? 'flame' : action === 'cooling' ? 'snow' : null
  return (
    <span class={`action ${action}`}>
      {icon && <Icon name={icon} />}
      {texts.lookUp('action', action)}
    </span>
  )
}
