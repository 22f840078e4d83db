/** What an installation makes for itself on its first start, and keeps. */
import { randomBytes } from 'node:crypto'
import type { Store } from './store.ts'

const ADMIN_PASSWORD = 'api.admin_password'
const CLIENT_ID = 'mqtt.client_id'

export interface Keeper {
  readonly store: Pick<Store, 'values'>
  /** Shows a line to whoever starts the bridge, past the log. */
  readonly announce: (line: string) => void
}

/** The admin password: the one configured, else one made once, shown once and kept encrypted. */
export function adminPassword(configured: string | null, { store, announce }: Keeper): string {
  const known = configured ?? store.values.getSecret(ADMIN_PASSWORD)
  if (known) return known
  const password = randomBytes(15).toString('base64url')
  if (store.values.hasSecret(ADMIN_PASSWORD)) {
    // The right master key may come back, and with it the password that people know.
    announce(`The admin password can't be read without its master key. For this run only it is: ${password}`)
  } else {
    announce(`Admin password for REST, made now and shown only this once: ${password}`)
    store.values.setSecret(ADMIN_PASSWORD, password)
  }
  return password
}

/** The same for ever, so that the broker keeps commands for the bridge while that restarts. */
export function clientId(store: Keeper['store']): string {
  const known = store.values.get(CLIENT_ID)
  if (known) return known
  const made = `thermo2mqtt-${randomBytes(4).toString('hex')}`
  store.values.set(CLIENT_ID, made)
  return made
}
