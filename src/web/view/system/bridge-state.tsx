import type { ComponentChildren } from 'preact'
import type { BridgeInfoJson } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { usePage } from '../hooks/context.ts'
import type { Look } from '../hooks/use-look.ts'
import { Only } from '../parts/rights.tsx'

/** A duration in the two largest units. @param seconds at least 0 */
function duration(texts: Texts, seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days > 0) return texts.say('system.days', { days, hours })
  if (minutes >= 60) return texts.say('system.hours', { hours, minutes: minutes % 60 })
  return texts.say('system.minutes', { minutes })
}

/** Seconds since then. */
const age = (iso: string): number => Math.max(0, (Date.now() - Date.parse(iso)) / 1000)

/** The state of the bridge's parts in plain words. */
export function BridgeState({ readiness, info }: Look) {
  const { texts } = usePage()
  return (
    <section class="panel" aria-label={texts.say('system.state')}>
      <h2>{texts.say('system.state')}</h2>
      {readiness && <p role="status">{texts.say(readiness.ready ? 'system.ready' : 'system.notReady')}</p>}
      <dl>
        {Object.entries(readiness?.checks ?? {}).map(([name, { ok, code, detail }]) => (
          <Row key={name} name={texts.lookUp('system.check', name)} bad={!ok}>
            {texts.say(ok ? 'system.ok' : 'system.bad')}
            {!ok && <span class="small block">{texts.find(`health.${code}`) ?? detail}</span>}
            {ok && info && <span class="small block">{about(texts, name, info)}</span>}
          </Row>
        ))}
        {info && <Facts info={info} />}
      </dl>
      <p>
        <a href="./docs/">{texts.say('system.docs')}</a>
      </p>
    </section>
  )
}

/** Details of a working part. */
function about(texts: Texts, name: string, { mqtt, discovery, store, accounts }: BridgeInfoJson): string {
  if (name === 'mqtt') {
    const which = mqtt.embedded ? 'system.brokerOwn' : 'system.brokerOther'
    return texts.say(which, { address: mqtt.address, time: texts.time(mqtt.since) })
  }
  if (name === 'discovery') {
    return discovery.enabled
      ? texts.say('system.discoveryOn', { address: discovery.address ?? '' })
      : texts.say('system.discoveryOff')
  }
  if (name === 'accounts') return texts.say('system.accountsReady', { ...accounts })
  if (name === 'store' && store.size !== null) {
    return texts.say('system.storeSize', { size: texts.number(store.size / 1024 ** 2, 1) })
  }
  return ''
}

function Facts({ info }: { info: BridgeInfoJson }) {
  const { texts } = usePage()
  const { backup, devices, homeassistant, memory, node, started, update, uptime, version } = info
  return (
    <>
      <Row name={texts.say('system.devices')}>{texts.say('system.deviceCount', { ...devices })}</Row>
      <Row name="Home Assistant">{texts.say(homeassistant.enabled ? 'system.announced' : 'system.notAnnounced')}</Row>
      <Row name={texts.say('system.uptime')}>
        {duration(texts, uptime)}
        <span class="small block">{texts.say('system.since', { time: texts.time(started) })}</span>
      </Row>
      <Row name={texts.say('system.backup')} bad={backup.failing}>
        {backup.enabled ? <DailyBackup {...backup} /> : <NoBackup />}
      </Row>
      <Row name={texts.say('system.version')}>
        {version}
        {update?.available && (
          <span class="block">
            {texts.say('system.newer', { version: update.latest_version })}{' '}
            <a href={update.release_url} target="_blank" rel="noopener noreferrer">
              {texts.say('system.notes')}
            </a>
          </span>
        )}
        <span class="small block">
          Node.js {node} · {texts.say('system.memory', { size: texts.number(memory / 1024 ** 2, 0) })}
        </span>
      </Row>
    </>
  )
}

function DailyBackup({ last, failing }: BridgeInfoJson['backup']) {
  const { texts } = usePage()
  return (
    <>
      {last === null
        ? texts.say('system.backupNone')
        : texts.say('system.backupAge', { age: duration(texts, age(last)) })}
      {failing && <span class="small block">{texts.say('system.backupFails')}</span>}
    </>
  )
}

/** Who may set it up is led there. */
function NoBackup() {
  const { texts } = usePage()
  return (
    <>
      {texts.say('settings.notSet')}
      <Only scope="admin">
        <a class="block" href="#/settings">
          {texts.say('settings.open')}
        </a>
      </Only>
    </>
  )
}

function Row({ name, bad = false, children }: { name: string; bad?: boolean; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'bad' : ''}>{children}</dd>
    </div>
  )
}
