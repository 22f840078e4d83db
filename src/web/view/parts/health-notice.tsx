import { useEffect, useState } from 'preact/hooks'
import type { Readiness } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'

/** Milliseconds between two requests. */
const AGAIN_MS = 10_000

/**
 * Shows on every part of the page, including the sign-in, problems that only a person can solve: nothing is saved, there are
 * two bridges, or a right at the broker is missing.
 */
export function HealthNotice() {
  const { texts, client, house } = usePage()
  const news = house.storeNews.value
  const [wrong, setWrong] = useState<readonly Readiness['checks'][string][]>([])
  useEffect(() => {
    const look = async () => {
      // 503 says what is not ready; it is a normal answer. It needs no sign-in.
      const response = await client.open('GET', '/readyz')
      const { checks } = (await response.json()) as Readiness
      const told = [checks.store, checks.bridges, checks.mqtt].filter((check) => check !== undefined)
      // A missing broker is reported elsewhere.
      setWrong(told.filter(({ ok, code }) => !ok && code !== 'no_broker'))
    }
    return repeatedly(AGAIN_MS, look)
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
