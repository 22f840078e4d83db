/** What an installation makes for itself on its first start, and keeps. */
import { randomBytes } from 'node:crypto'
import type { Logger } from '../core/logging/logger.ts'
import type { Store } from './store.ts'

const CLIENT_ID = 'mqtt.client_id'
const LAST_CONNECTED = 'mqtt.last_connected'

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

/** When the bridge was connected to a broker last, Unix ms. What a store does not take is not remembered, and said once. */
export function lastConnected(store: Pick<Store, 'values'>, logger: Logger) {
  let said = false
  return {
    get: (): number | undefined => {
      const time = Number(store.values.get(LAST_CONNECTED))
      return Number.isSafeInteger(time) && time > 0 ? time : undefined
    },
    set: (time: number): void => {
      try {
        store.values.set(LAST_CONNECTED, String(time))
      } catch (err) {
        if (!said) logger.warn({ err }, 'It cannot be noted when the bridge was connected to the MQTT broker last')
        said = true
      }
    },
  }
}
