import type { AccessOptions } from '../api/auth/index.ts'
import type { SettingsDesk } from '../api/schemas/settings.ts'
import type { Settings } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import type { LogBuffer } from '../core/logging/log-buffer.ts'
import type { RootLogger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { Silence } from '../devices/link/silence.ts'
import type { BackupsOptions } from '../store/backup/index.ts'

export interface AppOptions {
  readonly settings: Settings
  readonly version: string
  readonly clock: Clock
  /** From 0 up to 1; spreads polls and retries. */
  readonly random: () => number
  readonly logger: RootLogger
  readonly secrets: SecretValues
  /** Changes the settings; without it they can't be changed. */
  readonly desk?: SettingsDesk
  /** The last lines of the log; without it nobody can look at them. */
  readonly log?: LogBuffer
  /** Called when a restored store is ready for a restart; without it, somebody has to restart the bridge. */
  readonly onRestored?: () => void
  /** Called when somebody asks for a restart: the bridge must then be stopped and built again. */
  readonly restart: () => void
  /**
   * Shows a line to the person who starts the bridge, bypassing the log, such as the password made at the first start.
   */
  readonly announce: (line: string) => void
  readonly devicePort?: number
  /** Where newer versions are announced; without it nobody asks. */
  readonly releases?: URL
  /** Start even if another program has the port of the embedded broker, and wait for the port. */
  readonly awaitsPort?: boolean
  /**
   * How long, in milliseconds, nobody else may have claimed to be a device before commands are signed for its new
   * address. Only virtual devices, which send beacons more often, need less than the built-in value.
   */
  readonly quiet?: number
  /** Keeps for how long that was so, from one start of the bridge in this process to the next. */
  readonly silence?: Silence
  /** Only tests use a lower cost than recommended. */
  readonly passwordCost?: AccessOptions['passwordCost']
  readonly backupWork?: BackupsOptions['workFactor']
  /** The folder of the built page; by default the build's output folder. */
  readonly page?: string
}
