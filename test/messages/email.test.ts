/** Mails to a mail server on this machine, and what the bridge says if one does not get there. */
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { MESSAGES } from '../../src/config/settings/care.ts'
import { sendEmail } from '../../src/messages/email.ts'
import { type EmailSettings, type Message, NotSent } from '../../src/messages/types.ts'
import { selfSigned } from '../support/certificate.ts'
import { listening } from '../support/listening.ts'
import { unusedPort } from '../support/unused-port.ts'
import { answer, mailServer, PASSWORD, settingsOf, USER } from './smtp.ts'

const TO = 'owner@example.com'

const messageOf = (text: string, title = 'thermo2mqtt'): Message => ({
  ...{ title, text, resolved: false, event: 'finding_began', device: 'A', time: '2026-01-15T12:00:00.000Z' },
})

const MESSAGE = messageOf('Bathroom does not warm.')

/** Why a mail was not sent; the test fails if it was. @param patience ms, long where none is given */
async function refused(settings: EmailSettings, { to = TO, patience = {} } = {}): Promise<NotSent> {
  try {
    await sendEmail(settings, to, MESSAGE, { all: 60_000, greeting: 60_000, ...patience })
  } catch (error) {
    if (error instanceof NotSent) return error
    throw error
  }
  throw new Error('It was sent.')
}

t.test('a mail says who sends it, to whom, and that a program does', async (t) => {
  const { port, mails } = await mailServer(t)
  await sendEmail(settingsOf(port), TO, messageOf('Bathroom does not warm.', 'thermo2mqtt cottage'))
  t.match(mails, [
    {
      envelope: { from: USER, to: [TO] },
      from: { name: 'thermo2mqtt cottage', address: USER },
      to: [{ address: TO }],
      subject: 'thermo2mqtt cottage: Bathroom does not warm.',
      text: /^Bathroom does not warm\.\s*$/,
    },
  ])
  const headers = mails[0]?.headers.map(({ key }) => key).sort()
  t.strictSame(headers, [
    ...['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version'],
    ...['subject', 'to'],
  ])
})

t.test('whatever a name holds, it is text: no header, no second mail, nothing lost', async (t) => {
  const { port, mails } = await mailServer(t)
  const names = [
    'Ванна «тепла» 浴室 حمام',
    '👩‍👩‍👧‍👦'.repeat(300),
    'б'.repeat(300),
    'x\r\nBcc: thief@example.com\r\n\r\nother',
    'x\nSubject: other\n.\nMAIL FROM:<thief@example.com>',
    '=?utf-8?B?QmNjOiB0aGllZg==?= "quoted", <thief@example.com>; \\ \u2028next',
    '.\r\n.\r\n',
  ]
  for (const name of names) await sendEmail(settingsOf(port), TO, messageOf(`${name} does not warm.`))
  t.equal(mails.length, names.length)
  const wrong = mails.flatMap(({ text, subject = '', headers, envelope, to, bcc }, index) => {
    const name = names[index] ?? ''
    const whole = text?.trim() === `${name} does not warm.`.replaceAll('\r\n', '\n').trim()
    const alone = headers.length === 9 && envelope.to.length === 1 && to?.length === 1 && bcc === undefined
    const oneLine = !/[\p{Cc}\u2028]/u.test(subject) && subject.startsWith('thermo2mqtt: ')
    return whole && alone && oneLine ? [] : [{ name, text, subject, headers }]
  })
  t.strictSame(wrong, [])
  t.equal(mails[0]?.subject, `thermo2mqtt: ${names[0]} does not warm.`)
  const family = mails[1]?.subject ?? ''
  t.ok(family.endsWith('👩‍👩‍👧‍👦…'), 'a long subject is cut between letters')
  t.ok(
    mails.every(({ raw }) => raw.split('\r\n').every((line) => line.length <= 998)),
    'no line is longer than RFC 5322 allows',
  )
})

t.test('the connection is encrypted before anything is said, and the certificate has to be trusted', async (t) => {
  const pem = selfSigned()
  const ca = join(t.testdir({ 'ca.pem': pem.cert }), 'ca.pem')
  const signedIn = { host: 'localhost', user: USER, password: PASSWORD }
  for (const tls of ['starttls', 'tls'] as const) {
    const { port, mails, logins } = await mailServer(t, {
      ...{ ...pem, secure: tls === 'tls', disabledCommands: [], authOptional: false },
    })
    const settings = settingsOf(port, { ...signedIn, tls, ca })
    await sendEmail(settings, TO, MESSAGE)
    t.match([mails, logins], [[{ encrypted: true }], [USER]], tls)
    t.match(await refused({ ...settings, ca: null }), {
      message: /^The certificate of the mail server is not trusted \(self-signed certificate\)\..*messages\.email\.ca/,
    })
    t.match(await refused({ ...settings, host: '127.0.0.1' }), {
      message: /another name than 127\.0\.0\.1\. Set messages\.email\.host/,
    })
    t.equal(logins.length, 1, 'no password before that')
  }
  t.match(await refused(settingsOf(await unusedPort(), { ca: '/no/such/file' })), {
    message: /\.ca can't be read \(ENOENT\)/,
  })
})

