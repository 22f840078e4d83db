import type { ErrorBody, ErrorCode } from '../core/errors.ts'
import type { CloudDevice } from './services/provider.ts'

export type AccountState = 'signed_out' | 'signing_in' | 'code_needed' | 'ready' | 'auth_failed' | 'unreachable'

export interface AccountView {
  readonly id: string
  readonly provider: string
  readonly state: AccountState
  /** Whether its service can ask for a code besides the password. */
  readonly takes_code: boolean
  /** How many devices the account's last list named. */
  readonly devices: number
  /** ISO time of the last good sync; null before the first. */
  readonly last_sync: string | null
  readonly error: ErrorBody | null
}

export interface CloudEvents {
  /** An account's view changed. */
  readonly account: AccountView
  /** Each time that something asked of an account's service failed, also when its view says so already. */
  readonly failed: { readonly account: string; readonly code: ErrorCode }
  /** After each good sync: what the account lists now. */
  readonly devices: {
    readonly account: string
    readonly devices: readonly Pick<CloudDevice, 'serial' | 'name' | 'type' | 'version'>[]
  }
  /** An account gave a key that was not held from it; `previous` when it had given another one for this serial. */
  readonly key: { readonly serial: string; readonly account: string; readonly previous: boolean }
}
