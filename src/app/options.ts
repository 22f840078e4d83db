import type { AccessOptions } from '../api/auth/index.ts'
import type { SettingsDesk } from '../api/schemas/settings.ts'
import type { Settings } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import type { LogBuffer } from '../core/logging/log-buffer.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { BackupsOptions } from '../store/backup/index.ts'

export interface AppOptions {
  readonly settings: Settings
  readonly version: string
  readonly clock: Clock
  /** From 0 up to 1; spreads polls and retries. */
  readonly random: () => number
  readonly logger: Logger
  readonly secrets: SecretValues
  /** Where the settings are changed; left out, they can't be. */
  readonly desk?: SettingsDesk
  /** The last lines of the log; left out, diagnostics have none. */
  readonly log?: Pick<LogBuffer, 'recent' | 'problems'>
  /** Called when a restored store waits for the bridge to start anew; left out, somebody has to restart it. */
  readonly onRestored?: () => void
  /** Called when somebody asks the bridge to restart: it is to be stopped and constructed anew. */
  readonly restart: () => void
  /** Shows a line to whoever starts the bridge, past the log, such as the password made on the first start. */
  readonly announce: (line: string) => void
  readonly devicePort?: number
  /**
   * Milliseconds for which nobody else may have spoken for a device before commands are signed for a new address. Only virtual
   * devices, which send beacons more often, need less than what is built in.
   */
  readonly quiet?: number
  /** Only tests take less than what is recommended. */
  readonly passwordCost?: AccessOptions['passwordCost']
  readonly backupCost?: BackupsOptions['cost']
  /** The folder of the built page; where the build puts it when left out. */
  readonly page?: string
}
