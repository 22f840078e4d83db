/** The options of MQTT. Settings have the names of the settings reference; null and undefined both mean not set. */

import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { Accounts, Bridge, Devices } from '../devices/ports.ts'
import type { BrokerCounts } from './broker/index.ts'
import type { EmbeddedOptions } from './broker/settings.ts'
import type { LastConnected } from './intake/freshness.ts'

type Optional = string | null | undefined

export interface MqttOptions {
  /** Addresses to try in turn; none means the embedded broker. */
  readonly url: readonly string[]
  readonly username?: Optional
  readonly password?: Optional
  /** Paths of PEM files. */
  readonly ca?: Optional
  readonly cert?: Optional
  readonly key?: Optional
  /** Must stay the same across restarts, or commands waiting at the broker are lost. */
  readonly client_id: string
  readonly base_topic: string
  /** How long a command may wait at the broker, in milliseconds; ten minutes unless given. */
  readonly command_expiry?: number
  readonly embedded: EmbeddedOptions
}

export function credentialsOf({ client_id: clientId, username, password }: MqttOptions) {
  return { clientId, username: username ?? undefined, password: password ?? undefined }
}

export interface MqttBridgeOptions {
  readonly settings: MqttOptions
  readonly devices: Devices
  readonly accounts: Accounts
  readonly bridge: Bridge
  readonly clock: Clock
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly logger: Logger
  readonly secrets: SecretValues
  /** Stores across restarts when the bridge was last connected. */
  readonly lastConnected?: LastConnected
  /** Start even if another program has the port of the embedded broker, and wait for the port. */
  readonly awaitsPort?: boolean
  /** Resolves when all data so far is on the disk; without it, that is assumed at once. */
  readonly durable?: () => Promise<void>
}

export interface MqttCounters {
  readonly received: number
  readonly sent: number
  /** Incoming messages of no use, and outgoing ones that could not be kept. */
  readonly dropped: number
  /** Answers that the broker may not have read yet. */
  readonly waiting: number
  /** Counts of the embedded broker; undefined if another broker is used. */
  readonly broker: BrokerCounts | undefined
}
