/** The page of one device, and its card on the first page. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Device, Model } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { needsKey } from '../../state/card.ts'
import { RelayCard } from '../card/relay-card.tsx'
import { ThermostatCard } from '../card/thermostat-card.tsx'
import { EnergySection } from '../history/energy.tsx'
import { HistorySection } from '../history/index.tsx'
import { useView } from '../history/use-view.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { PageTitle } from '../parts/page-title.tsx'
import { Only } from '../parts/rights.tsx'
import { Sure } from '../parts/sure.tsx'
import { ScheduleSection } from '../schedule/index.tsx'
import { KeyState } from '../settings/held-keys.tsx'
import { Datapoints } from './datapoints.tsx'
import { DeviceEvents } from './events.tsx'
import { Rename } from './rename.tsx'
import { RoomField } from './room.tsx'
import { BUTTONS, type ButtonAction } from './values.ts'

const PARTS = {
  schedule: 'schedule.title',
  history: 'history.title',
  energy: 'energy.title',
  events: 'events.title',
  points: 'points.title',
  device: 'device.more',
} as const
type PartName = keyof typeof PARTS

/** Leads to the parts of the page. They are no places of the address: that is the device's. */
function Contents({ parts }: { parts: readonly PartName[] }) {
  const { texts } = usePage()
  const go = (part: PartName) => {
    const place = document.getElementById(`part-${part}`)
    place?.scrollIntoView()
    place?.focus({ preventScroll: true })
  }
  return (
    <nav class="contents" aria-label={texts.say('device.contents')}>
      {parts.map((part) => (
        <button key={part} type="button" class="quiet" onClick={() => go(part)}>
          {texts.say(PARTS[part])}
        </button>
      ))}
    </nav>
  )
}

/** @param steps of the address after the device */
export function DevicePage({ serial, steps }: { serial: string; steps: readonly string[] }) {
  const { texts, house } = usePage()
  const device = house.devices.value.get(serial)
  const used = useView(serial, steps)
  if (!device) {
    if (house.live.value !== 'live') return <p>{texts.say('common.loading')}</p>
    return <PageTitle>{texts.say('device.unknown')}</PageTitle>
  }
  const model = house.models.value.get(device.model)
  const thermostat = (model?.kind ?? 'thermostat') === 'thermostat'
  // What one does most stands first; what changes the device for good, or interrupts it, stands last.
  const parts: readonly { readonly part: PartName; readonly shown: ComponentChildren }[] = [
    {
      part: 'schedule',
      shown: model !== undefined && model.schedules.length > 0 && <ScheduleSection device={device} />,
    },
    { part: 'history', shown: <HistorySection key={`${serial} ${steps.join('/')}`} device={device} used={used} /> },
    {
      part: 'energy',
      shown: typeof device.state.energy === 'number' && <EnergySection device={device} used={used} />,
    },
    { part: 'events', shown: <DeviceEvents device={device} /> },
    { part: 'points', shown: model !== undefined && <Datapoints device={device} model={model} /> },
    {
      part: 'device',
      shown: (
        <div class="pairs">
          <Only scope="admin">
            <Rename device={device} />
            <RoomField device={device} />
          </Only>
          <Locks device={device} model={model} />
          <About device={device} model={model} />
          <Only scope="control">
            <Actions device={device} />
          </Only>
        </div>
      ),
    },
  ]
  return (
    <>
      <a class="back" href="#/">
        ← {texts.say('device.back')}
      </a>
      <PageTitle>{device.name}</PageTitle>
      <div class="columns device">
        <div class="first">
          {thermostat ? <ThermostatCard device={device} /> : <RelayCard device={device} />}
          <Contents parts={parts.flatMap(({ part, shown }) => (shown === false ? [] : [part]))} />
        </div>
        <div class="main">
          {parts.map(
            ({ part, shown }) =>
              shown !== false && (
                <div key={part} id={`part-${part}`} tabIndex={-1}>
                  {shown}
                </div>
              ),
          )}
        </div>
      </div>
    </>
  )
}

/** Actions that need confirmation. */
const RISKY = { restart: 'device.restartSure', sync_clock: 'device.setClockSure' } as const

