import { useState } from 'preact/hooks'
import type { Device, ScheduleKind } from '../../api/types.ts'
import { byName } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { CopyPreview } from './preview.tsx'

interface CopyScheduleProps {
  readonly device: Device
  readonly kind: ScheduleKind
  /** Whether there are unsaved changes. */
  readonly unsaved: boolean
}

/** Copies this schedule to other thermostats, after a preview of the changes. */
export function CopySchedule({ device, kind, unsaved }: CopyScheduleProps) {
  const { texts, house } = usePage()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const others = byName(house.devices.value.values()).filter(
    ({ serial, schedule }) => serial !== device.serial && schedule[kind] !== null,
  )
  if (others.length === 0) return null
  const choose = (serial: string, wanted: boolean) =>
    setChosen(new Set([...[...chosen].filter((other) => other !== serial), ...(wanted ? [serial] : [])]))
  const to = [...chosen]
  return (
    <fieldset class="copy">
      <legend>{texts.say('schedules.copy')}</legend>
      {others.map(({ serial, name }) => (
        <label key={serial} class="check">
          <input
            type="checkbox"
            checked={chosen.has(serial)}
            onChange={({ currentTarget }) => choose(serial, currentTarget.checked)}
          />
          {name}
        </label>
      ))}
      {unsaved && <p class="small">{texts.say('schedules.saveFirst')}</p>}
      <CopyPreview key={to.join()} from={{ serial: device.serial, kind }} to={to} ready={!unsaved} />
    </fieldset>
  )
}
