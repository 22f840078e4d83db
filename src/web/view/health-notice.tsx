import { useEffect, useState } from 'preact/hooks'
import type { Readiness } from '../api/types.ts'
import { usePage } from './context.ts'

/** ms between two looks. */
const AGAIN_MS = 10_000

/** Says on every part of the page, the sign-in too, that nothing can be remembered now, and what to do. */
export function HealthNotice() {
  const { texts, client, house } = usePage()
  const news = house.storeNews.value
  const [store, setStore] = useState<Readiness['checks'][string] | null>(null)
  useEffect(() => {
    const look = async () => {
      // 503 says what is not ready; it is an answer like any other. Nobody has to be signed in for it.
      const response = await client.open('GET', '/readyz')
      const { checks } = (await response.json()) as Readiness
      setStore(checks.store ?? null)
    }
    // A bridge out of reach says nothing of its store; that it is out of reach is said elsewhere.
    const quietly = () => void look().catch(() => undefined)
    quietly()
    const id = setInterval(quietly, AGAIN_MS)
    return () => clearInterval(id)
  }, [client, news])
  const text = store && !store.ok ? texts.lookUp('health', store.code ?? 'store_failed') : null
  const since = store?.since ? texts.time(store.since) : ''
  return (
    <div role="status">
      {text && (
        <p class="notice bad wide">
          {text} {since}
        </p>
      )}
    </div>
  )
}
