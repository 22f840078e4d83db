/** The last step: what works, and for everything else what to do and the way there. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Account, Device } from '../../api/types.ts'
import { needsKey } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'
import { type Look, useLook } from '../hooks/use-look.ts'
import { useTask } from '../hooks/use-task.ts'
import { Fixed, Outcome } from '../parts/fields.tsx'
import { FailureNotice } from '../parts/notice.tsx'
import type { UsedSettings } from '../settings/use-settings.ts'
import { FailedBroker } from './broker-test.tsx'

/** Milliseconds between two requests for the accounts, which sign in meanwhile. */
const AGAIN_MS = 3000

/** How many devices are named in a line. */
const MOST_NAMED = 5

export function ReadyStep({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const look = useLook()
  return (
    <>
      <p>{texts.say('setup.readyWhy')}</p>
      <ul class="checks">
        <Accounts />
        <Thermostats />
        <Command />
        <Broker look={look} />
        <HomeAssistant look={look} used={used} />
      </ul>
    </>
  )
}

/** Whether something works; `open` while it is not known or not tried, or need not work. */
type Outlook = 'good' | 'bad' | 'open'

interface LineProps {
  readonly name: 'account' | 'devices' | 'command' | 'broker' | 'homeAssistant'
  readonly outlook: Outlook
  /** What there is to say in a sentence. */
  readonly says: string
  /** The step where it can be mended. */
  readonly step?: 'account' | 'devices' | 'broker'
  readonly children?: ComponentChildren
}

function Line({ name, outlook, says, step, children }: LineProps) {
  const { texts } = usePage()
  const title = texts.say(`setup.check.${name}`)
  return (
    <li class={`notice ${outlook === 'open' ? '' : outlook}`} aria-label={title}>
      <strong>
        {title}: {texts.say(`setup.check.is.${outlook}`)}
      </strong>
      <p>{says}</p>
      {children}
      {step && outlook !== 'good' && (
        <a class="button" href={`#/setup/${step}`}>
          {texts.say('setup.check.to', { step: title })}
        </a>
      )}
    </li>
  )
}

function Accounts() {
  const { texts, client, house } = usePage()
  const [accounts, setAccounts] = useState<readonly Account[] | null>(null)
  useEffect(() => {
    const ask = () => client.get<{ accounts: Account[] }>('/api/v1/cloud/accounts')
    return repeatedly(AGAIN_MS, ask, ({ accounts }) => setAccounts(accounts))
  }, [client])
  if (!accounts) return null
  if (accounts.length === 0) {
    const keyless = [...house.devices.value.values()].filter(needsKey)
    const says =
      keyless.length === 0 ? texts.say('setup.check.noAccount') : texts.say('setup.check.keyless', named(keyless))
    return <Line name="account" outlook={keyless.length === 0 ? 'open' : 'bad'} says={says} step="account" />
  }
  const wrong = accounts.find(({ state, lists_devices: lists }) => state !== 'ready' || !lists)
  if (!wrong) {
    const [id, count] = [accounts.map(({ id }) => id).join(', '), accounts.reduce((sum, one) => sum + one.devices, 0)]
    return <Line name="account" outlook="good" says={texts.say('setup.check.accounts', { id, count })} />
  }
  const { id, state } = wrong
  const why = state === 'ready' ? texts.say('setup.check.noList') : texts.lookUp('account', state)
  return (
    <Line name="account" outlook={state === 'signing_in' ? 'open' : 'bad'} says={`${id}: ${why}`} step="account">
      {wrong.error && <FailureNotice failure={wrong.error} />}
    </Line>
  )
}

/** Their names for a sentence. */
function named(devices: readonly Device[]): { count: number; names: string } {
  const names = devices.slice(0, MOST_NAMED).map(({ name }) => name)
  return { count: devices.length, names: names.join(', ') + (devices.length > MOST_NAMED ? ' …' : '') }
}

function Thermostats() {
  const { texts, house } = usePage()
  const devices = [...house.devices.value.values()]
  const silent = devices.filter(({ online }) => !online)
  const count = devices.length
  if (count === 0) return <Line name="devices" outlook="bad" says={texts.say('setup.noDevices')} step="devices" />
  const answer = texts.say('setup.check.answer', { online: count - silent.length, count })
  const says = silent.length === 0 ? answer : `${answer} ${texts.say('setup.check.silent', named(silent))}`
  return <Line name="devices" outlook={silent.length === 0 ? 'good' : 'bad'} says={says} step="devices" />
}

/** A value that can be written back without anybody noticing. */
const HARMLESS = 'brightness'

/** One command, sent only if the owner agrees: signed, if there is a thermostat that demands it. */
function Command() {
  const { texts, client, house } = usePage()
  const task = useTask()
  const able = [...house.devices.value.values()].filter(
    ({ online, state }) => online && typeof state[HARMLESS] === 'number',
  )
  const device = able.find(({ health, state }) => state.lock === 'lan' && health.key_source !== null) ?? able[0]
  if (!device) return <Line name="command" outlook="open" says={texts.say('setup.check.noCommand')} />
  const { serial, name, state } = device
  const signed = state.lock === 'lan'
  const send = () =>
    task.run(async () => {
      const path = `/api/v1/devices/${encodeURIComponent(serial)}/state`
      await client.send('PATCH', path, { [HARMLESS]: state[HARMLESS] })
    })
  const outlook = task.failure ? 'bad' : task.done ? 'good' : 'open'
  const says = task.done ? (signed ? 'setup.check.signed' : 'setup.check.unsigned') : 'setup.check.try'
  return (
    <Line name="command" outlook={outlook} says={texts.say(says, { name })}>
      {task.failure && <FailureNotice failure={task.failure} />}
      <div class="row">
        <button type="button" disabled={task.busy} onClick={send}>
          {texts.say(task.busy ? 'setup.check.trying' : task.done ? 'setup.check.again' : 'setup.check.send')}
        </button>
        {task.failure && (
          <a class="button" href={`#/devices/${encodeURIComponent(serial)}`}>
            {texts.say('setup.check.toDevice', { name })}
          </a>
        )}
      </div>
    </Line>
  )
}

function Broker({ look: { readiness, info } }: { look: Look }) {
  const { texts } = usePage()
  if (!readiness || !info) return null
  const { connected, address, embedded } = info.mqtt
  const { code } = readiness.checks.mqtt ?? {}
  if (!connected) {
    return (
      <Line name="broker" outlook="bad" says={texts.say('setup.check.noBroker', { address })} step="broker">
        <FailedBroker />
      </Line>
    )
  }
  if (code) return <Line name="broker" outlook="bad" says={texts.lookUp('health', code)} step="broker" />
  const which = embedded ? 'setup.check.ownBroker' : 'setup.check.theirBroker'
  return <Line name="broker" outlook="good" says={texts.say(which, { address })} />
}

function HomeAssistant({ look: { info }, used }: { look: Look; used: UsedSettings }) {
  const { texts } = usePage()
  const task = useTask()
  const announce = used.of('homeassistant.enabled')
  if (!info || !announce) return null
  const on = announce.value === true
  const { seen } = info.homeassistant
  const says = !on
    ? texts.say('setup.check.notAnnounced')
    : seen === null
      ? texts.say('setup.homeAssistantWhy')
      : texts.say('setup.check.seen', { time: texts.time(seen) })
  return (
    <Line name="homeAssistant" outlook={on && seen !== null ? 'good' : 'open'} says={says}>
      <label class="check">
        <input
          type="checkbox"
          checked={on}
          disabled={!announce.settable || task.busy}
          onChange={({ currentTarget: { checked } }) =>
            task.run(() => used.change('PATCH', 'settings', { [announce.key]: checked }))
          }
        />
        {texts.say('setup.announce')}
      </label>
      {announce.fixed && <Fixed source={announce.source} />}
      <Outcome task={task} />
    </Line>
  )
}
