import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { BridgeEvent } from '../devices/ports.ts'
import type { StoreProblem } from '../store/database/health.ts'
import type { Store } from '../store/store.ts'
import { missing, STORE_PROBLEMS } from './system.ts'

export interface StoreNews {
  readonly store: Pick<Store, 'health' | 'replaced'>
  readonly clock: Clock
  readonly logger: Logger
  readonly tell: (event: BridgeEvent) => void
}

/** Reports once that nothing can be saved, even at the start, and once that saving works again. */
export function tellOfStore({ store, clock, logger, tell }: StoreNews): void {
  const say = (problem: StoreProblem | null) => {
    const message = problem === null ? 'The store works again: new data is saved.' : STORE_PROBLEMS[problem]
    if (problem === null) logger.info(message)
    else logger.error({ problem }, message)
    // Not during the write that failed: listeners may want to write too.
    clock.timer(0, () => tell({ type: 'store_state', message, details: { problem } }))
  }
  store.health.events.on('changed', say)
  if (store.health.problem !== null) say(store.health.problem)
  const { replaced } = store
  if (!replaced) return
  const details = { problem: null, since: new Date(replaced.since).toISOString() }
  clock.timer(0, () => tell({ type: 'store_state', message: missing(replaced), details }))
}
