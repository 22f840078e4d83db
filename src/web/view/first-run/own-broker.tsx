import { useState } from 'preact/hooks'
import type { BrokerTest } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, Outcome, type Typed, useForm } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import type { UsedSettings } from '../settings/use-settings.ts'
import { Tested } from './broker-test.tsx'

/** A bare name means a broker without encryption, on the usual port. */
const addressOf = (text: string): string => (text.includes('://') ? text : `mqtt://${text}`)

function brokerOf({ url = '', username = '', password = '' }: Typed, kept: boolean) {
  const broker = { url: addressOf(url.trim()), username: username.trim() || null }
  return kept && password === '' ? broker : { ...broker, password: password || null }
}

/**
 * A broker of the owner. It is tried before it is saved; one that fails is saved only if the owner insists, since it may be
 * switched off for now.
 * @param first its address, as far as known
 */
export function OwnBroker({ used, first }: { used: UsedSettings; first: string }) {
  const { texts, client } = usePage()
  const { value } = used.of('mqtt.username') ?? {}
  const [known, secret] = [typeof value === 'string' ? value : '', used.of('mqtt.password')?.set === true]
  const { typed, type } = useForm({ url: first, username: known })
  const [tested, setTested] = useState<BrokerTest | null>(null)
  const test = useTask()
  const save = useTask()
  const change = (name: string, value: string) => {
    setTested(null)
    save.reset()
    type(name, value)
  }
  const typing = { typed, type: change }
  // The password in force stays with its broker and user, and need not be typed again.
  const broker = brokerOf(typed, secret && typed.url === first && typed.username === known)
  const keep = () =>
    save.run(() => {
      const values = Object.entries(broker).filter(([name]) => used.of(`mqtt.${name}`)?.fixed === false)
      const changes = Object.fromEntries(values.map(([name, value]) => [`mqtt.${name}`, value]))
      return used.change('PATCH', 'settings', changes)
    })
  const submit = (event: Event) => {
    event.preventDefault()
    test.run(async () => {
      const result = await client.send<BrokerTest>('POST', '/api/v1/settings/mqtt/test', broker)
      setTested(result)
      if (result.ok) keep()
    })
  }
  const busy = test.busy || save.busy
  return (
    <form onSubmit={submit}>
      <Field name="url" label="setup.brokerUrl" hint="setup.brokerUrlHint" {...typing} required plain />
      <Field name="username" label="setup.brokerUser" {...typing} plain />
      <Field name="password" label="setup.brokerPassword" {...typing} secret />
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>
          {texts.say('setup.testAndUse')}
        </button>
        {tested && !tested.ok && (
          <button type="button" class="quiet" disabled={busy} onClick={keep}>
            {texts.say('setup.useAnyway')}
          </button>
        )}
      </div>
      <div role="status">
        {test.busy && texts.say('setup.testing')}
        {tested && <Tested tested={tested} />}
      </div>
      {test.failure && <FailureNotice failure={test.failure} />}
      <Outcome task={save} />
    </form>
  )
}
