import type { Device } from '../../api/types.ts'
import { isHeating } from '../../state/list.ts'
import { useTrouble, useWait } from '../card/problems.tsx'
import { Setpoint } from '../card/setpoint.tsx'
import { untilText } from '../card/until.tsx'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'
import { inWords } from '../parts/notice.tsx'
import { Locked } from '../parts/rights.tsx'

/** A thermostat in a line. */
export function ThermostatRow({ device }: { device: Device }) {
  const { texts } = usePage()
  const { serial, name, room, online, state } = device
  const now = state.current_temperature
  return (
    <li class={`device-row ${isHeating(device) ? 'heating' : ''} ${online ? '' : 'offline'}`}>
      <Choose device={device} />
      <p class="who">
        <a href={`#/devices/${serial}`} aria-label={texts.say('card.open', { name })}>
          {name}
        </a>
        <span class="small block">{room ?? untilText(device, texts)}</span>
      </p>
      <p class="is">
        {isHeating(device) && (
          <>
            <Icon name="flame" />
            <span class="hidden">{texts.lookUp('action', String(state.action))}</span>
          </>
        )}
        <span class="big">{typeof now === 'number' ? texts.number(now, 1) : '–'}</span> °C
      </p>
      <Locked scope="control">
        <Setpoint device={device} plain />
      </Locked>
      <Trouble device={device} />
    </li>
  )
}

/** Whether it is among those that are changed together; nothing while nobody chooses several. */
function Choose({ device: { serial, name } }: { device: Device }) {
  const { texts, list } = usePage()
  const selected = list.selected.value
  if (selected === null) return null
  return (
    <input
      type="checkbox"
      aria-label={texts.say('list.choose', { name })}
      checked={selected.has(serial)}
      onChange={({ currentTarget }) => list.select([serial], currentTarget.checked)}
    />
  )
}

/** What a command waits for, or why the last one from this page failed, which the bridge may never have got; or else what is wrong. */
function Trouble({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const wait = useWait(device)
  const trouble = useTrouble(device)
  const failed = house.failedOf(device.serial)
  const said = wait || (failed ? inWords(texts, failed) : trouble)
  return (
    <div class="trouble" role="status">
      {said !== '' && (
        <p class="small">
          <Icon name={wait === '' ? 'alert' : 'clock'} />
          {said}
        </p>
      )}
    </div>
  )
}
