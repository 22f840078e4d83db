import { useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, Fixed, Outcome, useForm } from '../parts/fields.tsx'
import type { UsedSettings } from '../settings/use-settings.ts'

const EMBEDDED = 'mqtt.embedded.'
/** On all addresses, since people should not need to know the addresses of a home server. */
const ANYWHERE = '0.0.0.0'

export function Embedded({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const host = used.of(`${EMBEDDED}host`)
  const [open, setOpen] = useState(host?.value !== undefined && !isHere(host.value))
  const { typed, type } = useForm({ username: String(used.of(`${EMBEDDED}username`)?.value ?? '') })
  const task = useTask()
  if (!host) return null
  const fixed = ['host', 'username', 'password'].map((name) => used.of(EMBEDDED + name)).find((row) => row?.fixed)
  const submit = (event: Event) => {
    event.preventDefault()
    const external = ['mqtt.url', 'mqtt.username', 'mqtt.password'].filter((key) => used.of(key)?.source === 'page')
    const own = { host: ANYWHERE, username: typed.username?.trim() ?? '', password: typed.password ?? '' }
    const values = open && !fixed ? own : fixed ? {} : { host: null, username: null, password: null }
    const changes = Object.entries(values).map(([name, value]) => [EMBEDDED + name, value])
    task.run(() =>
      used.change('PATCH', 'settings', Object.fromEntries([...external.map((key) => [key, null]), ...changes])),
    )
  }
  return (
    <form onSubmit={submit}>
      <p>{texts.say('setup.address', { address: `mqtt://${host.value}:${used.of(`${EMBEDDED}port`)?.value}` })}</p>
      {fixed ? (
        <Fixed source={fixed.source} />
      ) : (
        <label class="check">
          <input type="checkbox" checked={open} onChange={({ currentTarget: { checked } }) => setOpen(checked)} />
          {texts.say('setup.open')}
        </label>
      )}
      {open && !fixed && (
        <>
          <p class="small">{texts.say('setup.openWhy')}</p>
          <Field name="username" label="setup.brokerUser" typed={typed} type={type} required plain />
          <Field name="password" label="setup.brokerPassword" typed={typed} type={type} required secret />
        </>
      )}
      <button type="submit" disabled={task.busy}>
        {texts.say(open ? 'setup.use' : 'setup.keep')}
      </button>
      <Outcome task={task} />
    </form>
  )
}

const isHere = (host: unknown): boolean => ['127.0.0.1', '::1', 'localhost'].includes(String(host))
