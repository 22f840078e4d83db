import { useEffect, useState } from 'preact/hooks'
import type { Readiness } from '../../api/types.ts'
import { usePage } from './context.ts'

/** ms between two looks. */
const AGAIN_MS = 10_000

/** Says on every part of the page, the sign-in too, what only a person can set right: nothing is remembered, there are two bridges, or the broker lacks a right. */
export function HealthNotice() {
  const { texts, client, house } = usePage()
  const news = house.storeNews.value
  const [wrong, setWrong] = useState<readonly Readiness['checks'][string][]>([])
  useEffect(() => {
    const look = async () => {
      // 503 says what is not ready; it is an answer like any other. Nobody has to be signed in for it.
      const response = await client.open('GET', '/readyz')
      const { checks } = (await response.json()) as Readiness
      const told = [checks.store, checks.bridges, checks.mqtt].filter((check) => check !== undefined)
      // No broker at all is said elsewhere.
      setWrong(told.filter(({ ok, code }) => !ok && code !== 'no_broker'))
    }
    // A bridge out of reach says nothing of its store; that it is out of reach is said elsewhere.
    const quietly = () => void look().catch(() => undefined)
    quietly()
    const id = setInterval(quietly, AGAIN_MS)
    return () => clearInterval(id)
  }, [client, news])
  return (
    <div role="status">
      {wrong.map(({ code = '', since }) => (
        <p key={code} class="notice bad wide">
          {texts.lookUp('health', code)} {since ? texts.time(since) : ''}
        </p>
      ))}
    </div>
  )
}
