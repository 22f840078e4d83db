import { useEffect, useState } from 'preact/hooks'
import type { BridgeInfoJson } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'

/** ms between two looks while the page is open. */
const AGAIN_MS = 15_000

/** The thermostats that are heard and can't be confirmed, with what to do; nothing when there is none. */
export function Unconfirmed() {
  const { texts, client } = usePage()
  const [found, setFound] = useState<BridgeInfoJson['discovery']['unconfirmed']>([])
  useEffect(() => {
    const look = async () => setFound((await client.get<BridgeInfoJson>('/api/v1/info')).discovery.unconfirmed)
    // That the bridge is out of reach is said elsewhere.
    const quietly = () => void look().catch(() => undefined)
    quietly()
    const id = setInterval(quietly, AGAIN_MS)
    return () => clearInterval(id)
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
