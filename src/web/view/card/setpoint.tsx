import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { setpointRange, stepped } from '../../state/limits.ts'
import { usePage } from '../hooks/context.ts'
import { Pending } from './problems.tsx'

const KEY = 'target_temperature'

/** The setpoint with − and +, and with a slider on a tap at it; several presses become one change. @param plain without its name */
export function Setpoint({ device, plain = false }: { device: Device; plain?: boolean }) {
  const { texts, house } = usePage()
  const { serial } = device
  const [sliding, setSliding] = useState(false)
  const value = house.shown(device, KEY)
  const range = setpointRange(device, 'control')
  const off = house.shown(device, 'mode') === 'off'
  const change = (direction: 1 | -1) => {
    // Two presses may come before it is drawn anew.
    const now = house.shown(device, KEY)
    const from = typeof now === 'number' ? now : range.min
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
  const said = typeof value === 'number' ? texts.quantity(value, '°C') : '–'
  return (
    <fieldset class="setpoint">
      <legend class={plain ? 'hidden' : 'small'}>{texts.say('card.setpoint')}</legend>
      {button(-1)}
      <button
        type="button"
        class="value-button"
        disabled={off}
        aria-expanded={sliding}
        title={texts.say('card.slide')}
        onClick={() => setSliding(!sliding)}
      >
        {/* Not what others set, or the schedule: of a hundred thermostats nobody could tell which is meant. */}
        <span class="big" aria-live={house.isPending(serial, KEY) ? 'polite' : 'off'}>
          {said}
        </span>
      </button>
      {button(1)}
      <Pending serial={serial} name={[KEY]} />
      {sliding && !off && (
        <input
          type="range"
          class="slide"
          aria-label={texts.say('card.setpoint')}
          aria-valuetext={said}
          min={range.min}
          max={range.max}
          step={range.step}
          value={typeof value === 'number' ? value : range.min}
          onInput={(event) => house.set(serial, KEY, Number(event.currentTarget.value), { settle: true })}
        />
      )}
    </fieldset>
  )
}
