import { useEffect, useState } from 'preact/hooks'
import type { BridgeInfoJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'

/** Milliseconds between two requests while the page is open. */
const AGAIN_MS = 15_000

/** The thermostats that are heard but can't be confirmed, with what to do; nothing if there are none. */
export function Unconfirmed() {
  const { texts, client } = usePage()
  const [found, setFound] = useState<BridgeInfoJson['discovery']['unconfirmed']>([])
  useEffect(() => {
    const ask = () => client.get<BridgeInfoJson>('/api/v1/info')
    return repeatedly(AGAIN_MS, ask, ({ discovery }) => setFound(discovery.unconfirmed))
  }, [client])
  return (
    <div role="status">
      {found.length > 0 && (
        <section class="notice bad wide" aria-label={texts.say('unconfirmed.title')}>
          <strong>{texts.say('unconfirmed.title')}</strong>
          <ul>
            {found.map(({ serial, host, reason }) => (
              <li key={`${serial} ${host}`}>
                {texts.say('unconfirmed.from', { serial, host })}
                <span class="small block">{texts.lookUp('unconfirmed', reason)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
