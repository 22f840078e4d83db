/** The last 24 hours of all devices, asked for at once: a request for each card would be a hundred. */
import { useEffect, useState } from 'preact/hooks'
import type { HouseHistory } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'

/** Milliseconds between two requests while the page is open: the line has a value for each hour. */
const AGAIN_MS = 10 * 60_000

/** °C by serial, one for each hour; empty until they are there. */
export function useLines(): ReadonlyMap<string, readonly (number | null)[]> {
  const { client, house } = usePage()
  const [lines, setLines] = useState<ReadonlyMap<string, readonly (number | null)[]>>(new Map())
  const live = house.live.value === 'live'
  useEffect(() => {
    if (!live) return
    const look = async () => {
      const { devices } = await client.get<HouseHistory>('/api/v1/history')
      setLines(new Map(devices.map(({ serial, current_temperature: values }) => [serial, values])))
    }
    // The cards are complete without; that the bridge can't be reached is said elsewhere.
    const quietly = () => void look().catch(() => undefined)
    quietly()
    const id = setInterval(quietly, AGAIN_MS)
    return () => clearInterval(id)
  }, [client, live])
  return lines
}
