import { useEffect, useState } from 'preact/hooks'
import type { BridgeInfoJson, MessageTests } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'

/** Whether messages to people go out, and a test; nothing while no way for them is set up. */
export function MessageTest() {
  const { texts, client } = usePage()
  const [info, setInfo] = useState<BridgeInfoJson | null>(null)
  useEffect(() => {
    // Without it, nothing is shown; the state of the bridge says what is wrong.
    client.get<BridgeInfoJson>('/api/v1/info').then(setInfo, () => undefined)
  }, [client])
  const [results, setResults] = useState<MessageTests['results']>([])
  const task = useTask()
  if (!info?.messages.enabled) return null
  const { waiting, failing } = info.messages
  const test = () =>
    task.run(async () => {
      setResults([])
      setResults((await client.send<MessageTests>('POST', '/api/v1/messages/test')).results)
    })
  return (
    <section class="panel" aria-label={texts.say('messages.title')}>
      <h2>{texts.say('messages.title')}</h2>
      <p class="small">{texts.say('messages.text')}</p>
      {waiting > 0 && <p class="small">{texts.say('messages.waiting', { count: waiting })}</p>}
      {failing.length > 0 && <p class="bad">{texts.say('messages.failing', { ways: failing.join(', ') })}</p>}
      <button type="button" disabled={task.busy} onClick={test}>
        {texts.say('messages.test')}
      </button>
      <Status>{task.busy ? texts.say('common.pending') : ''}</Status>
      <ul role="status">
        {results.map(({ channel, problem }) => (
          <li key={channel}>
            {texts.say(problem === null ? 'messages.ok' : 'messages.bad', { way: channel })}
            {problem !== null && (
              <span class="small block" lang="en">
                {problem}
              </span>
            )}
          </li>
        ))}
      </ul>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
