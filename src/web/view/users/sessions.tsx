import { useCallback, useEffect, useState } from 'preact/hooks'
import type { SessionJson } from '../../api/types.ts'
import { programOf } from '../../state/program.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'

/** The sessions, each with a button to end it. */
export function Sessions() {
  const { texts, client } = usePage()
  const [sessions, setSessions] = useState<readonly SessionJson[]>([])
  const task = useTask()
  const look = useCallback(async () => {
    setSessions((await client.get<{ sessions: SessionJson[] }>('/api/v1/sessions')).sessions)
  }, [client])
  useEffect(() => task.run(look), [look])
  const end = (id: string) =>
    task.run(async () => {
      await client.send('DELETE', `/api/v1/sessions/${id}`)
      await look()
    })
  return (
    <section class="panel" aria-label={texts.say('security.sessions')}>
      <h2>{texts.say('security.sessions')}</h2>
      <ul class="list">
        {sessions.map(({ id, user, address, user_agent: agent, last_used: used, current }) => (
          <li key={id}>
            <span>
              {user} · {address} {current && <em>({texts.say('security.current')})</em>}
              <span class="small block">{programOf(agent)}</span>
              <span class="small block">{texts.say('security.lastUsed', { time: texts.time(used) })}</span>
            </span>
            {!current && (
              <button
                type="button"
                class="quiet"
                disabled={task.busy}
                aria-label={texts.say('security.revokeOf', { address })}
                onClick={() => end(id)}
              >
                {texts.say('security.revoke')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
