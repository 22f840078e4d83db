/** What the housekeeping routes of REST need: events, keys, backups, diagnostics. Other parts satisfy it by shape. */
import type { LogBuffer } from '../../core/logging/log-buffer.ts'
import type { MoreDetail } from '../../core/logging/more-detail.ts'
import type { EventHistory } from '../../devices/ports.ts'

export interface HeldKey {
  readonly serial: string
  readonly source: string
  /** Unix ms; null for a key from the settings. */
  readonly since: number | null
  /** Unix ms; null if no write has been accepted yet. */
  readonly lastAccepted: number | null
  readonly refused: boolean
  readonly used: boolean
  readonly masked: string
}

/** Who restores, for the audit log in the restored data. */
export interface Restorer {
  readonly who: string | null
  readonly address: string
}

export interface Backups {
  /** The most bytes of an upload. */
  readonly largest: number
  /** @throws BridgeError `RATE_LIMITED`, `INTERNAL` */
  make(passphrase: string): Promise<{
    readonly name: string
    /** Bytes. */
    readonly size: number
    readonly content: AsyncIterable<Uint8Array>
    discard(): void
  }>
  /** @throws BridgeError `BAD_REQUEST` for a file that is not a backup; `RATE_LIMITED`, `INTERNAL` */
  receive(content: AsyncIterable<Uint8Array>): Promise<{
    readonly id: string
    readonly size: number
    /** Null when it says so only once it is opened. */
    readonly created: string | null
    readonly version: string | null
  }>
  /** Checks everything; the next start uses the restored store. @throws BridgeError like `receive` */
  restore(
    id: string,
    passphrase: string,
    by: Restorer,
  ): Promise<{
    readonly created: string
    readonly version: string
    readonly devices: number
    readonly keys: number
    readonly users: readonly string[]
    /** Whether the bridge restarts by itself now. */
    readonly restarting: boolean
  }>
}

/** What only the program as a whole knows, without secrets but still with names and addresses. */
export interface DiagnosticsSource {
  /** The settings in force, with their sources. */
  settings(): unknown
  /** Lines of the log, JSON each. */
  log(): { readonly recent: readonly string[]; readonly problems: readonly string[] }
  /** Texts that reveal people or places: user names, paths, hosts. */
  personal(): Readonly<Record<string, readonly string[]>>
}

/** The last lines of the log, and how much is recorded in it. */
export interface Log {
  readonly lines: Pick<LogBuffer, 'id' | 'last' | 'after'>
  readonly detail: Pick<MoreDetail, 'recording' | 'record' | 'stop'>
}

export interface Housekeeping {
  readonly events: EventHistory
  /** Without the keys themselves. */
  readonly keys: () => readonly HeldKey[]
  readonly backups: Backups
  readonly diagnostics: DiagnosticsSource
  readonly log: Log
}
