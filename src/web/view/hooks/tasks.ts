/** Requests to the bridge, as they are shown during and after. */
import { type Failure, failureOf } from '../../state/house.ts'

export interface TaskState {
  readonly busy: boolean
  readonly done: boolean
  readonly failure: Failure | null
}

export interface Tasks {
  run(work: () => Promise<void>): void
  reset(): void
}

export const NOTHING: TaskState = { busy: false, done: false, failure: null }

/** Of several at once, what is shown is the one that was begun last, whichever ends last. */
export function tasks(show: (state: TaskState) => void): Tasks {
  let last = 0
  return {
    run(work) {
      const own = ++last
      const end = (state: Partial<TaskState>) => own === last && show({ ...NOTHING, ...state })
      show({ ...NOTHING, busy: true })
      work().then(
        () => end({ done: true }),
        (error: unknown) => end({ failure: failureOf(error) }),
      )
    },
    reset: () => show(NOTHING),
  }
}
