import * as Type from 'typebox'
import { Check } from 'typebox/value'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { badAnswer, CodeRefused, LoginRefused, unclearLogin } from '../failures.ts'
import type { CloudAnswer, CloudHttp, CloudRequest } from '../http.ts'
import { fetchDirectory } from './directory.ts'
import type { Challenge, Directory, ListShape, Provider, ProviderOptions, Session, Step } from './provider.ts'
import { expiryOf, TOKEN } from './tokens.ts'

const LOGIN = '/api/v1/login/'
/** Neither is in the service's document; services of its kind usually have them here, and some have none. */
const REFRESH = '/api/v1/token/refresh/'
const LOGOUT = '/api/v1/logout/'

const SIGNED_IN = Type.Object({ token: Type.Object({ access: TOKEN }) })
const REFRESHED = Type.Union([SIGNED_IN, Type.Object({ access: TOKEN })])

/**
 * User name and password yield an access token and a refresh token. An account with a second factor gets a code by
 * e-mail, which is posted to the link in the login's answer.
 */
export class BearerProvider implements Provider {
  readonly #http: CloudHttp
  readonly #credentials: Readonly<Record<string, string>>
  readonly #list: ListShape | undefined
  readonly #clock: Clock
  readonly #secrets: SecretValues

  constructor(options: ProviderOptions) {
    this.#http = options.http
    // The document says `username`; the service's published code reads `email`.
    this.#credentials = { [options.usernameField]: options.username, password: options.password }
    this.#list = options.list
    this.#clock = options.clock
    this.#secrets = options.secrets
  }

