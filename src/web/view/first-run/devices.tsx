import { useState } from 'preact/hooks'
import type { DeviceTest } from '../../api/types.ts'
import { byName } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, filled, Outcome, RemoveButton, useForm } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import type { UsedSettings } from '../settings/use-settings.ts'

/** Devices as they are found, and a form for those that are not. */
export function DevicesStep({ used }: { used: UsedSettings }) {
  const { texts, client, house } = usePage()
  const search = useTask()
  const removal = useTask()
  const devices = byName(house.devices.value.values())
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
  const { texts, client } = usePage()
  const { typed, type, clear } = useForm()
  const [tested, setTested] = useState<DeviceTest | null>(null)
  const [test, save] = [useTask(), useTask()]
  const change = (name: string, value: string) => {
    setTested(null)
    type(name, value)
  }
  const place = {
    ...filled(typed, 'serial', 'host'),
    ...(typed.port?.trim() ? { port: Number(typed.port) } : {}),
  }
  const add = () =>
    save.run(async () => {
      await used.change('POST', 'settings/devices', { ...place, ...filled(typed, 'name') })
      setTested(null)
      clear()
    })
  const submit = (event: Event) => {
    event.preventDefault()
    test.run(async () => {
      const result = await client.send<DeviceTest>('POST', '/api/v1/settings/devices/test', place)
      setTested(result)
      if (result.ok) add()
    })
  }
  const typing = { typed, type: change }
  const busy = test.busy || save.busy
  return (
    <form onSubmit={submit}>
      <p>{texts.say('setup.byHandWhy')}</p>
      <Field name="serial" label="setup.serial" {...typing} required plain />
      <Field name="host" label="setup.host" {...typing} required plain />
      <Field name="name" label="setup.name" {...typing} />
      <details>
        <summary>{texts.say('setup.more')}</summary>
        <Field name="port" label="setup.port" {...typing} plain />
      </details>
      <div class="row">
        <button type="submit" disabled={busy}>
          {texts.say('setup.testAndAdd')}
        </button>
        {tested && !tested.ok && (
          <button type="button" class="quiet" disabled={busy} onClick={add}>
            {texts.say('setup.addAnyway')}
          </button>
        )}
      </div>
      <div role="status">
        {test.busy && texts.say('setup.deviceTesting')}
        {tested && !tested.ok && (
          <div class="notice bad">
            {texts.say(tested.problem === 'other_device' ? 'setup.deviceOther' : 'setup.deviceNone')}
            <p class="small" lang="en">
              {tested.message}
            </p>
          </div>
        )}
      </div>
      {test.failure && <FailureNotice failure={test.failure} />}
      <Outcome task={save} />
    </form>
  )
}
