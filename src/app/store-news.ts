import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { BridgeEvent } from '../devices/ports.ts'
import type { Store } from '../store/store.ts'
import { STORE_PROBLEMS } from './system.ts'

export interface StoreNews {
  readonly store: Pick<Store, 'health'>
  readonly clock: Clock
  readonly logger: Logger
  readonly tell: (event: BridgeEvent) => void
}

/** Tells once that nothing can be remembered, and once that it can again. */
export function tellOfStore({ store, clock, logger, tell }: StoreNews): void {
  store.health.events.on('changed', (problem) => {
    const message = problem === null ? 'What is learned and counted is remembered again.' : STORE_PROBLEMS[problem]
    if (problem === null) logger.info(message)
    else logger.error({ problem }, message)
    // Not in the middle of the write that failed: who hears it may want to write as well.
    clock.timer(0, () => tell({ type: 'store_state', message, details: { problem } }))
  })
}