  async start(signal: AbortSignal): Promise<Step> {
    const answer = await this.#post(LOGIN, this.#credentials, signal)
    if (answer.status >= 400) throw this.#loginRefused(answer.status)
    const step = this.#step(answer)
    if (!step) throw unclearLogin(this.#http.host, 'it contains neither a valid token nor a link for a code')
    return step
  }

  async resume({ reference }: Challenge, code: string, signal: AbortSignal): Promise<Step> {
    const link = this.#http.follow(reference, this.#http.base)
    if (!link)
      throw new CodeRefused('The sign-in that waited for a code belongs to another server and has ended.', true)
    const answer = await this.#post(link, { code }, signal)
    if (answer.status >= 400) throw this.#codeRefused(answer.status)
    const step = this.#step(answer)
    if (!step) throw badAnswer(this.#http.host, 'its answer to the code has no valid token')
    return step
  }

  async refresh(session: Session, signal: AbortSignal): Promise<Session | undefined> {
    if (session.refreshToken === undefined) return undefined
    const answer = await this.#optional({ target: REFRESH, json: { refresh: session.refreshToken } }, signal)
    if (!answer || !Check(REFRESHED, answer.body)) return undefined
    const token = 'token' in answer.body ? answer.body.token : answer.body
    // A service that returns a new refresh token no longer accepts the old one.
    return this.#session({ refresh: session.refreshToken, ...token }, answer)
  }

  async logout(session: Session, signal: AbortSignal): Promise<void> {
    const json = session.refreshToken === undefined ? {} : { refresh: session.refreshToken }
    await this.#optional(this.authorise({ method: 'POST', target: LOGOUT, json }, session), signal)
  }

  authorise(request: CloudRequest, session: Session): CloudRequest {
    return { ...request, headers: { ...request.headers, authorization: `Bearer ${session.token}` } }
  }

  async devices(session: Session, signal: AbortSignal): Promise<Directory | undefined> {
    if (!this.#list) return undefined
    const send = (request: CloudRequest) => this.#http.send(this.authorise(request, session), signal)
    return fetchDirectory({ http: this.#http, shape: this.#list, send })
  }

  #post(target: string | URL, json: Readonly<Record<string, string>>, signal: AbortSignal): Promise<CloudAnswer> {
    return this.#http.send({ method: 'POST', target, json, eitherSlash: true }, signal)
  }

  /** The answer at an address that the service may not have; undefined if it declines or has nothing there. */
  async #optional(request: Omit<CloudRequest, 'method'>, signal: AbortSignal): Promise<CloudAnswer | undefined> {
    try {
      const answer = await this.#http.send(
        { ...request, method: 'POST', eitherSlash: true, bodyOptional: true },
        signal,
      )
      return answer.status < 400 ? answer : undefined
    } catch (error) {
      // For a missing address, some servers answer with a page or redirect to their front page.
      if (error instanceof BridgeError && error.details?.reason === 'bad_answer') return undefined
      throw error
    }
  }

  /** The next step after a good answer; undefined if it contains none. */
  #step(answer: CloudAnswer): Step | undefined {
    const { body } = answer
    if (Check(SIGNED_IN, body)) return { kind: 'signed_in', session: this.#session(body.token, answer) }
    const href = isObject(body) ? hrefOf(body._links) : undefined
    if (href === undefined) return undefined
    const link = this.#http.follow(href, this.#http.base)
    if (!link)
      throw unclearLogin(this.#http.host, 'its link for the code leads to another server, which is not followed')
    const reference = link.pathname + link.search
    this.#secrets.remember(reference)
    const challenge = { prompt: 'A code was sent by e-mail.', reference, since: this.#clock.now() }
    return { kind: 'code_needed', challenge }
  }

  #session(token: { readonly access: string; readonly refresh?: unknown }, answer: CloudAnswer): Session {
    this.#secrets.remember(token.access)
    const expiresAt = expiryOf(token.access, answer, this.#clock.now())
    const refresh = Check(TOKEN, token.refresh) ? token.refresh : undefined
    this.#secrets.remember(refresh)
    return {
      token: token.access,
      ...(refresh === undefined ? {} : { refreshToken: refresh }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }
  }

  #loginRefused(status: number): BridgeError {
    const { host } = this.#http
    switch (status) {
      case 400:
        return new LoginRefused(
          `${host} says that something is missing in the login (400). If it identifies users by e-mail address, set username_field of the account to email, otherwise to username.`,
        )
      case 401:
        return new LoginRefused(
          `${host} refuses the user name or password (401). Correct them in the settings; devices whose keys are stored keep working.`,
        )
      case 403:
      case 410:
        return new LoginRefused(
          `${host} does not let this account in (${status}): it is blocked, not confirmed, or had too many failed sign-ins. Resolve this on the service's own pages, then sign in again.`,
        )
      default:
        return badAnswer(host, `there is no login at this address (${status})`)
    }
  }

  #codeRefused(status: number): BridgeError {
    const { host } = this.#http
    switch (status) {
      case 400:
        return new CodeRefused(
          `${host} found no code in the request (400). Enter the code again exactly as in the e-mail.`,
          false,
        )
      case 401:
        return new CodeRefused(
          `${host} says that this code is wrong (401). Enter it again exactly as in the e-mail.`,
          false,
        )
      case 403:
        return new CodeRefused(
          `${host} accepts no more codes for this sign-in (403): the code expired, or there were too many wrong ones. A new sign-in sends a new code.`,
          true,
        )
      case 404:
      case 410:
        return new CodeRefused(
          `${host} no longer knows the sign-in that the code was for (${status}). A new sign-in sends a new code.`,
          true,
        )
      default:
        return badAnswer(host, `it answers the code with ${status}`)
    }
  }
}

/** The address for the code: the document has `_links` as one object, the service was seen to answer a list of them. */
function hrefOf(links: unknown): string | undefined {
  const found = (Array.isArray(links) ? links : [links]).flatMap((link: unknown) => {
    if (!isObject(link) || typeof link.href !== 'string' || link.href.length > 2048) return []
    const method = typeof link.method === 'string' ? link.method.toUpperCase() : 'POST'
    return method === 'POST' ? [link.href] : []
  })
  return found.find((href) => /\botp\b/.test(href)) ?? found[0]
}
