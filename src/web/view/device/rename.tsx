import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'

/** The name of the device, where it comes from, and a field to change it. */
export function Rename({ device }: { device: Device }) {
  const { texts, client } = usePage()
  const { serial, name, name_source: source } = device
  /** null: nothing has been typed since the last change of the name. */
  const [typed, setTyped] = useState<string | null>(null)
  const task = useTask()
  const give = (next: string | null) =>
    task.run(async () => {
      await client.send('PATCH', `/api/v1/devices/${serial}`, { name: next })
      setTyped(null)
    })
  return (
    <section class="panel" aria-label={texts.say('rename.title')}>
      <h2>{texts.say('rename.title')}</h2>
      <p class="small">{texts.say(`rename.${source === 'settings' ? 'fixed' : source}`)}</p>
      {source !== 'settings' && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            give((typed ?? name).trim())
          }}
        >
          <label>
            {texts.say('rename.label')}
            <input
              value={typed ?? name}
              maxLength={64}
              autocomplete="off"
              onInput={(event) => setTyped(event.currentTarget.value)}
              required
            />
          </label>
          <div class="row">
            <button type="submit" disabled={task.busy || (typed ?? name).trim() === name}>
              {texts.say('common.save')}
            </button>
            {source === 'given' && (
              <button type="button" class="quiet" disabled={task.busy} onClick={() => give(null)}>
                {texts.say('rename.reset')}
              </button>
            )}
          </div>
        </form>
      )}
      <Status>{task.done ? texts.say('rename.done', { name }) : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
