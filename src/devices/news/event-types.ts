/** What happens to devices and to the bridge, as it is told and as it is kept. */
import type { JsonObject } from '../../core/json.ts'

/** Something worth telling people and automations once: on `bridge/event`, on the device's topic, and in the log. */
export interface BridgeEvent {
  readonly type:
    | 'device_found'
    | 'device_unconfirmed'
    | 'device_forgotten'
    | 'device_renamed'
    | 'device_room'
    | 'room_renamed'
    | 'house_mode'
    | 'device_online'
    | 'device_offline'
    | 'address_changed'
    | 'key_changed'
    | 'account_state'
    | 'lock_changed'
    | 'fault_began'
    | 'fault_ended'
    | 'finding_began'
    | 'finding_ended'
    | 'command_waits'
    | 'command'
    | 'command_failed'
    | 'changed_at_device'
    | 'store_state'
  readonly message: string
  readonly serial?: string
  readonly account?: string
  readonly details?: JsonObject
}

/** An event of any type, as it is kept. */
export interface LoggedEvent {
  readonly id: number
  /** Unix ms. */
  readonly at: number
  readonly type: string
  readonly serial: string | null
  readonly account: string | null
  readonly message: string
  readonly details: Readonly<Record<string, unknown>> | null
}

export interface EventHistory {
  /**
   * Events, the newest first: only those with an id below `before`, of one device or of all.
   * @throws BridgeError `INTERNAL`
   */
  page(limit: number, before: number | null, serial?: string): readonly LoggedEvent[]
}
