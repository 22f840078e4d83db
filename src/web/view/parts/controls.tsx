/** One control for each type of datapoint. Which one follows from the row of the catalog alone. */
import type { Datapoint, Device, Value } from '../../api/types.ts'
import { rangeOf } from '../../state/limits.ts'
import { usePage } from '../hooks/context.ts'
import { useNumber } from '../hooks/use-number.ts'
import { useTyped } from '../hooks/use-typed.ts'

interface ControlProps {
  readonly point: Datapoint
  readonly device: Device
  readonly id?: string
  readonly label?: string
  /** In place of telling the device at once. */
  readonly set?: ((value: Value) => void) | undefined
}

/** Tells the device, or whoever wants to ask first. */
function useSet({ point, device, set }: ControlProps): (value: Value) => void {
  const { house } = usePage()
  return set ?? ((value) => house.set(device.serial, point.key, value))
}

/** The control that goes with a datapoint that can be written. */
export function Control(props: ControlProps) {
  switch (props.point.type) {
    case 'boolean':
      return <SwitchControl {...props} />
    case 'enum':
      return <ChoiceControl {...props} />
    case 'number':
      return <NumberControl {...props} />
    case 'timeOfDay':
      return <TypedControl {...props} type="time" />
    case 'timestamp':
      return <TypedControl {...props} type="datetime-local" />
    case 'text':
      return <TypedControl {...props} type="text" />
  }
}

export function SwitchControl(props: ControlProps) {
  const { point, device, id, label } = props
  const { texts, house } = usePage()
  const set = useSet(props)
  const on = house.shown(device, point.key) === true
  return (
    <button
      type="button"
      id={id}
      role="switch"
      aria-checked={on}
      aria-label={label ?? texts.datapoint(point).name}
      class="switch"
      onClick={() => set(!on)}
    />
  )
}

function ChoiceControl(props: ControlProps) {
  const { point, device, id } = props
  const { texts, house } = usePage()
  const set = useSet(props)
  const value = house.shown(device, point.key)
  const offered = point.values ?? []
  return (
    <select id={id} value={typeof value === 'string' ? value : ''} onChange={(event) => set(event.currentTarget.value)}>
      {typeof value !== 'string' && <option value="">{texts.say('common.unknown')}</option>}
      {[...new Set([...offered, ...(typeof value === 'string' ? [value] : [])])].map((choice) => (
        <option key={choice} value={choice}>
          {texts.label(point, choice)}
        </option>
      ))}
    </select>
  )
}

function NumberControl(props: ControlProps) {
  const { point, device, id } = props
  const { house, texts } = usePage()
  const value = house.shown(device, point.key)
  const none = isUnused(point, device) && !house.isPending(device.serial, point.key)
  // Values out of range are sent too: the bridge says why it refuses them.
  const field = useNumber(none || typeof value !== 'number' ? null : value, useSet(props), rangeOf(point, device))
  return (
    <input
      {...(id === undefined ? {} : { id })}
      {...(none ? { placeholder: texts.say('common.none') } : {})}
      {...field}
    />
  )
}

type InputType = 'time' | 'datetime-local' | 'text'

function TypedControl(props: ControlProps & { type: InputType }) {
  const { point, device, id, type } = props
  const { house, texts } = usePage()
  const set = useSet(props)
  const shared = {
    ...(id === undefined ? {} : { id }),
    ...useTyped(toField(house.shown(device, point.key)), (text) => {
      const next = fromField(text)
      if (next !== undefined) set(next)
    }),
  }
  if (type === 'time') return <input type="time" {...shared} />
  if (type === 'datetime-local') return <input type="datetime-local" {...shared} />
  return <input type="text" {...shared} />

  function toField(value: Value): string {
    if (value === null || typeof value === 'object') return ''
    return type === 'datetime-local' ? texts.local(String(value), device.timezone).slice(0, 16) : String(value)
  }

  function fromField(text: string): Value | undefined {
    if (text === '') return point.type === 'timestamp' ? null : undefined
    // Away times are in the device's local time, wherever the page is viewed.
    if (point.type !== 'timestamp' || isLocal(point)) return text
    return new Date(texts.momentOf(text, device.timezone)).toISOString()
  }
}

/** While no temporary setpoint is in force, the parameter's value, such as 0 °C, means none. */
const isUnused = ({ key }: Datapoint, { state }: Device): boolean =>
  key === 'temporary_setpoint' && state.operating_mode !== 'temporary'

const isLocal = ({ key }: Datapoint): boolean => key === 'away_start' || key === 'away_end'
