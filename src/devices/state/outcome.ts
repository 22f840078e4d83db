import type { ErrorCode } from '../../core/errors.ts'

/** Why the last command to a device failed. It holds no secret. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  /** ISO time, UTC. */
  readonly at: string
  /** The command's keys, if they can be keys at all, or the action. */
  readonly about: readonly string[]
}

/** The last command was carried out with other values than asked, because the device can hold only those. */
export interface Rounding {
  /** ISO time, UTC. */
  readonly at: string
  readonly rounded: Readonly<Record<string, { readonly asked: number; readonly set: number }>>
}

/** The result of the last command, where it differs from what was asked. */
export interface CommandOutcome {
  readonly refusal: Refusal | null
  readonly rounding: Rounding | null
}
