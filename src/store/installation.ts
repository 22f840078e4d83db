/** Values that an installation creates at its first start and keeps. */
import { randomBytes } from 'node:crypto'
import type { Logger } from '../core/logging/logger.ts'
import type { Store } from './store.ts'

const CLIENT_ID = 'mqtt.client_id'
const LAST_CONNECTED = 'mqtt.last_connected'
const HOME_ASSISTANT = 'homeassistant.seen'

/**
 * Never changes, so that the broker keeps commands for the bridge during a restart. If the store can't be written, only that
 * is lost.
 */
export function clientId(store: Pick<Store, 'values'>, logger: Logger): string {
  const known = store.values.get(CLIENT_ID)
  if (known) return known
  const made = `thermo2mqtt-${randomBytes(4).toString('hex')}`
  try {
    store.values.set(CLIENT_ID, made)
  } catch (err) {
    logger.warn(
      { err },
      'The client id of the bridge at the broker can’t be saved: the next start will use another one',
    )
  }
  return made
}

/** When the bridge was last connected to a broker. */
export const lastConnected = (store: Pick<Store, 'values'>, logger: Logger) =>
  moment(store, logger, LAST_CONNECTED, 'The time of the last connection to the MQTT broker can’t be saved')

/** When Home Assistant last said at a broker that it runs. */
export const homeAssistantSeen = (store: Pick<Store, 'values'>, logger: Logger) =>
  moment(store, logger, HOME_ASSISTANT, 'The time when Home Assistant was last seen can’t be saved')

/** A time that is kept, Unix ms. If it can't be saved, that is reported once, as `complaint`. */
function moment(store: Pick<Store, 'values'>, logger: Logger, name: string, complaint: string) {
  let said = false
  return {
    get: (): number | undefined => {
      const time = Number(store.values.get(name))
      return Number.isSafeInteger(time) && time > 0 ? time : undefined
    },
    set: (time: number): void => {
      try {
        store.values.set(name, String(time))
      } catch (err) {
        if (!said) logger.warn({ err }, complaint)
        said = true
      }
    },
  }
}
