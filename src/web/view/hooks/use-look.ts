/** What the bridge says about itself. */
import { useEffect, useState } from 'preact/hooks'
import type { Client } from '../../api/client.ts'
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
  useEffect(() => repeatedly(AGAIN_MS, () => readinessOf(client), setReadiness), [client])
  useEffect(() => repeatedly(AGAIN_MS, () => client.get<BridgeInfoJson>('/api/v1/info'), setInfo), [client])
  return { readiness, info }
}

/** Also for those who are not signed in. 503 says what is not ready; it is a normal answer. */
export async function readinessOf(client: Pick<Client, 'open'>): Promise<Readiness> {
  const response = await client.open('GET', '/readyz')
  return (await response.json()) as Readiness
}
