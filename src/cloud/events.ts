import type { ErrorBody, ErrorCode } from '../core/errors.ts'
import type { CloudDevice } from './services/provider.ts'

export type AccountState = 'signed_out' | 'signing_in' | 'code_needed' | 'ready' | 'auth_failed' | 'unreachable'

export interface AccountView {
  readonly id: string
  readonly provider: string
  readonly state: AccountState
  /** Whether its service can ask for a code in addition to the password. */
  readonly takes_code: boolean
  /** Where such a code comes from; null if there is none. */
  readonly code_from: 'email' | 'phone' | 'app' | null
  /** Whether it is known where its device list is: without one, the account brings neither thermostats nor keys. */
  readonly lists_devices: boolean
  /** Number of devices in the account's last list. */
  readonly devices: number
  /** ISO time of the last good sync; null before the first. */
  readonly last_sync: string | null
  readonly error: ErrorBody | null
}

export interface CloudEvents {
  /** An account's view changed. */
  readonly account: AccountView
  /** Each failed request to an account's service, even if its view shows the failure already. */
  readonly failed: { readonly account: string; readonly code: ErrorCode }
  /** After each successful sync: the account's present list. */
  readonly devices: {
    readonly account: string
    readonly devices: readonly Pick<CloudDevice, 'serial' | 'name' | 'type' | 'version'>[]
  }
  /** An account provided a new key; `previous` if it had provided another one for this serial. */
  readonly key: { readonly serial: string; readonly account: string; readonly previous: boolean }
}
