import type { ErrorCode } from '../core/errors.ts'

/** Why the last command to a device was not carried out. No secret stands in it. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  /** ISO time, UTC. */
  readonly at: string
  /** The keys of the command as far as they can be keys, or the action. */
  readonly about: readonly string[]
}
