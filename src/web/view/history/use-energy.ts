/** The energy of a device by day, week or month: asked for, and followed while the bridge can be reached. */
import { useEffect, useState } from 'preact/hooks'
import type { Energy } from '../../api/types.ts'
import { energyPath, LAST } from '../../state/energy.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'
import { repeatedly } from '../hooks/repeatedly.ts'

export interface AskedEnergy {
  readonly energy: Energy | null
  readonly failure: Failure | null
}

/** Milliseconds between two requests, as the history's: what is used today grows. */
const AGAIN_MS = 5 * 60_000

/** @param serial undefined: nothing is asked */
export function useEnergy(serial: string | undefined, by: Energy['by']): AskedEnergy {
  const { client, house } = usePage()
  const [energy, setEnergy] = useState<Energy | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const live = house.live.value === 'live'
  useEffect(() => {
    setFailure(null)
    if (!live || serial === undefined) return
    const take = (answer: Energy) => {
      setEnergy(answer)
      setFailure(null)
    }
    const ask = () => client.get<Energy>(energyPath(by, LAST[by], serial))
    return repeatedly(AGAIN_MS, ask, take, (error) => setFailure(failureOf(error)))
  }, [client, serial, by, live])
  return { energy: energy?.devices[0]?.serial === serial ? energy : null, failure }
}
