/** E-mail: each message to each recipient, over a connection of its own (SMTP, RFC 5321). */
import { readFile } from 'node:fs/promises'
import { createTransport } from 'nodemailer'
import { isLoopback } from '../core/network/addresses.ts'
import { refusalOf } from './email-refusals.ts'
import { type EmailSettings, type Message, NotSent } from './types.ts'

/** Milliseconds for everything, and until a server says its first word: some let robots wait for half a minute. */
const PATIENCE = { all: 60_000, greeting: 45_000 }

const PORTS = { starttls: 587, tls: 465, off: 587 } as const

/** Graphemes of a subject: about what mail programs show. */
const LONGEST_SUBJECT = 120

/** Resolves when the server has taken the message. @throws NotSent */
export async function sendEmail(
  settings: EmailSettings,
  to: string,
  message: Message,
  patience = PATIENCE,
): Promise<void> {
  const { ca, from, host, password, tls, user } = settings
  const port = settings.port ?? PORTS[tls]
  const transport = createTransport({
    ...{ host, port, secure: tls === 'tls', ignoreTLS: tls === 'off' },
    requireTLS: tls === 'starttls' && !isLoopback(host),
    auth: user === null || password === null ? undefined : { user, pass: password },
    tls: ca === null ? {} : { ca: await certificates(ca) },
    ...{ connectionTimeout: patience.all, dnsTimeout: patience.all, socketTimeout: patience.all },
    greetingTimeout: patience.greeting,
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  try {
    await transport.sendMail({
      from: { name: message.title, address: from },
      to: { name: '', address: to },
      subject: subjectOf(message),
      text: message.text,
      headers: { 'Auto-Submitted': 'auto-generated' },
      xMailer: false,
      signal: AbortSignal.timeout(patience.all),
    })
  } catch (error) {
    throw refusalOf(error, { ...settings, port, to, patience: patience.all })
  }
}

async function certificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new NotSent(`The file of messages.email.ca can't be read (${code}).`)
  }
}

/** One line, whatever names of devices and rooms have in them. */
function subjectOf({ title, text }: Message): string {
  const line = `${title}: ${text}`.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const letters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment)
  return letters.length > LONGEST_SUBJECT ? `${letters.slice(0, LONGEST_SUBJECT).join('')}…` : line
}