function Actions({ device }: { device: Device }) {
  const { texts, client } = usePage()
  const [asking, setAsking] = useState<keyof typeof RISKY | null>(null)
  const task = useTask()
  const run = (action: ButtonAction) => {
    setAsking(null)
    task.run(async () => {
      await client.send('POST', `/api/v1/devices/${device.serial}/actions/${action}`)
    })
  }
  return (
    <section class="panel" aria-label={texts.say('device.actions')}>
      <h2>{texts.say('device.actions')}</h2>
      <div class="row">
        <button type="button" disabled={task.busy} onClick={() => run('blink')}>
          {texts.say(BUTTONS.blink)}
        </button>
        <button type="button" disabled={task.busy} onClick={() => setAsking('restart')}>
          {texts.say(BUTTONS.restart)}
        </button>
        {'clock_offset' in device.state && (
          <button type="button" disabled={task.busy} onClick={() => setAsking('sync_clock')}>
            {texts.say(BUTTONS.sync_clock)}
          </button>
        )}
      </div>
      {asking && (
        <Sure
          label={texts.say(BUTTONS[asking])}
          yes={texts.say(BUTTONS[asking])}
          act={() => run(asking)}
          cancel={() => setAsking(null)}
        >
          {texts.say(RISKY[asking], { name: device.name })}
        </Sure>
      )}
      <Status>{task.busy ? texts.say('common.pending') : task.done ? texts.say('common.done') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

/** What prevents commands, and what to do about it. */
function Locks({ device, model }: { device: Device; model: Model | undefined }) {
  const { texts, client } = usePage()
  const task = useTask()
  const accept = () =>
    task.run(async () => {
      await client.send('POST', `/api/v1/devices/${device.serial}/actions/accept_lock`)
    })
  const { lock } = device.state
  return (
    <section class="panel" aria-label={texts.say('device.lock')}>
      <h2>{texts.say('device.lock')}</h2>
      <p>{texts.lookUp('lock', typeof lock === 'string' ? lock : 'unknown')}</p>
      {device.state.lock_alarm === true && (
        <Only scope="control">
          <button type="button" disabled={task.busy} onClick={accept}>
            {texts.say('lock.accept')}
          </button>
        </Only>
      )}
      {task.failure && <FailureNotice failure={task.failure} />}
      <Only scope="admin">
        <KeyState device={device} />
      </Only>
      {(lock === 'both' || needsKey(device)) && (
        <p>
          {texts.lookUp('unlock', model?.lock_way ?? 'unknown')}
          {model?.own_page && <> {texts.say('unlock.ownPage')}</>}
        </p>
      )}
    </section>
  )
}

/** How a device became known, as text; accounts have names. */
const known = (source: string, texts: Texts): string =>
  source.startsWith('account:')
    ? texts.say('known.account', { name: source.slice('account:'.length) })
    : texts.lookUp('known', source)

function About({ device, model }: { device: Device; model: Model | undefined }) {
  const { texts } = usePage()
  const { serial, address, health, sources } = device
  const rows = [
    [texts.say('device.serial'), serial],
    [texts.say('device.model'), model?.name ?? device.model],
    ...(device.firmware === null ? [] : [[texts.say('device.firmware'), device.firmware] as const]),
    [texts.say('device.address'), address ? `${address.host}:${address.port}` : texts.say('common.unknown')],
    [texts.say('device.lastSeen'), texts.time(health.last_seen)],
    ...(health.last_published === null
      ? []
      : [[texts.say('device.lastPublished'), texts.time(health.last_published)] as const]),
    [texts.say('device.sources'), sources.map((source) => known(source, texts)).join(', ')],
  ] as const
  return (
    <section class="panel" aria-label={texts.say('device.about')}>
      <h2>{texts.say('device.about')}</h2>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={value === serial ? 'serial' : ''}>{value}</dd>
          </div>
        ))}
      </dl>
      {model?.own_page && address && <OwnPage address={address} />}
    </section>
  )
}

/** The device's own page. It gets neither a referrer nor access to this window. */
function OwnPage({ address }: { address: NonNullable<Device['address']> }) {
  const { texts } = usePage()
  const href = pageOf(address)
  if (href === null) return null
  return (
    <p class="small">
      <a href={href} target="_blank" rel="noopener noreferrer">
        {texts.say('device.ownPage')}
      </a>{' '}
      {texts.say('device.ownPageText')}
    </p>
  )
}

/** null for a host that is not just a host. */
function pageOf({ host, port }: NonNullable<Device['address']>): string | null {
  if (!/^[\w.:-]+$/.test(host)) return null
  return `http://${host.includes(':') ? `[${host}]` : host}${port === 80 ? '' : `:${port}`}/index.html`
}
