import { useCallback, useEffect, useState } from 'preact/hooks'
import type { AuditEntryJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'

/** The newest changes: who, what, and the result. Requested each time it is opened. */
export function Audit() {
  const { texts, client } = usePage()
  const [entries, setEntries] = useState<readonly AuditEntryJson[] | null>(null)
  const [open, setOpen] = useState(false)
  const task = useTask()
  const look = useCallback(async () => {
    setEntries((await client.get<{ entries: AuditEntryJson[] }>('/api/v1/audit?limit=50')).entries)
  }, [client])
  useEffect(() => {
    if (open) task.run(look)
  }, [open, look])
  return (
    <details class="panel" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{texts.say('system.audit')}</h2>
      </summary>
      {entries?.length === 0 && <p>{texts.say('audit.none')}</p>}
      <ul class="list">
        {(entries ?? []).map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {task.failure && <FailureNotice failure={task.failure} />}
    </details>
  )
}

function Entry({ entry }: { entry: AuditEntryJson }) {
  const { texts, house } = usePage()
  const { at, who, action, target, outcome, address } = entry
  const device = house.devices.value.get(target ?? '')
  return (
    <li>
      <span>
        {[texts.lookUp('audit', action), device?.name ?? target].filter(Boolean).join(' · ')}
        {outcome !== 'ok' && <span class="small block bad">{texts.lookUp('error', outcome)}</span>}
        <span class="small block">
          {[texts.time(at), who ?? texts.say('audit.nobody'), address].filter(Boolean).join(' · ')}
        </span>
      </span>
    </li>
  )
}
