import { useEffect, useState } from 'preact/hooks'
import type { Readiness } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'
import { readinessOf } from '../hooks/use-look.ts'

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
    const take = ({ checks }: Readiness) => {
      const told = [checks.store, checks.bridges, checks.mqtt].filter((check) => check !== undefined)
      // A missing broker is reported elsewhere.
      setWrong(told.filter(({ ok, code }) => !ok && code !== 'no_broker'))
    }
    return repeatedly(AGAIN_MS, () => readinessOf(client), take)
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
