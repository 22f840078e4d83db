import { usePage } from '../parts/context.ts'
import { Field, filled, Outcome, RemoveButton, useForm } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import { useTask } from '../parts/use-task.ts'
import type { UsedSettings } from '../settings/use-settings.ts'

/** Devices as they are found, and a form for those that are not. */
export function DevicesStep({ used }: { used: UsedSettings }) {
  const { texts, client, house } = usePage()
  const search = useTask()
  const removal = useTask()
  const devices = [...house.devices.value.values()].sort((a, b) => a.name.localeCompare(b.name))
  const named = new Set(used.settings?.devices.filter(({ fixed }) => !fixed).map(({ id }) => id))
  const waiting = [...named].filter((serial) => !house.devices.value.has(serial))
  const remove = (serial: string) => removal.run(() => used.change('DELETE', `settings/devices/${serial}`))
  const removeButton = (serial: string, name: string) =>
    named.has(serial) && <RemoveButton name={name} busy={removal.busy} remove={() => remove(serial)} />
  return (
    <>
      <p>{texts.say('setup.devicesWhy')}</p>
      <p role="status">{texts.say(search.busy ? 'setup.searching' : 'setup.found', { count: devices.length })}</p>
      <ul class="list">
        {devices.map(({ serial, name, address, online }) => (
          <li key={serial}>
            <span>
              {name}
              <span class="small block break">{[address?.host, serial].filter(Boolean).join(' · ')}</span>
            </span>
            <span class={online ? 'state ready' : 'state'}>
              {texts.say(online ? 'setup.deviceOnline' : 'setup.deviceOffline')}
            </span>
            {removeButton(serial, name)}
          </li>
        ))}
        {waiting.map((serial) => (
          <li key={serial}>
            <span class="break">{serial}</span>
            {removeButton(serial, serial)}
          </li>
        ))}
      </ul>
      <button
        type="button"
        disabled={search.busy}
        onClick={() =>
          search.run(async () => {
            await client.send('POST', '/api/v1/discover')
          })
        }
      >
        {texts.say('setup.search')}
      </button>
      {search.failure && <FailureNotice failure={search.failure} />}
      <Outcome task={removal} />
      <details>
        <summary>{texts.say('setup.byHand')}</summary>
        <NewDevice used={used} />
      </details>
    </>
  )
}

function NewDevice({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const { typed, type, clear } = useForm()
  const task = useTask()
  const submit = (event: Event) => {
    event.preventDefault()
    const port = Number(typed.port)
    task.run(async () => {
      await used.change('POST', 'settings/devices', {
        ...filled(typed, 'serial', 'host', 'name'),
        ...(typed.port?.trim() ? { port } : {}),
      })
      clear()
    })
  }
  return (
    <form onSubmit={submit}>
      <p>{texts.say('setup.byHandWhy')}</p>
      <Field name="serial" label="setup.serial" typed={typed} type={type} required plain />
      <Field name="host" label="setup.host" typed={typed} type={type} required plain />
      <Field name="name" label="setup.name" typed={typed} type={type} />
      <details>
        <summary>{texts.say('setup.more')}</summary>
        <Field name="port" label="setup.port" typed={typed} type={type} plain />
      </details>
      <button type="submit" disabled={task.busy}>
        {texts.say('setup.add')}
      </button>
      <Outcome task={task} />
    </form>
  )
}
