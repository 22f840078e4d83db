import * as Type from 'typebox'
import { Check } from 'typebox/value'
import type { Clock } from '../../core/clock.ts'
import { isObject } from '../../core/json.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { badAnswer, CodeRefused, LoginRefused, SessionRejected, unclearLogin } from '../failures.ts'
import type { CloudAnswer, CloudHttp, CloudRequest } from '../http.ts'
import { fetchDirectory } from './directory.ts'
import type { Challenge, Directory, ListShape, Provider, ProviderOptions, Session, Step } from './provider.ts'
import { TOKEN } from './tokens.ts'

const LOGIN = '/user/newapikey/login.json'
/** The account's own data; reading it proves that a key is valid. */
const VIEW = '/view/user/api.json'
/** What the service shows to the user in the list of keys. */
const DESCRIPTION = 'thermo2mqtt'

const NEW_KEY = Type.Object({ newapikey: Type.Object({ key: TOKEN }) })

type Fields = Readonly<Record<string, string>>

/**
 * User name and password yield a permanent API key; an account with a second factor gets a code on the phone first.
 * Every later call carries user and key. Answers to a refused login repeat the password, so only the name of their
 * error is used.
 */
export class TxtyProvider implements Provider {
  readonly #http: CloudHttp
  readonly #username: string
  readonly #password: string
  readonly #list: ListShape | undefined
  readonly #clock: Clock
  readonly #secrets: SecretValues

  constructor(options: ProviderOptions) {
    this.#http = options.http
    this.#username = options.username
    this.#password = options.password
    this.#list = options.list
    this.#clock = options.clock
    this.#secrets = options.secrets
  }

  async start(signal: AbortSignal): Promise<Step> {
    const { status, body } = await this.#login({}, signal)
    const { host } = this.#http
    const error = errorOf(body)
    if (error === 'USER_NOT_FOUND' || status === 401 || status === 403) {
      throw new LoginRefused(
        `${host} refuses the user name or password (${error ?? status}). Correct them in the settings; devices whose keys are stored keep working.`,
      )
    }
    if (error !== undefined) throw unclearLogin(host, `it answers ${error}`)
    if (status >= 400) throw badAnswer(host, `there is no login at this address (${status})`)
    if (Check(NEW_KEY, body)) return this.#signedIn(body.newapikey.key)
    if (isObject(body) && body.success === 'ADDED_TF') {
      const challenge = { prompt: 'A code was sent to the phone.', reference: '', since: this.#clock.now() }
      return { kind: 'code_needed', challenge }
    }
    throw unclearLogin(host, 'it contains neither a valid key nor ADDED_TF')
  }

  async resume(_: Challenge, code: string, signal: AbortSignal): Promise<Step> {
    const { status, body } = await this.#login({ tfkey: code }, signal)
    const { host } = this.#http
    const error = errorOf(body)
    if (error !== undefined || status === 401 || status === 403) {
      // The service gives the same answer for a wrong code and a wrong password, and the password was right before.
      throw new CodeRefused(
        `${host} does not accept this code (${error ?? status}). Enter it again exactly as on the phone. If that does not help, the code is too old or the password was changed: sign in again.`,
        false,
      )
    }
    if (status >= 400) throw badAnswer(host, `it answers the code with ${status}`)
    if (Check(NEW_KEY, body)) return this.#signedIn(body.newapikey.key)
    if (isObject(body) && body.success === 'ADDED_TF') {
      throw new CodeRefused(
        `${host} did not accept this code and sent another one to the phone. Enter that one.`,
        false,
      )
    }
    throw badAnswer(host, 'its answer to the code has no valid key')
  }

  async refresh(): Promise<undefined> {
    return undefined
  }

  /**
   * There is no documented way to revoke a key: it is forgotten here, and the user can delete it on the service's
   * pages.
   */
  async logout(): Promise<void> {}

  authorise(request: CloudRequest, session: Session): CloudRequest {
    return { ...request, method: 'POST', form: { ...request.form, user: this.#username, key: session.token } }
  }

  async devices(session: Session, signal: AbortSignal): Promise<Directory | undefined> {
    const send = (request: CloudRequest) => this.#ask(request, session, signal)
    if (this.#list) return fetchDirectory({ http: this.#http, shape: this.#list, send })
    const { status } = await send({ method: 'GET', target: VIEW })
    if (status >= 400) throw badAnswer(this.#http.host, `its view of the user answers ${status}`)
    return undefined
  }

  #login(more: Fields, signal: AbortSignal): Promise<CloudAnswer> {
    const form = { user: this.#username, pass: this.#password, description: DESCRIPTION, ...more }
    return this.#send({ method: 'POST', target: LOGIN, form }, signal)
  }

  /** @throws SessionRejected */
  async #ask(request: CloudRequest, session: Session, signal: AbortSignal): Promise<CloudAnswer> {
    const answer = await this.#send(this.authorise(request, session), signal)
    const error = errorOf(answer.body)
    if (answer.status === 401 || answer.status === 403 || /USER|KEY|AUTH|LOGIN|ACCESS|DENIED/.test(error ?? '')) {
      throw new SessionRejected(this.#http.host)
    }
    if (error !== undefined) throw badAnswer(this.#http.host, `it answers ${error}`)
    return answer
  }

  /**
   * The document shows queries. A form also works and keeps user, password and key out of the logs of proxies. If no
   * form is accepted, the documented query is sent.
   */
  async #send(request: CloudRequest, signal: AbortSignal): Promise<CloudAnswer> {
    const answer = await this.#http.send(request, signal)
    if (answer.status !== 405) return answer
    return this.#http.send({ method: 'GET', target: request.target, query: request.form ?? {} }, signal)
  }

  #signedIn(key: string): Step {
    this.#secrets.remember(key)
    return { kind: 'signed_in', session: { token: key } }
  }
}

/** The name of the error in an answer; `an error` if it has no name that can be shown. */
function errorOf(body: unknown): string | undefined {
  if (!isObject(body) || body.status !== 'error') return undefined
  return typeof body.error === 'string' && /^[A-Z][A-Z_]{2,39}$/.test(body.error) ? body.error : 'an error'
}
