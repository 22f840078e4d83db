import * as Type from 'typebox'
import { Check } from 'typebox/value'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { badAnswer, CodeRefused, LoginRefused } from '../failures.ts'
import type { CloudHttp, CloudRequest } from '../http.ts'
import { fetchDirectory } from './directory.ts'
import type { Directory, ListShape, Provider, ProviderOptions, Session, Step } from './provider.ts'
import { TOKEN } from './tokens.ts'

const SIGNED_IN = Type.Object({ access_token: TOKEN })

/**
 * Terneo's and Welrok's login: e-mail and password yield a token without a known expiry, renewal or log-out. There is
 * no second factor.
 */
export class TerneoProvider implements Provider {
  readonly #http: CloudHttp
  readonly #username: string
  readonly #password: string
  readonly #list: ListShape | undefined
  readonly #secrets: SecretValues

  constructor(options: ProviderOptions) {
    this.#http = options.http
    this.#username = options.username
    this.#password = options.password
    this.#list = options.list
    this.#secrets = options.secrets
  }

  async start(signal: AbortSignal): Promise<Step> {
    const credentials = { email: this.#username, password: this.#password }
    const { status, body } = await this.#http.send({ method: 'POST', target: '/api/login/', json: credentials }, signal)
    if (status === 400 || status === 401 || status === 403) {
      throw new LoginRefused(
        `${this.#http.host} refuses the user name or password (${status}). Correct them in the settings; devices whose keys are stored keep working.`,
      )
    }
    if (status >= 400) throw badAnswer(this.#http.host, `there is no login at this address (${status})`)
    if (!Check(SIGNED_IN, body)) throw badAnswer(this.#http.host, 'its login gives no valid access_token')
    this.#secrets.remember(body.access_token)
    return { kind: 'signed_in', session: { token: body.access_token } }
  }

  async resume(): Promise<Step> {
    throw new CodeRefused(`${this.#http.host} has no second factor.`, true)
  }

  async refresh(): Promise<undefined> {
    return undefined
  }

  async logout(): Promise<void> {}

  authorise(request: CloudRequest, session: Session): CloudRequest {
    return { ...request, headers: { ...request.headers, authorization: `Token ${session.token}` } }
  }

  async devices(session: Session, signal: AbortSignal): Promise<Directory | undefined> {
    if (!this.#list) return undefined
    const send = (request: CloudRequest) => this.#http.send(this.authorise(request, session), signal)
    return fetchDirectory({ http: this.#http, shape: this.#list, send })
  }
}
