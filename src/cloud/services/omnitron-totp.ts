import { createGuardrails, generateSync } from 'otplib'
import * as Type from 'typebox'
import { Check } from 'typebox/value'
import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { badAnswer, OperationRefused, SessionRejected } from '../failures.ts'
import type { CloudAnswer, CloudHttp, CloudRequest } from '../http.ts'
import { clockComplaint, complaintOf } from './omnitron-answers.ts'
import type { Session, TotpOperations } from './provider.ts'

const SETUP = Type.Object({
  secret_key: Type.String({ pattern: '^[A-Za-z2-7]{8,256}=*$' }),
  provisioning_uri: Type.String({ pattern: '^otpauth://[\\x21-\\x7e]{1,2000}$' }),
})
const ACTIVATED = Type.Object({
  recovery_codes: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 100 }),
})

export interface OmnitronTotpOptions {
  readonly http: CloudHttp
  readonly clock: Clock
  readonly secrets: SecretValues
  readonly authorise: (request: CloudRequest, session: Session) => CloudRequest
}

/** Sets up and turns off the second factor of a signed-in account. */
export class OmnitronTotp implements TotpOperations {
  readonly #options: OmnitronTotpOptions

  constructor(options: OmnitronTotpOptions) {
    this.#options = options
  }

  code(secret: string): string {
    const { clock } = this.#options
    try {
      // Authenticator apps also accept secrets of ten bytes and long ones, which the library would refuse.
      const guardrails = createGuardrails({ MIN_SECRET_BYTES: 5, MAX_SECRET_BYTES: 160 })
      return generateSync({ secret, epoch: Math.floor(clock.now() / 1000), guardrails })
    } catch {
      // The library's message could contain parts of the secret.
      throw new OperationRefused(
        'BAD_REQUEST',
        'The secret of the second factor is not valid base32, so no code can be made.',
      )
    }
  }

  async setup(session: Session, signal: AbortSignal): Promise<{ secret: string; uri: string }> {
    const { body } = await this.#call('setup', {}, session, signal)
    if (!Check(SETUP, body)) throw badAnswer(this.#options.http.host, 'its answer to the setup contains no secret')
    const secret = body.secret_key.replace(/=+$/, '').toUpperCase()
    for (const value of [body.secret_key, secret, body.provisioning_uri]) this.#options.secrets.remember(value)
    return { secret, uri: body.provisioning_uri }
  }

  async activate(session: Session, code: string, signal: AbortSignal): Promise<readonly string[]> {
    const { body } = await this.#call('activate', { token: code }, session, signal)
    // The second factor is on now, even if the answer is incomplete.
    if (!Check(ACTIVATED, body)) return []
    for (const recovery of body.recovery_codes) this.#options.secrets.remember(recovery)
    return body.recovery_codes
  }

  async deactivate(session: Session, signal: AbortSignal): Promise<void> {
    await this.#call('deactivate', {}, session, signal)
  }

  async #call(
    operation: 'setup' | 'activate' | 'deactivate',
    json: Readonly<Record<string, string>>,
    session: Session,
    signal: AbortSignal,
  ): Promise<CloudAnswer> {
    const { http, authorise, clock } = this.#options
    const target = `/api/v1/auth/totp/${operation}/`
    const request: CloudRequest = { method: 'POST', target, json, eitherSlash: true, bodyOptional: true }
    const answer = await http.send(authorise(request, session), signal)
    const { status, body, date } = answer
    if (status < 400) return answer
    if (status === 401) throw new SessionRejected(http.host)
    if (status !== 400 && status !== 403)
      throw badAnswer(http.host, `${operation} of the second factor answers ${status}`)
    const { fields, code, words } = complaintOf(body, Object.values(json))
    const details = { status, ...(fields.length > 0 ? { fields } : {}), ...(code === undefined ? {} : { code }) }
    if (status === 403) {
      throw new OperationRefused(
        'CLOUD_AUTH',
        `${http.host} forbids the ${operation} of the second factor (403)${words}. Sign in to the account again, or resolve this on the service's own pages.`,
        { details },
      )
    }
    const clockWrong = operation === 'activate' ? clockComplaint(http.host, date, clock.now()) : undefined
    throw new OperationRefused(
      'BAD_REQUEST',
      `${http.host} does not accept the ${operation} of the second factor (400)${words}.${clockWrong ? ` ${clockWrong}` : ''}`,
      { details },
    )
  }
}
