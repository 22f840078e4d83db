import { useState } from 'preact/hooks'
import type { Device, ScheduleKind, SchedulesApplied } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { useTask } from '../parts/use-task.ts'
import { ScheduleOutcomes } from './outcomes.tsx'

interface CopyScheduleProps {
  readonly device: Device
  readonly kind: ScheduleKind
  /** Whether there are unsaved changes. */
  readonly unsaved: boolean
}

/** Copies this schedule to other thermostats, after a preview of the changes. */
export function CopySchedule({ device, kind, unsaved }: CopyScheduleProps) {
  const { texts, client, house } = usePage()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [applied, setApplied] = useState<SchedulesApplied | null>(null)
  const task = useTask()
  const others = [...house.devices.value.values()].filter(
    ({ serial, schedule }) => serial !== device.serial && schedule[kind] !== null,
  )
  if (others.length === 0) return null
  const choose = (serial: string, wanted: boolean) => {
    setChosen(new Set([...[...chosen].filter((other) => other !== serial), ...(wanted ? [serial] : [])]))
    setApplied(null)
    task.reset()
  }
  const copy = (dryRun: boolean) =>
    task.run(async () => {
      const body = { to: [...chosen], kind, dry_run: dryRun }
      const path = `/api/v1/devices/${device.serial}/schedule/copy`
      setApplied(await client.send<SchedulesApplied>('POST', path, body))
    })
  const ready = chosen.size > 0 && !unsaved && !task.busy
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
      <div class="row">
        <button type="button" disabled={!ready} onClick={() => copy(true)}>
          {texts.say('schedules.look')}
        </button>
        {applied?.dry_run && (
          <button type="button" class="primary" disabled={!ready} onClick={() => copy(false)}>
            {texts.say('schedules.copyNow')}
          </button>
        )}
      </div>
      <Status>{task.busy ? texts.say('schedules.asking') : ''}</Status>
      <ScheduleOutcomes applied={applied} />
      {task.failure && <FailureNotice failure={task.failure} />}
    </fieldset>
  )
}
