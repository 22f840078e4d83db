import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import { type Replaced, replacedIn } from './copies/replacement.ts'
import { ensurePrivateFolder } from './database/files.ts'
import type { SyncFile } from './database/flush.ts'
import type { StoreHealth } from './database/health.ts'
import { openSqlite } from './open.ts'
import { loadMasterKey } from './secrets/master-key.ts'
import { reportForeign, Sealed } from './secrets/sealed.ts'
import { Vault } from './secrets/vault.ts'
import { AuditRepository } from './tables/audit.ts'
import { BoostRepository } from './tables/boosts.ts'
import { DeviceRepository } from './tables/devices.ts'
import { EnergyRepository } from './tables/energy.ts'
import { EventRepository } from './tables/events.ts'
import { HouseRepository } from './tables/house/modes.ts'
import { RoomRepository } from './tables/house/rooms.ts'
import { KeyRepository } from './tables/keys.ts'
import { SessionRepository } from './tables/sessions.ts'
import { UserSessionRepository } from './tables/sessions-of-users.ts'
import { TokenRepository } from './tables/tokens.ts'
import { UserRepository } from './tables/users.ts'
import { ValueRepository } from './tables/values.ts'

/** The name of the file in the data folder. */
export const DATABASE = 'thermo2mqtt.db'

export interface StoreOptions {
  readonly dataDir: string
  /** The place of the master key, if not `<data_dir>/store.key`. */
  readonly keyFile?: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
  /** Whether to open a store that can be read but not written; it then refuses writes and reports that. */
  readonly evenUnwritable?: boolean
  /** Whether commits do not block the event loop; `durable` then says when they are on the disk. */
  readonly free?: boolean
  /** Only tests replace it. */
  readonly sync?: SyncFile | undefined
}

/** What the bridge remembers. Every call is synchronous, and on disk when it returns; with `free`, when `durable` says so. */
export interface Store {
  /** The database file. */
  readonly path: string
  readonly devices: DeviceRepository
  readonly keys: KeyRepository
  readonly sessions: SessionRepository
  readonly values: ValueRepository
  readonly users: UserRepository
  readonly userSessions: UserSessionRepository
  readonly apiTokens: TokenRepository
  readonly audit: AuditRepository
  readonly energy: EnergyRepository
  readonly boosts: BoostRepository
  readonly rooms: RoomRepository
  readonly house: HouseRepository
  readonly events: EventRepository
  /** With the master key of this machine. */
  readonly vault: Vault
  /** The problem of the store, since a failure of the database. */
  readonly health: StoreHealth
  /** The copy that replaced a damaged database within the last week; null if none did. */
  readonly replaced: Replaced | null
  /** False from a failure of the database until it can be written again. */
  readonly sound: boolean
  /** Bytes of the database. @throws BridgeError `INTERNAL` */
  readonly size: number
  /** Does all of `work` or nothing. */
  transaction<Result>(work: () => Result): Result
  /** Resolves when everything that was committed until now is on the disk. @throws BridgeError `INTERNAL` */
  durable(): Promise<void>
  /** Safe to call twice; nothing can be used afterwards. */
  close(): void
}

/**
 * Opens `<data_dir>/thermo2mqtt.db` and its master key, creating what is missing: the folder with mode 0700, its files with
 * 0600. Several processes may have it open at once (the service and a command).
 * @throws BridgeError `INTERNAL`, with a message for the user, if that is impossible; `BAD_REQUEST` if the key file in the
 * settings is the reason.
 */
export function openStore(options: StoreOptions): Store {
  const { clock, logger, secrets, evenUnwritable, free, sync } = options
  ensurePrivateFolder(options.dataDir, logger)
  const master = loadMasterKey({ dataDir: options.dataDir, keyFile: options.keyFile, clock, logger, secrets })
  const file = openSqlite({ path: join(options.dataDir, DATABASE), clock, logger, evenUnwritable, free, sync })
  const vault = new Vault(master.key)
  reportForeign(file, vault, master.path, logger)
  const sealed = new Sealed({ vault, logger })
  const replaced = replacedIn(file, clock.now())
  return {
    path: file.path,
    devices: new DeviceRepository(file),
    keys: new KeyRepository(file, sealed, clock, secrets),
    sessions: new SessionRepository(file, sealed, clock),
    values: new ValueRepository(file, sealed, secrets),
    users: new UserRepository({ file, sealed, clock, secrets }),
    userSessions: new UserSessionRepository(file, clock),
    apiTokens: new TokenRepository(file, clock),
    audit: new AuditRepository(file, secrets),
    energy: new EnergyRepository(file),
    boosts: new BoostRepository(file),
    rooms: new RoomRepository(file),
    house: new HouseRepository(file),
    events: new EventRepository(file, secrets),
    vault,
    health: file.health,
    replaced,
    get sound() {
      return file.sound
    },
    get size() {
      return file.size
    },
    transaction: (work) => file.transaction(work),
    durable: () => file.durable(),
    close: () => file.close(),
  }
}
