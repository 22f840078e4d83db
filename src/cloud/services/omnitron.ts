import * as Type from 'typebox'
import { Check } from 'typebox/value'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { badAnswer, CodeRefused, LoginRefused, unclearLogin } from '../failures.ts'
import type { CloudAnswer, CloudHttp, CloudRequest } from '../http.ts'
import { fetchDirectory } from './directory.ts'
import { clockComplaint, complaintOf } from './omnitron-answers.ts'
import { OmnitronTotp } from './omnitron-totp.ts'
import type {
  Challenge,
  CodeSource,
  Directory,
  ListShape,
  Provider,
  ProviderOptions,
  Session,
  Step,
  TotpOperations,
} from './provider.ts'
import { TOKEN } from './tokens.ts'

const LOGIN = '/api/v1/auth/login/'
const VERIFY = '/api/v1/auth/totp/verify/'
/** Not in the document with the other addresses, but usual for this kind of login. A service may not have it. */
const LOGOUT = '/api/v1/auth/logout/'

const SIGNED_IN = Type.Object({ key: TOKEN })
const TOTP_REQUIRED = Type.Object({ temp_token: TOKEN })

/**
 * User name and password yield a key, or a temporary token that a code from an authenticator app turns into a key. The
 * bridge makes that code itself if it has the secret, by the host's clock, as authenticator apps do.
 */
export class OmnitronProvider implements Provider {
  readonly totp: TotpOperations
  readonly #http: CloudHttp
  readonly #username: string
  readonly #password: string
  readonly #codes: CodeSource
  readonly #list: ListShape | undefined
  readonly #clock: Clock
  readonly #secrets: SecretValues

  constructor(options: ProviderOptions) {
    this.#http = options.http
    this.#username = options.username
    this.#password = options.password
    this.#codes = options.codes
    this.#list = options.list
    this.#clock = options.clock
    this.#secrets = options.secrets
    this.totp = new OmnitronTotp({ ...options, authorise: (request, session) => this.authorise(request, session) })
  }

  get makesCodes(): boolean {
    return this.#codes.secret() !== undefined
  }

  async start(signal: AbortSignal): Promise<Step> {
    const answer = await this.#post(LOGIN, { username: this.#username, password: this.#password }, signal)
    if (answer.status >= 400) throw this.#loginRefused(answer)
    if (Check(SIGNED_IN, answer.body)) return this.#signedIn(answer.body.key)
    if (!Check(TOTP_REQUIRED, answer.body)) {
      throw unclearLogin(this.#http.host, 'it contains neither a valid key nor a temp_token')
    }
    const { temp_token: reference } = answer.body
    this.#secrets.remember(reference)
    const secret = this.#codes.secret()
    if (secret !== undefined) return this.#startWithOwnCode(reference, secret, signal)
    return this.#challenge(reference, 'Enter the code from the account’s authenticator app.')
  }

  async resume({ reference }: Challenge, code: string, signal: AbortSignal): Promise<Step> {
    const answer = await this.#verify(reference, code, signal)
    if (answer.status >= 400) throw this.#codeRefused(answer, [reference, code])
    if (!Check(SIGNED_IN, answer.body)) throw badAnswer(this.#http.host, 'its answer to the code has no valid key')
    return this.#signedIn(answer.body.key)
  }

  async refresh(): Promise<undefined> {
    return undefined
  }

  async logout(session: Session, signal: AbortSignal): Promise<void> {
    try {
      const request: CloudRequest = { method: 'POST', target: LOGOUT, json: {}, eitherSlash: true, bodyOptional: true }
      await this.#http.send(this.authorise(request, session), signal)
    } catch (error) {
      // For a missing address, some servers answer with a page or redirect to their front page.
      if (!(error instanceof BridgeError) || error.details?.reason !== 'bad_answer') throw error
    }
  }

  authorise(request: CloudRequest, session: Session): CloudRequest {
    return { ...request, headers: { ...request.headers, authorization: `Token ${session.token}` } }
  }

  async devices(session: Session, signal: AbortSignal): Promise<Directory | undefined> {
    if (!this.#list) return undefined
    const send = (request: CloudRequest) => this.#http.send(this.authorise(request, session), signal)
    return fetchDirectory({ http: this.#http, shape: this.#list, send })
  }

  #post(target: string, json: Readonly<Record<string, string>>, signal: AbortSignal): Promise<CloudAnswer> {
    return this.#http.send({ method: 'POST', target, json, eitherSlash: true }, signal)
  }

  #verify(reference: string, token: string, signal: AbortSignal): Promise<CloudAnswer> {
    return this.#post(VERIFY, { temp_token: reference, token }, signal)
  }

  /** One attempt: a second code from a wrong secret would only bring the account closer to being locked. */
  async #startWithOwnCode(reference: string, secret: string, signal: AbortSignal): Promise<Step> {
    const code = this.totp.code(secret)
    const answer = await this.#verify(reference, code, signal)
    if (answer.status < 400) {
      if (!Check(SIGNED_IN, answer.body)) throw unclearLogin(this.#http.host, 'its answer to the code has no valid key')
      return this.#signedIn(answer.body.key)
    }
    if (!isRefusal(answer.status)) throw badAnswer(this.#http.host, `it answers the code with ${answer.status}`)
    const { words } = complaintOf(answer.body, [reference, code, secret])
    const clock = clockComplaint(this.#http.host, answer.date, this.#clock.now())
    const refusal = `${this.#http.host} does not accept the code that the bridge made (${answer.status})${words}.`
    if (clock) throw new LoginRefused(`${refusal} ${clock}`)
    if (this.#codes.refused()) {
      return this.#challenge(
        reference,
        `${refusal} The second factor must have been set up again elsewhere. Enter the code from the authenticator app.`,
      )
    }
    throw new LoginRefused(`${refusal} Correct totp_secret of the account in the settings.`)
  }

  #challenge(reference: string, prompt: string): Step {
    return { kind: 'code_needed', challenge: { prompt, reference, since: this.#clock.now() } }
  }

  #signedIn(key: string): Step {
    this.#secrets.remember(key)
    return { kind: 'signed_in', session: { token: key } }
  }

  #loginRefused({ status, body }: CloudAnswer): BridgeError {
    const { host } = this.#http
    if (!isRefusal(status)) return badAnswer(host, `there is no login at this address (${status})`)
    const { words } = complaintOf(body, [this.#password])
    if (status === 403) {
      return new LoginRefused(
        `${host} does not let this account in (403)${words}: it is blocked or not allowed to use this service. Resolve this on the service's own pages, then sign in again.`,
      )
    }
    return new LoginRefused(
      `${host} refuses the user name or password (${status})${words}. Correct them in the settings; devices whose keys are stored keep working.`,
    )
  }

  #codeRefused({ status, body }: CloudAnswer, secrets: readonly string[]): BridgeError {
    const { host } = this.#http
    if (!isRefusal(status)) return badAnswer(host, `it answers the code with ${status}`)
    const { fields, words } = complaintOf(body, secrets)
    if (status === 401 || fields.includes('temp_token')) {
      return new CodeRefused(`${host} no longer knows the sign-in that the code was for (${status})${words}.`, true)
    }
    if (status === 403) {
      return new CodeRefused(`${host} accepts no more codes for this sign-in (403)${words}.`, true)
    }
    return new CodeRefused(`${host} does not accept this code (400)${words}. Enter the one that is shown now.`, false)
  }
}

const isRefusal = (status: number): boolean => status === 400 || status === 401 || status === 403
