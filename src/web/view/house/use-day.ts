/** The last 24 hours and the energy of all devices, asked for at once: requests for each card would be hundreds. */
import { useEffect, useState } from 'preact/hooks'
import type { Energy, HouseHistory } from '../../api/types.ts'
import { energyPath } from '../../state/energy.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'

/** Milliseconds between two requests while the page is open: the line has a value for each hour. */
const AGAIN_MS = 10 * 60_000

/** So that a month is always in it. */
const DAYS = 31

export interface HouseDay {
  /** °C by serial, one for each hour; empty until they are there. */
  readonly lines: ReadonlyMap<string, readonly (number | null)[]>
  readonly energy: Energy | null
}

export function useDay(): HouseDay {
  const { client, house } = usePage()
  const [lines, setLines] = useState<HouseDay['lines']>(new Map())
  const [energy, setEnergy] = useState<HouseDay['energy']>(null)
  const live = house.live.value === 'live'
  useEffect(() => {
    if (!live) return
    const take = ({ devices }: HouseHistory) =>
      setLines(new Map(devices.map(({ serial, current_temperature: values }) => [serial, values])))
    return repeatedly(AGAIN_MS, () => client.get<HouseHistory>('/api/v1/history'), take)
  }, [client, live])
  useEffect(() => {
    if (!live) return
    return repeatedly(AGAIN_MS, () => client.get<Energy>(energyPath('day', DAYS)), setEnergy)
  }, [client, live])
  return { lines, energy }
}
