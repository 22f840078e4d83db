/** What the bridge says about itself. */
import { useEffect, useState } from 'preact/hooks'
import type { BridgeInfoJson, Readiness } from '../../api/types.ts'
import { usePage } from './context.ts'
import { repeatedly } from './repeatedly.ts'

/** Milliseconds between two requests while the page is open. */
const AGAIN_MS = 5000

export interface Look {
  readonly readiness: Readiness | null
  readonly info: BridgeInfoJson | null
}

/** How the parts of the bridge are, kept up to date while it is shown; null until known. */
export function useLook(): Look {
  const { client } = usePage()
  const [readiness, setReadiness] = useState<Readiness | null>(null)
  const [info, setInfo] = useState<BridgeInfoJson | null>(null)
  useEffect(() => {
    const look = async () => {
      // 503 says what is not ready; it is a normal answer.
      const response = await client.open('GET', '/readyz')
      setReadiness((await response.json()) as Readiness)
      setInfo(await client.get<BridgeInfoJson>('/api/v1/info'))
    }
    return repeatedly(AGAIN_MS, look)
  }, [client])
  return { readiness, info }
}
