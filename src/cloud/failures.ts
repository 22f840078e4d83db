import { BridgeError } from '../core/errors.ts'

/** The cloud asks not to be called for a while. */
export class Deferred extends BridgeError {
  /** Milliseconds requested by the cloud; undefined if it did not say. */
  readonly wait: number | undefined

  constructor(code: 'CLOUD_RATE_LIMITED' | 'CLOUD_UNREACHABLE', message: string, wait: number | undefined) {
    super(code, message, wait === undefined ? {} : { details: { retry_after: Math.ceil(wait / 1000) } })
    this.wait = wait
  }
}

/** The cloud no longer accepts the token: it expired, was revoked, or the password was changed. */
export class SessionRejected extends BridgeError {
  constructor(host: string) {
    super('CLOUD_AUTH', `${host} no longer accepts the sign-in. A new one is needed.`)
  }
}

/** The user name or password is wrong. Trying again without a change can lock the account. */
export class LoginRefused extends BridgeError {
  constructor(message: string) {
    super('CLOUD_AUTH', message)
  }
}

/** The code of the second factor was not accepted. */
export class CodeRefused extends BridgeError {
  /** Whether this login has ended, so that another code is useless. */
  readonly over: boolean

  constructor(message: string, over: boolean) {
    super('CLOUD_AUTH', message)
    this.over = over
  }
}

/**
 * The answer to the login leads neither to a session nor to a next step. It counts as a refusal, because the service
 * may have sent somebody a code: retrying as after an outage would send more and more codes.
 */
export function unclearLogin(host: string, what: string): LoginRefused {
  return new LoginRefused(
    `${host} gave an unusable answer to the login: ${what}. Check the provider and the address of the account, then sign in again.`,
  )
}

/** The service declined a person's request; the account still works as before. */
export class OperationRefused extends BridgeError {}

/** An account was signed out here, but its service could not be asked to end the session. */
export function notRevoked({ code, details }: BridgeError): BridgeError {
  return new BridgeError(
    code,
    'The account is signed out here, but its service could not be asked to end the session, which may still be valid there. If that matters, end it on the service’s own pages.',
    details ? { details } : {},
  )
}

/** A code that the service could not be given. Only people give codes, so nobody else tries it again. */
export function codeNotTried(error: BridgeError): BridgeError {
  if (error.code !== 'CLOUD_UNREACHABLE' && error.code !== 'CLOUD_RATE_LIMITED') return error
  const { code, message, details } = error
  return new BridgeError(code, `${message} Give the code once more.`, { ...(details && { details }), cause: error })
}

/** An answer that makes no sense. */
export function badAnswer(host: string, what: string): BridgeError {
  return new BridgeError(
    'CLOUD_UNREACHABLE',
    `${host} gave an answer that cannot be used: ${what}. If it stays so, check the address of the account.`,
    { details: { reason: 'bad_answer' } },
  )
}

/**
 * A redirect would send the password elsewhere, which only the owner may decide.
 * @param to where; null if it does not say
 * @param own whether that is another address of the same service
 */
export function moved(host: string, status: number, to: URL | null, own: boolean): BridgeError {
  const what = own ? 'That is another address of the same service:' : 'If the service has moved there,'
  const remedy =
    to !== null && to.host !== host
      ? ` ${what} set the address of the account (cloud.accounts[].url) to ${to.origin}.`
      : ''
  return new BridgeError(
    'CLOUD_UNREACHABLE',
    `${host} gave an answer that cannot be used: a redirect (${status})${to ? ` to ${to.host}` : ''}, which the bridge does not follow, because that would send the password there.${remedy}`,
    { details: { reason: 'bad_answer', kind: 'moved' } },
  )
}

/** Something other than the service answered: its own answers are JSON, even refusals. @param kind the content type */
export function webPage(host: string, status: number, kind: string): BridgeError {
  return new BridgeError(
    'CLOUD_UNREACHABLE',
    `${host} answered with a page instead of data (${status}, ${kind}): it is under maintenance, or a proxy or a provider’s block is in the way. The password may be fine. Open the address of the account in a browser to see the page.`,
    { details: { reason: 'bad_answer', kind: 'web_page', status } },
  )
}

/**
 * A failure before any answer. `code` is Node's or got's. The original error contains the whole request, so it is not
 * passed on.
 */
export function unreachable(host: string, code: string): BridgeError {
  return new BridgeError('CLOUD_UNREACHABLE', `${host} ${explain(code)} (${code}).`, {
    details: { reason: code },
  })
}

function explain(code: string): string {
  if (code === 'ETIMEDOUT') return 'did not answer in time'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'was not found: no internet, or no such name'
  if (code === 'ECONNREFUSED') return 'refused the connection'
  if (/CERT|TLS|SSL|SIGNATURE|SELF_SIGNED/.test(code)) {
    return 'could not be verified: its certificate is not valid here. Check the address and the clock of this machine'
  }
  return 'cannot be reached or broke the connection'
}

/**
 * `Retry-After` of RFC 9110 10.2.3: seconds, or an HTTP date that is compared with the wall clock.
 * @returns milliseconds, from 0 to a day; undefined when the header is missing or makes no sense.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 24 * 3_600_000) : undefined
}
