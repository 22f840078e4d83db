/** The energy of a device by day, week or month, asked for anew for each. */
import { useEffect, useState } from 'preact/hooks'
import type { Energy } from '../../api/types.ts'
import { energyPath, LAST } from '../../state/energy.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'

export interface AskedEnergy {
  readonly energy: Energy | null
  readonly failure: Failure | null
}

/** @param serial undefined: nothing is asked */
export function useEnergy(serial: string | undefined, by: Energy['by']): AskedEnergy {
  const { client } = usePage()
  const [energy, setEnergy] = useState<Energy | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  useEffect(() => {
    setFailure(null)
    if (serial === undefined) return
    // An answer that something else was asked after says nothing.
    let stale = false
    const ask = async () => {
      try {
        const answer = await client.get<Energy>(energyPath(by, LAST[by], serial))
        if (!stale) setEnergy(answer)
      } catch (error) {
        if (!stale) setFailure(failureOf(error))
      }
    }
    void ask()
    return () => {
      stale = true
    }
  }, [client, serial, by])
  return { energy: energy?.devices[0]?.serial === serial ? energy : null, failure }
}
