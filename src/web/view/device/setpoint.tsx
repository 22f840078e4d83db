import type { Device } from '../../api/types.ts'
import { setpointRange, stepped } from '../../state/limits.ts'
import { usePage } from '../parts/context.ts'
import { Pending } from './problems.tsx'

const KEY = 'target_temperature'

/** The setpoint with − and +; several presses become one change. */
export function Setpoint({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { serial } = device
  const value = house.shown(device, KEY)
  const range = setpointRange(device, 'control')
  const off = house.shown(device, 'mode') === 'off'
  const change = (direction: 1 | -1) => {
    const from = typeof value === 'number' ? value : range.min
    house.set(serial, KEY, stepped(from, direction, range), { settle: true })
  }
  const button = (direction: 1 | -1) => (
    <button
      type="button"
      class="round"
      disabled={off || (typeof value === 'number' && (direction < 0 ? value <= range.min : value >= range.max))}
      aria-label={texts.say(direction < 0 ? 'card.colder' : 'card.warmer')}
      onClick={() => change(direction)}
    >
      {direction < 0 ? '−' : '+'}
    </button>
  )
  return (
    <fieldset class="setpoint">
      <legend class="small">{texts.say('card.setpoint')}</legend>
      {button(-1)}
      <output class="big" aria-live="polite">
        {typeof value === 'number' ? `${texts.number(value)} °C` : '–'}
      </output>
      {button(1)}
      <Pending serial={serial} name={KEY} />
    </fieldset>
  )
}
