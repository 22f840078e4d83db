/** From an empty start to a working house: account, thermostats, broker. Each step has its own address, to return to. */

import { useEffect, useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { NotYet } from '../parts/fields.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { AccountList, NewAccount } from '../settings/accounts.tsx'
import { type UsedSettings, useSettings } from '../settings/use-settings.ts'
import { BrokerStep } from './broker.tsx'
import { DevicesStep } from './devices.tsx'
import { ReadyStep } from './ready.tsx'

const STEPS = ['account', 'devices', 'broker', 'ready'] as const
type Step = (typeof STEPS)[number]

const SKIPPED = 'thermo2mqtt.setup'

export function FirstRun({ step }: { step: string }) {
  const { texts } = usePage()
  const used = useSettings()
  const current = STEPS.find((name) => name === step) ?? 'account'
  if (!used.settings) return <NotYet failure={used.failure} />
  return (
    <div class="narrow">
      <PageTitle more={texts.say(`setup.${current}`)}>{texts.say('setup.title')}</PageTitle>
      <nav class="steps" aria-label={texts.say('setup.steps')}>
        <ol>
          {STEPS.map((name) => (
            <li key={name}>
              <a href={`#/setup/${name}`} aria-current={name === current ? 'step' : undefined}>
                {texts.say(`setup.${name}`)}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <section class="panel" aria-label={texts.say(`setup.${current}`)}>
        <h2>{texts.say(`setup.${current}`)}</h2>
        {current === 'account' && <AccountStep used={used} />}
        {current === 'devices' && <DevicesStep used={used} />}
        {current === 'broker' && <BrokerStep used={used} />}
        {current === 'ready' && <ReadyStep used={used} />}
        <Onward current={current} done={isDone(current, used)} />
      </section>
    </div>
  )
}

/** Whether the step is done and need not be skipped. */
function isDone(step: Step, { settings }: UsedSettings): boolean {
  return step !== 'account' || (settings?.accounts.length ?? 0) > 0
}

function Onward({ current, done }: { current: Step; done: boolean }) {
  const { texts } = usePage()
  const place = STEPS.indexOf(current)
  const before = STEPS[place - 1]
  const next = STEPS[place + 1]
  return (
    <p class="row">
      {before && (
        <a class="button" href={`#/setup/${before}`}>
          {texts.say('setup.back')}
        </a>
      )}
      {next ? (
        <a class={done ? 'button primary' : 'button'} href={`#/setup/${next}`}>
          {texts.say(done ? 'setup.next' : 'setup.skip')}
        </a>
      ) : (
        <button type="button" class="primary" onClick={leave}>
          {texts.say('setup.toHouse')}
        </button>
      )}
      {next && (
        <button type="button" class="quiet" onClick={leave}>
          {texts.say('setup.later')}
        </button>
      )}
    </p>
  )
}

/** Goes to the house, which no longer leads here by itself. */
function leave(): void {
  localStorage.setItem(SKIPPED, 'later')
  location.hash = '#/'
}

function AccountStep({ used }: { used: UsedSettings }) {
  const { texts } = usePage()
  const some = (used.settings?.accounts.length ?? 0) > 0
  return (
    <>
      <p>{texts.say('setup.accountWhy')}</p>
      <AccountList used={used} />
      {some ? (
        <details>
          <summary>{texts.say('setup.addAccount')}</summary>
          <NewAccount used={used} />
        </details>
      ) : (
        <>
          <NewAccount used={used} />
          <p class="small">{texts.say('setup.accountNone')}</p>
        </>
      )}
    </>
  )
}

/** Whether commands work, as far as can be told without sending one. */
const isControlled = ({ online, health, state }: Device): boolean =>
  online && health.error === null && (health.key_source !== null || !['lan', 'both'].includes(String(state.lock)))

interface Named {
  readonly accounts: readonly unknown[]
  readonly devices: readonly unknown[]
}

/**
 * In a house where nothing works yet: leads to the first step, unless postponed. Discovered devices that need a key do not
 * count.
 */
export function FirstRunHint() {
  const { texts, client, house } = usePage()
  const [named, setNamed] = useState<Named | null>(null)
  useEffect(() => {
    client.get<Named>('/api/v1/settings').then(setNamed, () => undefined)
  }, [client])
  const devices = [...house.devices.value.values()]
  const works = devices.some(isControlled)
  const untouched = named?.accounts.length === 0 && named.devices.length === 0 && !works
  useEffect(() => {
    if (untouched && localStorage.getItem(SKIPPED) === null) location.hash = '#/setup/account'
  }, [untouched])
  if (!named || (!untouched && devices.length > 0)) return null
  return (
    <p>
      <a class="button primary" href="#/setup/account">
        {texts.say('setup.begin')}
      </a>
    </p>
  )
}
