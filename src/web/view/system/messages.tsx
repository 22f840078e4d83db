import { useState } from 'preact/hooks'
import type { BridgeInfoJson, MessageTests } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'

/** Whether messages to people go out, and a test. @param info null until known; the state of the bridge says what is wrong */
export function Messages({ info }: { info: BridgeInfoJson | null }) {
  const { texts } = usePage()
  return (
    <section class="panel" aria-label={texts.say('messages.title')}>
      <h2>{texts.say('messages.title')}</h2>
      {info && (info.messages.enabled ? <Ways {...info.messages} /> : <None />)}
    </section>
  )
}

function None() {
  const { texts } = usePage()
  return (
    <>
      <p class="small">{texts.say('messages.none')}</p>
      <p>
        <a href="#/settings">{texts.say('settings.open')}</a>
      </p>
    </>
  )
}

function Ways({ waiting, failing }: BridgeInfoJson['messages']) {
  const { texts, client } = usePage()
  const [results, setResults] = useState<MessageTests['results']>([])
  const task = useTask()
  const wayOf = (channel: string) => texts.lookUp('messages.way', channel)
  const test = () =>
    task.run(async () => {
      setResults([])
      setResults((await client.send<MessageTests>('POST', '/api/v1/messages/test')).results)
    })
  return (
    <>
      <p class="small">{texts.say('messages.text')}</p>
      {waiting > 0 && <p class="small">{texts.say('messages.waiting', { count: waiting })}</p>}
      {failing.length > 0 && (
        <p class="bad">{texts.say('messages.failing', { ways: failing.map(wayOf).join(', ') })}</p>
      )}
      <button type="button" disabled={task.busy} onClick={test}>
        {texts.say('messages.test')}
      </button>
      <Status>{task.busy ? texts.say('setup.check.trying') : ''}</Status>
      <div role="status">
        <ul>
          {results.map(({ channel, to, problem }) => (
            <li key={`${channel} ${to}`} class={problem === null ? '' : 'bad'}>
              {texts.say(problem === null ? 'messages.ok' : 'messages.bad', {
                way: to === null ? wayOf(channel) : `${wayOf(channel)} (${to})`,
              })}
              {problem !== null && (
                <span class="small block" lang="en">
                  {problem}
                </span>
              )}
            </li>
          ))}
        </ul>
      </div>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}
