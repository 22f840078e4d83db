/** Settings of messages that need each other, and mail addresses. */
import t from 'tap'
import { load } from './support.ts'

type Env = Readonly<Record<string, string>>

const TELEGRAM = '123456789:AAabcdefghijklmnopqrstuvwxyz'
const MAIL = { T2M_MESSAGES_EMAIL_HOST: 'smtp.example.com', T2M_MESSAGES_EMAIL_TO: 'a@example.com, b@example.com' }
const SIGNED_IN = { T2M_MESSAGES_EMAIL_USER: 'me@example.com', T2M_MESSAGES_EMAIL_PASSWORD: 'x' }

/** What is said of the settings; an empty text if they are taken. */
async function said(env: Env): Promise<string> {
  try {
    await load({ env })
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

t.test('half of a way is refused with what it lacks', async (t) => {
  const rows: readonly [Env, RegExp][] = [
    [{ T2M_MESSAGES_TELEGRAM_TOKEN: TELEGRAM }, /^messages\.telegram\.token: given without messages\.telegram\.chat/],
    [{ T2M_MESSAGES_TELEGRAM_CHAT: '1' }, /^messages\.telegram\.chat: given without messages\.telegram\.token/],
    [{ T2M_MESSAGES_QUIET_FROM: '22:00' }, /^messages\.quiet_from: given without messages\.quiet_to/],
    [{ T2M_MESSAGES_EMAIL_HOST: 'a' }, /^messages\.email\.host: given without messages\.email\.to/],
    [{ T2M_MESSAGES_EMAIL_TO: 'a@b' }, /^messages\.email\.to: given without messages\.email\.host/],
    [{ ...MAIL, T2M_MESSAGES_EMAIL_USER: 'me' }, /^messages\.email\.user: given without messages\.email\.password/],
    [MAIL, /^messages\.email\.from: missing, and messages\.email\.user is no mail address.*allowed: the mail address/],
    [{ ...MAIL, ...SIGNED_IN, T2M_MESSAGES_EMAIL_USER: 'me' }, /^messages\.email\.from: missing/],
  ]
  for (const [env, words] of rows) t.match(await said(env), words)
  t.equal(await said({ ...MAIL, ...SIGNED_IN }), '')
  t.equal(await said({ ...MAIL, T2M_MESSAGES_EMAIL_FROM: 'me@example.com' }), '')
})

t.test('what is no mail address, or more than one', async (t) => {
  const bad = [
    'me',
    '@example.com',
    'me@',
    'a@b@c',
    'me <a@b>',
    'a@b;c@d',
    '"a b"@c',
    'a@b\nBcc: c@d',
    `${'x'.repeat(65)}@b`,
  ]
  const taken: string[] = []
  for (const from of bad) {
    if ((await said({ ...MAIL, T2M_MESSAGES_EMAIL_FROM: from })) === '') taken.push(from)
    if ((await said({ ...MAIL, ...SIGNED_IN, T2M_MESSAGES_EMAIL_TO: `a@b, ${from}` })) === '') taken.push(`to ${from}`)
  }
  t.strictSame(taken, [])
  const { settings } = await load({
    env: { ...MAIL, ...SIGNED_IN, T2M_MESSAGES_EMAIL_TO: ' a@b , ванна+x@пример.укр ' },
  })
  t.strictSame(settings.messages.email.to, ['a@b', 'ванна+x@пример.укр'])
})
