import { useEffect, useState } from 'preact/hooks'
import type { AuditEntryJson, Readiness } from '../api/types.ts'
import { ApiTokens } from './api-tokens.tsx'
import { usePage } from './context.ts'
import { LookControls } from './look-controls.tsx'
import { SecondFactor } from './second-factor.tsx'
import { Sessions } from './sessions.tsx'
import { SettingsLink } from './settings.tsx'

export function System() {
  const { texts } = usePage()
  return (
    <>
      <h1>{texts.say('system.title')}</h1>
      <div class="columns">
        <div>
          <State />
          <SettingsLink />
          <section class="panel" aria-label={texts.say('system.look')}>
            <h2>{texts.say('system.look')}</h2>
            <LookControls />
          </section>
          <SecondFactor />
        </div>
        <div>
          <Sessions />
          <ApiTokens />
          <Audit />
        </div>
      </div>
    </>
  )
}

/** ms between two looks while the page is open. */
const AGAIN_MS = 5000

function useReadiness(): Readiness | null {
  const { client } = usePage()
  const [readiness, setReadiness] = useState<Readiness | null>(null)
  useEffect(() => {
    const look = async () => {
      // 503 says what is not ready; it is an answer like any other.
      const response = await client.open('GET', '/readyz')
      setReadiness((await response.json()) as Readiness)
    }
    look().catch(() => undefined)
    const id = setInterval(() => look().catch(() => undefined), AGAIN_MS)
    return () => clearInterval(id)
  }, [client])
  return readiness
}

function State() {
  const { texts, client, house } = usePage()
  const readiness = useReadiness()
  const [version, setVersion] = useState('')
  useEffect(() => {
    client
      .get<{ info: { version: string } }>('/openapi.json')
      .then(({ info }) => setVersion(info.version))
      .catch(() => undefined)
  }, [client])
  const devices = [...house.devices.value.values()]
  const online = devices.filter((device) => device.online).length
  return (
    <section class="panel" aria-label={texts.say('system.state')}>
      <h2>{texts.say('system.state')}</h2>
      {readiness && <p>{texts.say(readiness.ready ? 'system.ready' : 'system.notReady')}</p>}
      <dl>
        {Object.entries(readiness?.checks ?? {}).map(([name, { ok, detail }]) => (
          <div key={name}>
            <dt>{texts.lookUp('system.check', name)}</dt>
            <dd class={ok ? '' : 'bad'}>
              {texts.say(ok ? 'system.ok' : 'system.bad')}
              {detail && <span class="small block">{detail}</span>}
            </dd>
          </div>
        ))}
        <div>
          <dt>{texts.say('system.devices')}</dt>
          <dd>{texts.say('system.deviceCount', { online, total: devices.length })}</dd>
        </div>
        <div>
          <dt>{texts.say('system.version')}</dt>
          <dd>{version}</dd>
        </div>
      </dl>
      <p>
        <a href="/docs">{texts.say('system.docs')}</a>
      </p>
    </section>
  )
}

/** The newest changes: who, what, and how it ended. */
function Audit() {
  const { texts, client } = usePage()
  const [entries, setEntries] = useState<readonly AuditEntryJson[]>([])
  useEffect(() => {
    client
      .get<{ entries: AuditEntryJson[] }>('/api/v1/audit?limit=50')
      .then((answer) => setEntries(answer.entries))
      .catch(() => undefined)
  }, [client])
  return (
    <details class="panel">
      <summary>
        <h2>{texts.say('system.audit')}</h2>
      </summary>
      <ul class="list">
        {entries.map(({ id, at, who, action, target, outcome, address }) => (
          <li key={id}>
            <span>
              {action} {target}{' '}
              <span class={outcome === 'ok' ? 'small' : 'small bad'}>
                {outcome === 'ok' ? '' : texts.lookUp('error', outcome)}
              </span>
              <span class="small block">
                {texts.time(at)} · {who ?? '–'} · {address ?? '–'}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
