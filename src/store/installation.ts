/** What an installation makes for itself on its first start, and keeps. */
import { randomBytes } from 'node:crypto'
import type { Logger } from '../core/logger.ts'
import type { Store } from './store.ts'

const CLIENT_ID = 'mqtt.client_id'

/**
 * The same for ever, so that the broker keeps commands for the bridge while that restarts. A store that takes nothing only
 * costs that.
 */
export function clientId(store: Pick<Store, 'values'>, logger: Logger): string {
  const known = store.values.get(CLIENT_ID)
  if (known) return known
  const made = `thermo2mqtt-${randomBytes(4).toString('hex')}`
  try {
    store.values.set(CLIENT_ID, made)
  } catch (err) {
    logger.warn({ err }, 'The name of the bridge at the broker cannot be kept: the next start will have another one')
  }
  return made
}
