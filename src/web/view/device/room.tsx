import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'

/** The room of the device, and a field to change it. */
export function RoomField({ device }: { device: Device }) {
  const { texts, client, house } = usePage()
  const { serial, room, suggested_room: suggested } = device
  /** null: nothing has been typed since the last change. */
  const [typed, setTyped] = useState<string | null>(null)
  const task = useTask()
  const put = (next: string | null) =>
    task.run(async () => {
      await client.send('PATCH', `/api/v1/devices/${serial}`, { room: next })
      setTyped(null)
    })
  const shown = typed ?? room ?? ''
  const wanted = shown.trim() === '' ? null : shown.trim()
  return (
    <section class="panel" aria-label={texts.say('room.title')}>
      <h2>{texts.say('room.title')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          put(wanted)
        }}
      >
        <label>
          {texts.say('room.label')}
          <input
            value={shown}
            maxLength={64}
            autocomplete="off"
            list={`rooms-${serial}`}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <datalist id={`rooms-${serial}`}>
          {(house.whole.value?.rooms ?? []).map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <div class="row">
          <button type="submit" disabled={task.busy || wanted === room}>
            {texts.say('common.save')}
          </button>
          {suggested !== null && (
            <button type="button" class="quiet" disabled={task.busy} onClick={() => put(suggested)}>
              {texts.say('room.suggested', { room: suggested })}
            </button>
          )}
        </div>
      </form>
      <Status>{task.done ? texts.say(room === null ? 'room.out' : 'room.in', { room: room ?? '' }) : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}
