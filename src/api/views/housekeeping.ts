/** What REST needs to look after the bridge: what happened, keys, backups, diagnostics. Other parts satisfy it by shape. */
import type { EventHistory } from '../../devices/ports.ts'

export interface HeldKey {
  readonly serial: string
  readonly source: string
  /** Unix ms; null for a key of the settings. */
  readonly since: number | null
  /** Unix ms; null when no write was accepted yet. */
  readonly lastAccepted: number | null
  readonly refused: boolean
  readonly used: boolean
  readonly masked: string
}

/** Who restores, for the audit log of what is restored. */
export interface Restorer {
  readonly who: string | null
  readonly address: string
}

export interface Backups {
  /** Bytes of an upload at most. */
  readonly largest: number
  /** @throws BridgeError `RATE_LIMITED`, `INTERNAL` */
  make(passphrase: string): Promise<{
    readonly name: string
    /** Bytes. */
    readonly size: number
    readonly content: AsyncIterable<Uint8Array>
    discard(): void
  }>
  /** @throws BridgeError `BAD_REQUEST` for what is no backup; `RATE_LIMITED`, `INTERNAL` */
  receive(content: AsyncIterable<Uint8Array>): Promise<{
    readonly id: string
    readonly size: number
    /** Null when it says so only once it is opened. */
    readonly created: string | null
    readonly version: string | null
  }>
  /** Checks everything; the store is another one at the next start. @throws BridgeError as `receive` */
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
    /** Whether the bridge starts anew by itself now. */
    readonly restarting: boolean
  }>
}

/** What only the program as a whole knows; without secrets, but not yet without names and addresses. */
export interface DiagnosticsSource {
  /** The settings in force, with where each is from. */
  settings(): unknown
  /** Lines of the log, JSON each. */
  log(): { readonly recent: readonly string[]; readonly problems: readonly string[] }
  /** Texts that say who and where somebody is: user names, paths, hosts. */
  personal(): Readonly<Record<string, readonly string[]>>
}

export interface Housekeeping {
  readonly events: EventHistory
  /** Without the keys themselves. */
  readonly keys: () => readonly HeldKey[]
  readonly backups: Backups
  readonly diagnostics: DiagnosticsSource
}
