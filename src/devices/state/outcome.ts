import type { ErrorCode } from '../../core/errors.ts'

/** Why the last command to a device was not carried out. No secret stands in it. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  /** ISO time, UTC. */
  readonly at: string
  /** The keys of the command as far as they can be keys, or the action. */
  readonly about: readonly string[]
}

/** That the last command was carried out with other values than asked, which the device can hold. */
export interface Rounding {
  /** ISO time, UTC. */
  readonly at: string
  readonly rounded: Readonly<Record<string, { readonly asked: number; readonly set: number }>>
}

/** What came of the last command, as far as it was not just what was asked. */
export interface CommandOutcome {
  readonly refusal: Refusal | null
  readonly rounding: Rounding | null
}
