import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { Pending } from './problems.tsx'

/** The modes of a device side by side. */
export function Modes({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { serial, model } = device
  const point = house.models.value.get(model)?.datapoints.find(({ key }) => key === 'mode')
  if (!point) return null
  const mode = house.shown(device, 'mode')
  return (
    <fieldset class="modes" aria-label={texts.say('card.mode')}>
      {offered(point.values ?? [], device).map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === mode}
          onClick={() => value !== mode && house.set(serial, 'mode', value)}
        >
          {texts.label(point, value)}
        </button>
      ))}
      <Pending serial={serial} name={['mode']} />
    </fieldset>
  )
}

/** Heating or cooling depends on the installed load and is not a choice. */
const offered = (values: readonly string[], { state }: Device): readonly string[] =>
  values.filter((value) => value !== (state.cooling === true ? 'heat' : 'cool'))
