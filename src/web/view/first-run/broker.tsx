import { useState } from 'preact/hooks'
import type { BrokerTest } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'
import { Field, Fixed, Outcome, type Typed, useForm } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import { useTask } from '../parts/use-task.ts'
import type { UsedSettings } from '../settings/use-settings.ts'

/** The built-in broker, or the owner's, tested before it is saved. */
export function BrokerStep({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const url = used.of('mqtt.url')
  const [own, setOwn] = useState(url?.set === true)
  if (!url) return null
  if (url.fixed) return <Fixed source={url.source} />
  const choices = [
    [false, 'setup.embedded'],
    [true, 'setup.external'],
  ] as const
  return (
    <>
      <p>{texts.say('setup.brokerWhy')}</p>
      <fieldset>
        <legend>{texts.say('setup.brokerKind')}</legend>
        {choices.map(([value, label]) => (
          <label key={label} class="check">
            <input type="radio" name="broker" checked={own === value} onChange={() => setOwn(value)} />
            {texts.say(label)}
          </label>
        ))}
      </fieldset>
      {own ? <OwnBroker used={used} /> : <Embedded used={used} />}
    </>
  )
}

/** A bare name means a broker without encryption, on the usual port. */
const addressOf = (text: string): string => (text.includes('://') ? text : `mqtt://${text}`)

function brokerOf({ url = '', username = '', password = '' }: Typed) {
  return { url: addressOf(url.trim()), username: username.trim() || null, password: password || null }
}

function OwnBroker({ used }: { used: UsedSettings }) {
  const { texts, client } = usePage()
  const [url, username] = [used.of('mqtt.url'), used.of('mqtt.username')]
  const { typed, type } = useForm({
    url: Array.isArray(url?.value) ? url.value.join(', ') : '',
    username: typeof username?.value === 'string' ? username.value : '',
  })
  const [tested, setTested] = useState<BrokerTest | null>(null)
  const test = useTask()
  const save = useTask()
  const change = (name: string, value: string) => {
    setTested(null)
    type(name, value)
  }
  const typing = { typed, type: change }
  const submit = (event: Event) => {
    event.preventDefault()
    const broker = brokerOf(typed)
    const values = Object.entries(broker).filter(([name]) => used.of(`mqtt.${name}`)?.fixed === false)
    save.run(() =>
      used.change('PATCH', 'settings', Object.fromEntries(values.map(([name, value]) => [`mqtt.${name}`, value]))),
    )
  }
  const tryIt = () =>
    test.run(async () => {
      setTested(await client.send<BrokerTest>('POST', '/api/v1/settings/mqtt/test', brokerOf(typed)))
    })
  return (
    <form onSubmit={submit}>
      <Field name="url" label="setup.brokerUrl" hint="setup.brokerUrlHint" {...typing} required plain />
      <Field name="username" label="setup.brokerUser" {...typing} plain />
      <Field name="password" label="setup.brokerPassword" {...typing} secret />
      <div class="row">
        <button type="button" disabled={test.busy || !typed.url?.trim()} onClick={tryIt}>
          {texts.say('setup.test')}
        </button>
        <button type="submit" class="primary" disabled={save.busy}>
          {texts.say('setup.use')}
        </button>
      </div>
      <div role="status">{tested && <Tested tested={tested} />}</div>
      {test.failure && <FailureNotice failure={test.failure} />}
      <Outcome task={save} />
    </form>
  )
}

function Tested({ tested: { ok, brokers } }: { tested: BrokerTest }) {
  const { texts } = usePage()
  if (ok) return <p class="notice good">{texts.say('setup.testOk')}</p>
  return (
    <div class="notice bad">
      {brokers.map(({ url, problem, message }) => (
        <div key={url}>
          {texts.lookUp('broker', problem ?? 'other')}
          <p class="small">
            {url}: {message}
          </p>
        </div>
      ))}
    </div>
  )
}

const EMBEDDED = 'mqtt.embedded.'
/** On all addresses, since people should not need to know the addresses of a home server. */
const ANYWHERE = '0.0.0.0'

function Embedded({ used }: { used: UsedSettings }) {
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
