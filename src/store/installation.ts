/** What an installation makes for itself on its first start, and keeps. */
import { randomBytes } from 'node:crypto'
import type { Store } from './store.ts'

const CLIENT_ID = 'mqtt.client_id'

/** The same for ever, so that the broker keeps commands for the bridge while that restarts. */
export function clientId(store: Pick<Store, 'values'>): string {
  const known = store.values.get(CLIENT_ID)
  if (known) return known
  const made = `thermo2mqtt-${randomBytes(4).toString('hex')}`
  store.values.set(CLIENT_ID, made)
  return made
}
