import { useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { type Look, useLook } from '../hooks/use-look.ts'
import { useTask } from '../hooks/use-task.ts'
import { Field, Fixed, Outcome, useForm } from '../parts/fields.tsx'
import type { UsedSettings } from '../settings/use-settings.ts'
import { FailedBroker } from './broker-test.tsx'
import { Embedded } from './embedded-broker.tsx'
import { OwnBroker } from './own-broker.tsx'

/** The built-in broker, or the owner's, tested before it is saved. If another program has the port, the page asks. */
export function BrokerStep({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const look = useLook()
  const url = used.of('mqtt.url')
  const taken = look.readiness?.checks.mqtt?.code === 'mqtt_port_taken'
  const [chosen, setOwn] = useState<boolean | null>(null)
  if (!url) return null
  if (url.fixed) {
    return (
      <>
        <p class="break">{texts.say('setup.address', { address: textOf(url.value) })}</p>
        <FixedState look={look} />
        <Fixed source={url.source} />
      </>
    )
  }
  const own = chosen ?? (url.set || taken)
  const port = String(used.of('mqtt.embedded.port')?.value)
  const choices = taken
    ? ([
        [true, 'setup.thatOne'],
        [false, 'setup.otherPort'],
      ] as const)
    : ([
        [false, 'setup.embedded'],
        [true, 'setup.external'],
      ] as const)
  return (
    <>
      <p>{texts.say('setup.brokerWhy')}</p>
      {taken && <p class="notice warn">{texts.say('setup.portTaken', { port: String(port) })}</p>}
      <fieldset>
        <legend>{texts.say('setup.brokerKind')}</legend>
        {choices.map(([value, label]) => (
          <label key={label} class="check">
            <input type="radio" name="broker" checked={own === value} onChange={() => setOwn(value)} />
            {texts.say(label)}
          </label>
        ))}
      </fieldset>
      {own ? (
        // Made anew once it is known that another broker is here.
        <OwnBroker key={String(taken)} used={used} first={taken ? `mqtt://127.0.0.1:${port}` : textOf(url.value)} />
      ) : taken ? (
        <OtherPort used={used} port={port} />
      ) : (
        <Embedded used={used} />
      )}
    </>
  )
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : '')

/** Whether the broker that the page can't change works. */
function FixedState({ look: { readiness, info } }: { look: Look }) {
  const { texts } = usePage()
  if (!readiness || !info) return null
  if (!info.mqtt.connected) return <FailedBroker />
  const { code } = readiness.checks.mqtt ?? {}
  if (code) return <p class="notice bad">{texts.lookUp('health', code)}</p>
  return <p class="notice good">{texts.say('setup.testOk')}</p>
}

/** The built-in broker at another port than the one that is taken. */
function OtherPort({ used, port }: { used: UsedSettings; port: string }) {
  const { texts } = usePage()
  const { typed, type } = useForm({ port: String(Number(port) + 1) })
  const task = useTask()
  const setting = used.of('mqtt.embedded.port')
  if (setting?.fixed) return <Fixed source={setting.source} />
  const submit = (event: Event) => {
    event.preventDefault()
    task.run(() => used.change('PATCH', 'settings', { 'mqtt.embedded.port': Number(typed.port) }))
  }
  return (
    <form onSubmit={submit}>
      <Field name="port" label="setup.port" typed={typed} type={type} required plain />
      <button type="submit" class="primary" disabled={task.busy}>
        {texts.say('setup.use')}
      </button>
      <Outcome task={task} />
    </form>
  )
}
