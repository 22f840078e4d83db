import { BridgeError } from '../../core/errors.ts'
import type { AccountView } from '../events.ts'
import { OperationRefused } from '../failures.ts'
import type { Provider, Session } from '../services/provider.ts'
import type { TotpMemory } from './totp-memory.ts'

export const TOTP_OPERATIONS = ['setup', 'activate', 'verify', 'deactivate'] as const
export type TotpOperation = (typeof TOTP_OPERATIONS)[number]

export function isTotpOperation(value: string): value is TotpOperation {
  return TOTP_OPERATIONS.some((operation) => operation === value)
}

export interface TotpInput {
  /** The code from an authenticator app; without it, the bridge makes one from its secret. */
  readonly token?: string | undefined
}

/** The result of an operation, named as in the service's document. Shown only once. */
export type TotpResult =
  | { readonly operation: 'setup'; readonly secret_key: string; readonly provisioning_uri: string }
  | { readonly operation: 'activate'; readonly recovery_codes: readonly string[] }
  | { readonly operation: 'verify'; readonly account: AccountView }
  | { readonly operation: 'deactivate' }

export interface ManageOptions {
  readonly operation: Exclude<TotpOperation, 'verify'>
  readonly code: string | undefined
  readonly flow: Provider
  readonly memory: TotpMemory
  readonly session: Session
  readonly signal: AbortSignal
}

/**
 * Does one operation on the second factor and stores its result. @throws OperationRefused, and what the flow throws.
 */
export async function manageTotp(options: ManageOptions): Promise<TotpResult> {
  const { operation, code, flow, memory, session, signal } = options
  if (!flow.totp) throw none()
  switch (operation) {
    case 'setup': {
      const { secret, uri } = await flow.totp.setup(session, signal)
      memory.begin(secret)
      return { operation, secret_key: secret, provisioning_uri: uri }
    }
    case 'activate': {
      const recovery_codes = await flow.totp.activate(session, code ?? ownCode(flow, memory), signal)
      memory.activate(recovery_codes)
      return { operation, recovery_codes }
    }
    case 'deactivate':
      await flow.totp.deactivate(session, signal)
      memory.forget()
      return { operation }
  }
}

/** The present code of the secret set up last, otherwise of the one in force. @throws OperationRefused */
export function ownCode(flow: Provider, memory: TotpMemory): string {
  if (!flow.totp) throw none()
  const secret = memory.pending() ?? memory.secret()
  if (secret === undefined) {
    throw new OperationRefused('BAD_REQUEST', 'The bridge has no secret to make a code from. Give the code in token.')
  }
  return flow.totp.code(secret)
}

function none(): OperationRefused {
  return new OperationRefused('BAD_REQUEST', 'This account’s service has no second factor that can be managed here.')
}

/**
 * A typed code without spaces, and without dashes if it is a number: a recovery code may contain dashes.
 * @throws BridgeError `BAD_REQUEST`
 */
export function checkedCode(given: string): string {
  const spaceless = given.replaceAll(/\s/g, '')
  const number = spaceless.replaceAll(/\p{Pd}/gu, '')
  const code = /^\d+$/.test(number) ? number : spaceless
  if (!/^\S{1,64}$/.test(code))
    throw new BridgeError('BAD_REQUEST', 'A code has 1 to 64 characters, not counting spaces.')
  return code
}