t.test('no API token finds out by the test whether a file is there: only file and environment name one', async (t) => {
  t.not(MESSAGES.email.ca.page, true)
})

t.test('without STARTTLS nothing is sent, except on this machine or if encryption is switched off', async (t) => {
  const { port, mails, logins } = await mailServer(t)
  const signedIn = { user: USER, password: PASSWORD }
  // Reaches this machine, but is no address of the loopback network.
  const elsewhere = settingsOf(port, { ...signedIn, host: '0.0.0.0', tls: 'starttls' })
  t.match(await refused(elsewhere), { message: /offers no encryption \(STARTTLS\).*messages\.email\.tls/ })
  t.strictSame([mails, logins], [[], []])
  await sendEmail({ ...elsewhere, tls: 'off' }, TO, MESSAGE)
  await sendEmail({ ...elsewhere, host: '127.0.0.1' }, TO, MESSAGE)
  t.match(mails, [{ encrypted: false }, { encrypted: false }])
  t.match(await refused({ ...elsewhere, tls: 'tls' }), {
    message: /does not encrypt.*Set messages\.email\.tls to starttls/,
  })
})

t.test('what a mail server refuses is said with what to do', async (t) => {
  const strict = await mailServer(t, {
    authOptional: false,
    recipients: (to) => (to === 'nobody@example.com' ? '550 5.1.1 No such user' : undefined),
    onMailFrom: ({ address }, _session, done) =>
      done(address === USER ? null : answer('553 5.7.1 Sender address rejected')),
    says: () => '552 5.3.4 Message too big',
  })
  const good = settingsOf(strict.port, { user: USER, password: PASSWORD })
  const rows: readonly [Promise<NotSent>, RegExp, final?: boolean][] = [
    [refused(settingsOf(strict.port)), /wants a user name and a password \(530 .*Set messages\.email\.user/],
    [refused({ ...good, password: 'wrong' }), /refuses the user name or the password \(535 5\.7\.8 .*app password/],
    [refused({ ...good, from: 'x@example.com' }), /refuses x@example\.com as the sender \(553 .*messages\.email\.from/],
    [
      refused(good, { to: 'nobody@example.com' }),
      /refuses the recipient nobody@example\.com \(550 .*messages\.email\.to/,
    ],
    [refused(good), /^The mail server refuses the message \(552 5\.3\.4 Message too big\)\.$/, true],
  ]
  for (const [sent, words, final = false] of rows) {
    const error = await sent
    t.match(error.message, words)
    t.equal(error.refusal.final ?? false, final, error.message)
  }
})

t.test('greylisting is no refusal for good', async (t) => {
  const { port, mails } = await mailServer(t, {
    recipients: (_to, tries) => (tries === 1 ? '451 4.7.1 Greylisted, try again later' : undefined),
  })
  const error = await refused(settingsOf(port))
  t.match(error, { message: /asked again later \(451 4\.7\.1 Greylisted/ })
  t.notOk(error.refusal.final)
  await sendEmail(settingsOf(port), TO, MESSAGE)
  t.equal(mails.length, 1)
})

/** Speaks as far as the line that begins so, and then does `last`. */
const upTo = (begin: RegExp, last: (socket: Socket) => void) => (socket: Socket) => {
  socket.on('error', () => undefined)
  socket.write('220 mail.example\r\n')
  socket.on('data', (piece) => {
    const text = piece.toString()
    if (begin.test(text)) last(socket)
    else socket.write(text.startsWith('DATA') ? '354 go on\r\n' : '250 fine\r\n')
  })
}

t.test('servers that are none, fall silent or hang up', async (t) => {
  const speaks = async (handler: (socket: Socket) => void, patience = {}) => {
    const port = await listening(t, createServer(handler))
    return (await refused(settingsOf(port), { patience })).message
  }
  const endless = (socket: Socket) => {
    const more = () => socket.write('250-more\r\n'.repeat(1000), (error) => error || setImmediate(more))
    more()
  }
  t.match(await speaks(upTo(/^From|^Auto/m, (socket) => socket.destroy())), 'The mail server hung up.')
  t.match(
    await speaks(
      upTo(/^From|^Auto/m, () => undefined),
      { all: 300 },
    ),
    'did not finish within 0.3 s.',
  )
  t.match(await speaks(() => undefined, { greeting: 300 }), /says nothing at port \d+.*messages\.email\.tls to tls/)
  t.match(await speaks((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')), /is no mail server \(HTTP/)
  t.match(await speaks((socket) => socket.end('554 5.7.1 Your address is blocked\r\n')), /refuses to talk \(554/)
  t.match(await speaks(upTo(/^EHLO/, endless)), /^The mail server|^It can't|^What answers/)
  const long = `550 ${'x'.repeat(400)}\r\n`
  t.ok((await speaks(upTo(/^RCPT/, (socket) => socket.write(long)))).length < 350, 'what it says is cut')
  t.match(await refused(settingsOf(await unusedPort())), { message: /can't be reached \(ECONNREFUSED\)\. Check/ })
})
