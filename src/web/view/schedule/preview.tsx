import { useState } from 'preact/hooks'
import type { ScheduleKind, SchedulesApplied } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { ScheduleOutcomes } from './outcomes.tsx'

interface CopyPreviewProps {
  /** Whose schedule is copied; undefined while none is chosen. */
  readonly from: { readonly serial: string; readonly kind: ScheduleKind } | undefined
  readonly to: readonly string[]
  /** Whether it may be copied now. */
  readonly ready?: boolean
}

/** Copies a schedule to other thermostats, after a preview of the changes. Anything else chosen wants a new `key`. */
export function CopyPreview({ from, to, ready = true }: CopyPreviewProps) {
  const { texts, client } = usePage()
  const [applied, setApplied] = useState<SchedulesApplied | null>(null)
  const task = useTask()
  const can = from !== undefined && to.length > 0 && ready && !task.busy
  const copy = (dryRun: boolean) =>
    task.run(async () => {
      const path = `/api/v1/devices/${from?.serial}/schedule/copy`
      setApplied(await client.send<SchedulesApplied>('POST', path, { to, kind: from?.kind, dry_run: dryRun }))
    })
  return (
    <>
      <div class="row">
        <button type="button" disabled={!can} onClick={() => copy(true)}>
          {texts.say('schedules.look')}
        </button>
        {applied?.dry_run && (
          <button type="button" class="primary" disabled={!can} onClick={() => copy(false)}>
            {texts.say('schedules.copyNow')}
          </button>
        )}
      </div>
      <Status>{task.busy ? texts.say('schedules.asking') : ''}</Status>
      <ScheduleOutcomes applied={applied} />
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}
