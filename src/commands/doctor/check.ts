import type { Keyring } from '../../cloud/account/keyring.ts'
import type { Clouds } from '../../cloud/cloud.ts'
import type { CloudDevice } from '../../cloud/services/provider.ts'
import type { Store } from '../../store/store.ts'
import type { Tools } from '../console/tools.ts'
import type { RunningBridge } from '../running/whereabouts.ts'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  /** What to do, if the finding does not say it. */
  readonly remedy?: string
}

export interface Context {
  readonly tools: Tools
  /** Undefined if there is none yet or it can't be opened. */
  readonly store: Store | undefined
  /** Why the store can't be opened. */
  readonly storeProblem: string | undefined
  /** The bridge that uses the data folder now. */
  readonly running: RunningBridge | undefined
  /** Whether devices may be written to. */
  readonly mayWrite: boolean
  readonly clouds: Clouds
  readonly keys: Keyring
  /** Every key that an account gave. */
  readonly heldKeys: () => readonly { readonly serial: string; readonly source: string }[]
  /** Devices that the accounts just listed, by serial. Filled by the check of the accounts. */
  readonly listed: Map<string, Pick<CloudDevice, 'serial' | 'name' | 'version'>>
}

/** One row of the doctor's table. A check that throws has found a problem. */
export interface Check {
  readonly name: string
  run(context: Context): Promise<readonly Finding[]>
}

export const ok = (what: string): Finding => ({ level: 'ok', what })

export const warn = (what: string, remedy?: string): Finding => ({ level: 'warn', what, ...(remedy ? { remedy } : {}) })

export const fail = (what: string, remedy?: string): Finding => ({ level: 'fail', what, ...(remedy ? { remedy } : {}) })
