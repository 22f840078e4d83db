/** A request to the bridge, with its visible state during and after. */
import { useState } from 'preact/hooks'
import { type Failure, failureOf } from '../../state/house.ts'

export interface Task {
  readonly busy: boolean
  readonly done: boolean
  readonly failure: Failure | null
  run(work: () => Promise<void>): void
  reset(): void
}

export function useTask(): Task {
  const [state, setState] = useState<{ busy: boolean; done: boolean; failure: Failure | null }>({
    busy: false,
    done: false,
    failure: null,
  })
  return {
    ...state,
    run(work) {
      setState({ busy: true, done: false, failure: null })
      work().then(
        () => setState({ busy: false, done: true, failure: null }),
        (error: unknown) => setState({ busy: false, done: false, failure: failureOf(error) }),
      )
    },
    reset: () => setState({ busy: false, done: false, failure: null }),
  }
}
