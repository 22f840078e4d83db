/** The settings of the bridge, and changes to them: each is in force when done. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import { RequestError } from '../../api/answers.ts'
import type { Setting, Settings } from '../../api/types.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'

/** Milliseconds between two requests to a restarting bridge, and their limit: it takes seconds, on a slow machine more. */
const AGAIN_MS = 300
const MOST_LOOKS = 200

export interface UsedSettings {
  /** null until they are known, or if they can't be. */
  readonly settings: Settings | null
  /** Why they are not known. */
  readonly failure: Failure | null
  of(key: string): Setting | undefined
  /** Resolves with the answer once the bridge runs with the change, if it has made one. @throws RequestError */
  change<Answer = unknown>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer>
}

export function useSettings(): UsedSettings {
  const { client, enter } = usePage()
  const [settings, setSettings] = useState<Settings | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const load = useCallback(() => client.get<Settings>('/api/v1/settings'), [client])
  useEffect(() => {
    // The bridge may be restarting when the page is opened.
    inForce(load).then(setSettings, (error: unknown) => setFailure(failureOf(error)))
  }, [load])
  return {
    settings,
    failure,
    of: (key) => settings?.settings.find((setting) => setting.key === key),
    async change<Answer>(method: string, path: string, body?: unknown) {
      const answer = await client.send<Answer>(method, `/api/v1/${path}`, body)
      const next = await inForce(load)
      setSettings(next)
      // The bridge has restarted: its events are followed again at once, not only after the next retry.
      await enter()
      if (next.failed && next.failed.at !== settings?.failed?.at) {
        throw new RequestError(0, 'TAKEN_BACK', next.failed.message)
      }
      return answer
    },
  }
}

async function inForce(load: () => Promise<Settings>): Promise<Settings> {
  for (let look = 1; ; look++) {
    try {
      const settings = await load()
      if (!settings.applying || look >= MOST_LOOKS) return settings
    } catch (error) {
      // While it restarts, nobody answers.
      const away = error instanceof RequestError && (error.status === 0 || error.status >= 500)
      if (!away || look >= MOST_LOOKS) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
