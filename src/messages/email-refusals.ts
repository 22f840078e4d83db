/** Why a mail server has not taken a message, in sentences that say what to do. */
import { NotSent } from './types.ts'

interface Attempt {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'tls' | 'off'
  readonly from: string
  readonly to: string
  /** Milliseconds after which the bridge hung up. */
  readonly patience: number
}

/** What nodemailer tells of a failure (nodemailer.com/errors). */
interface Failure {
  /** That of Node.js, which tells more, or its own. */
  readonly code: string
  readonly text: string
  /** The SMTP command that failed; `CONN` for the connection. */
  readonly command: string
  /** The SMTP status, RFC 5321 section 4.2; 0 without one. */
  readonly status: number
  /** What the server said, for people. */
  readonly said: string
}

/** Characters of what a server says that are passed on. */
const LONGEST_REPLY = 200

const CERTIFICATE = /certificate|altnames|self.signed|issuer/i

export function refusalOf(error: unknown, attempt: Attempt): NotSent {
  const failure = failureOf(error)
  const { status, said } = failure
  // RFC 5321 section 4.2.1: the same may be taken later. Greylisting answers so.
  if (status >= 400 && status < 500) return new NotSent(`The mail server wants to be asked again later${said}.`)
  return new NotSent(sentence(failure, attempt), { final: failure.command === 'DATA' && status >= 500 })
}

function sentence(failure: Failure, attempt: Attempt): string {
  const { code, command, said, status } = failure
  if (code === 'EABORT') return `The mail server did not finish within ${attempt.patience / 1000} s.`
  if (code === 'ENOAUTH' || status === 530)
    return `The mail server wants a user name and a password${said}. Set messages.email.user and messages.email.password.`
  if (code === 'EAUTH')
    return `The mail server refuses the user name or the password${said}. Check messages.email.user and messages.email.password; many providers want a password that they make for programs (app password).`
  if (command === 'MAIL FROM')
    return `The mail server refuses ${attempt.from} as the sender${said}. Set messages.email.from to an address that belongs to the user.`
  if (command === 'RCPT TO')
    return `The mail server refuses the recipient ${attempt.to}${said}. Check messages.email.to.`
  if (status >= 500 && command === 'DATA') return `The mail server refuses the message${said}.`
  return aboutConnection(failure, attempt)
}

function aboutConnection({ code, command, said, status, text }: Failure, { host, port, tls }: Attempt): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || /altnames|does not match/i.test(text))
    return `The certificate of the mail server is made out to another name than ${host}. Set messages.email.host to the name in the certificate.`
  if (CERTIFICATE.test(text))
    return `The certificate of the mail server is not trusted (${text.split(';')[0]}). If it is your own server, set messages.email.ca to a file with its certificate; otherwise check messages.email.host.`
  if (code === 'ETLS' && tls === 'starttls')
    return `The mail server offers no encryption (STARTTLS) at port ${port}, so nothing was sent. Set messages.email.port to 587, messages.email.tls to tls for port 465, or to off if everybody on the way may read along.`
  if (tls === 'tls' && /wrong version|packet length|SSL|TLS/i.test(text))
    return `The mail server does not encrypt port ${port} from the start. Set messages.email.tls to starttls.`
  if (/greeting never/i.test(text))
    return `The mail server says nothing at port ${port}. If that port is encrypted from the start, as 465 is, set messages.email.tls to tls.`
  if (status >= 500) return `The mail server refuses ${command === 'CONN' ? 'to talk' : command}${said}.`
  if (code === 'EPROTOCOL') return `What answers at port ${port} is no mail server${said}. Check messages.email.port.`
  if (code === 'ECONNECTION') return 'The mail server hung up.'
  return `It can't be reached (${code}). Check messages.email.host and messages.email.port.`
}

function failureOf(error: unknown): Failure {
  const { code, command, message, originalCode, responseCode, response } = Object(error)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    code: text(originalCode) || text(code) || 'unknown',
    text: text(message).slice(0, LONGEST_REPLY),
    command: text(command),
    status: typeof responseCode === 'number' ? responseCode : 0,
    said: saidOf(text(response)),
  }
}

/** In brackets, on one line; empty for nothing. A server may say anything, and much of it. */
function saidOf(response: string): string {
  const line = response.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  if (line === '') return ''
  return ` (${line.length > LONGEST_REPLY ? `${line.slice(0, LONGEST_REPLY)}…` : line})`
}
