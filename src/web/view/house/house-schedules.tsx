import { useState } from 'preact/hooks'
import type { SchedulesApplied } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { Only } from '../parts/rights.tsx'
import { saveFile } from '../parts/save-file.ts'
import { ScheduleOutcomes } from '../schedule/outcomes.tsx'

/** Export of all schedules as one file, and import after a preview of the changes. */
export function HouseSchedules() {
  const { texts, client } = usePage()
  const [file, setFile] = useState<Blob | null>(null)
  const [applied, setApplied] = useState<SchedulesApplied | null>(null)
  const task = useTask()
  const give = () =>
    task.run(async () => {
      const { name, content } = await client.file('/api/v1/schedules?format=yaml')
      saveFile(name, content)
    })
  const bring = (dryRun: boolean) =>
    task.run(async () =>
      setApplied(await client.send<SchedulesApplied>('PUT', `/api/v1/schedules?dry_run=${dryRun}`, file)),
    )
  return (
    <section class="panel" aria-label={texts.say('schedules.title')}>
      <h2>{texts.say('schedules.title')}</h2>
      <p class="small">{texts.say('schedules.text')}</p>
      <button type="button" disabled={task.busy} onClick={give}>
        {texts.say('schedules.export')}
      </button>
      <Only scope="control">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            bring(true)
          }}
        >
          <label>
            {texts.say('schedules.file')}
            <input
              type="file"
              accept=".yaml,.yml,.json"
              onClick={({ currentTarget }) => {
                // Otherwise choosing the same file again after editing would not count as a change.
                currentTarget.value = ''
              }}
              onChange={({ currentTarget }) => {
                const chosen = currentTarget.files?.[0]
                setFile(chosen ? new Blob([chosen], { type: 'application/yaml' }) : null)
                setApplied(null)
                task.reset()
              }}
              required
            />
          </label>
          <div class="row">
            <button type="submit" disabled={task.busy || file === null}>
              {texts.say('schedules.look')}
            </button>
            {applied?.dry_run && (
              <button type="button" class="primary" disabled={task.busy} onClick={() => bring(false)}>
                {texts.say('schedules.write')}
              </button>
            )}
          </div>
        </form>
      </Only>
      <Status>{task.busy ? texts.say('schedules.asking') : ''}</Status>
      <ScheduleOutcomes applied={applied} />
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
