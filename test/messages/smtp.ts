/** A mail server on this machine, as strict as its options say, and the mails that it has taken. */
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { EmailSettings } from '../../src/messages/types.ts'
import { listening } from '../support/listening.ts'
import type { Teardown } from '../support/simulator.ts'
import { unusedPort } from '../support/unused-port.ts'
import { outage } from './rig.ts'

export const USER = 'me@example.com'
export const PASSWORD = 'password-of-the-mailbox'

export interface Mail extends Email {
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  /** As it came over the wire. */
  readonly raw: string
  readonly encrypted: boolean
}

/** What it says of a recipient; undefined to take mails. */
type Rule = (to: string, tries: number) => string | undefined

interface MailServerOptions extends SMTPServerOptions {
  readonly recipients?: Rule
  /** What it says after a mail is there. */
  readonly says?: () => string | undefined
}

/** An error as the server says it, such as `550 5.1.1 Nobody`. */
export const answer = (line: string): Error =>
  Object.assign(new Error(line.slice(4)), { responseCode: Number(line.slice(0, 3)) })

export async function mailServer(t: Teardown, options: MailServerOptions = {}) {
  const { recipients = () => undefined, says = () => undefined, ...rest } = options
  const mails: Mail[] = []
  const tries = new Map<string, number>()
  const logins: string[] = []
  const smtp = new SMTPServer({
    ...{ disableReverseLookup: true, authOptional: true, disabledCommands: ['STARTTLS'], closeTimeout: 1 },
    onAuth({ username = '', password }, _session, done) {
      logins.push(username)
      if (username === USER && password === PASSWORD) done(null, { user: username })
      else done(answer('535 5.7.8 Username and Password not accepted'))
    },
    onRcptTo({ address }, _session, done) {
      const count = (tries.get(address) ?? 0) + 1
      tries.set(address, count)
      const no = recipients(address, count)
      done(no === undefined ? null : answer(no))
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', async () => {
        const no = says()
        if (no !== undefined) return done(answer(no))
        const raw = Buffer.concat(pieces)
        const { mailFrom, rcptTo } = session.envelope
        const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) }
        const mail = await PostalMime.parse(raw)
        mails.push({ ...mail, envelope, raw: raw.toString('latin1'), encrypted: session.secure })
        done()
      })
    },
    ...rest,
  })
  smtp.on('error', () => undefined)
  const port = await listening(t, smtp.server, await unusedPort())
  return { port, mails, logins, tries, ...outage(smtp.server, port) }
}

/** Settings for it, without encryption. */
export const settingsOf = (port: number, change: Partial<EmailSettings> = {}): EmailSettings => ({
  ...{ host: '127.0.0.1', port, tls: 'off', ca: null, user: null, password: null, from: USER },
  ...change,
})
