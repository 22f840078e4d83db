import { BridgeError } from '../core/errors.ts'

/** The cloud asks to be left alone for a while. */
export class Deferred extends BridgeError {
  /** Milliseconds that the cloud asked for; undefined when it did not say. */
  readonly wait: number | undefined

  constructor(code: 'CLOUD_RATE_LIMITED' | 'CLOUD_UNREACHABLE', message: string, wait: number | undefined) {
    super(code, message, wait === undefined ? {} : { details: { retry_after: Math.ceil(wait / 1000) } })
    this.wait = wait
  }
}

/** The cloud no longer takes the token: it expired, was revoked, or the password was changed. */
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

/** The code of the second factor was not taken. */
export class CodeRefused extends BridgeError {
  /** Whether this login is over, so that another code for it is useless. */
  readonly over: boolean

  constructor(message: string, over: boolean) {
    super('CLOUD_AUTH', message)
    this.over = over
  }
}

/**
 * The login's answer gives neither a session nor a way to one. It counts as a refusal, because the service may have sent
 * somebody a code: trying again as after an outage would send more and more of them.
 */
export function unclearLogin(host: string, what: string): LoginRefused {
  return new LoginRefused(
    `${host} answered the login with something that cannot be used: ${what}. Check the provider and the address of the account, then sign in by hand; unasked it is tried once an hour.`,
  )
}

/** The service declines what a person asked of it, and the account is as good as before. */
export class OperationRefused extends BridgeError {}

/** That an account was signed out here while its service could not be asked to end the session. */
export function notRevoked({ code, details }: BridgeError): BridgeError {
  return new BridgeError(
    code,
    'The account is signed out here, but its service could not be asked to end the session, which may go on there. Where that matters, end it on the service’s own pages.',
    details ? { details } : {},
  )
}

/** An answer that cannot be what the cloud means to say. */
export function badAnswer(host: string, what: string): BridgeError {
  return new BridgeError(
    'CLOUD_UNREACHABLE',
    `${host} gave an answer that cannot be used: ${what}. It is tried again later; check the address of the account if it stays so.`,
    { details: { reason: 'bad_answer' } },
  )
}

/**
 * It sends the password elsewhere, which nobody but the owner may decide.
 * @param to where; null when it does not say
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
    `${host} gave an answer that cannot be used: a redirect (${status})${to ? ` to ${to.host}` : ''}, which is not followed, since it would be given the password.${remedy} It is tried again later.`,
    { details: { reason: 'bad_answer', kind: 'moved' } },
  )
}

/** Something else than the service answered: its own answers are JSON, also when they refuse. @param kind the content type */
export function webPage(host: string, status: number, kind: string): BridgeError {
  return new BridgeError(
    'CLOUD_UNREACHABLE',
    `${host} answered with a page instead of data (${status}, ${kind}): it is under maintenance, or a proxy or the block of a provider stands before it. That says nothing about the password. It is tried again later; open the address of the account in a browser to see the page.`,
    { details: { reason: 'bad_answer', kind: 'web_page', status } },
  )
}

/** A failure before any answer. `code` is Node's or got's; the error it came with holds the whole request, so it ends here. */
export function unreachable(host: string, code: string): BridgeError {
  return new BridgeError('CLOUD_UNREACHABLE', `${host} ${explain(code)} (${code}). It is tried again later.`, {
    details: { reason: code },
  })
}

function explain(code: string): string {
  if (code === 'ETIMEDOUT') return 'did not answer in time'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'was not found: no internet, or no such name'
  if (code === 'ECONNREFUSED') return 'refused the connection'
  if (/CERT|TLS|SSL|SIGNATURE|SELF_SIGNED/.test(code)) {
    return 'did not prove who it is: its certificate is not valid here. Check the address and the clock of this machine'
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
