/** What each service is sent, over real sockets. */
import t from 'tap'
import { type ChannelSettings, channelsOf } from '../../src/messages/channels.ts'
import { NotSent, nameOf } from '../../src/messages/types.ts'
import { unusedPort } from '../support/unused-port.ts'
import { service } from './rig.ts'
import { mailServer, settingsOf, USER } from './smtp.ts'

const NONE: ChannelSettings = {
  ntfy: { topic_url: null, token: null },
  telegram: { token: null, chat: null },
  email: { ...settingsOf(25), host: null, from: null, to: [] },
  webhook: { hook_url: null, template: null },
}

const message = {
  title: 'thermo2mqtt',
  text: 'Ванна: "cold" \\ and\nnew',
  resolved: false,
  event: 'finding_began',
  device: 'A',
  time: '2026-01-15T12:00:00.000Z',
} as const

const TOKEN = '123456789:AAabcdefghijklmnopqrstuvwxyz'

t.test('only ways that are set up', async (t) => {
  t.strictSame(channelsOf(NONE), [])
  const all = channelsOf({
    ntfy: { topic_url: 'http://a', token: null },
    telegram: { token: TOKEN, chat: '1' },
    email: { ...settingsOf(25), to: ['a@example.com', 'b@example.com'] },
    webhook: { hook_url: 'http://a', template: null },
  })
  t.strictSame(all.map(nameOf), ['ntfy', 'telegram', 'email to a@example.com', 'email to b@example.com', 'webhook'])
  t.strictSame(channelsOf({ ...NONE, telegram: { token: TOKEN, chat: null } }), [])
})

t.test('ntfy', async (t) => {
  const { url, received } = await service(t, { status: 200 })
  const [ntfy] = channelsOf({ ...NONE, ntfy: { topic_url: `${url}/topic`, token: 'tk_1' } })
  await ntfy?.send(message)
  await ntfy?.send({ ...message, resolved: true })
  const headers = { title: 'thermo2mqtt', priority: 'high', authorization: 'Bearer tk_1' }
  t.match(received, [
    { path: '/topic', body: message.text, headers },
    { headers: { priority: 'default', tags: 'white_check_mark' } },
  ])
})

t.test('Telegram', async (t) => {
  const { url, received } = await service(t, { status: 200 })
  const [telegram] = channelsOf({ ...NONE, telegram: { token: TOKEN, chat: '-100123' } }, url)
  await telegram?.send(message)
  t.equal(received[0]?.path, `/bot${TOKEN}/sendMessage`)
  t.strictSame(JSON.parse(received[0]?.body ?? ''), { chat_id: '-100123', text: `⚠️ ${message.text}` })
})

t.test('e-mail: each recipient gets a mail of their own, from the user if nobody else is named', async (t) => {
  const { port, mails } = await mailServer(t)
  const email = {
    ...settingsOf(port),
    host: '127.0.0.1',
    from: null,
    user: USER,
    to: ['a@example.com', 'b@example.com'],
  }
  for (const { send } of channelsOf({ ...NONE, email })) await send(message)
  t.match(mails, [
    { envelope: { from: USER, to: ['a@example.com'] }, to: [{ address: 'a@example.com' }] },
    { envelope: { from: USER, to: ['b@example.com'] }, to: [{ address: 'b@example.com' }] },
  ])
  t.notMatch(mails[1]?.raw, /\ba@example/, 'nobody sees the others')
})

t.test('a webhook, with everything or with a template', async (t) => {
  const { url, received } = await service(t, { status: 204 })
  const of = (template: string | null) =>
    channelsOf({ ...NONE, webhook: { hook_url: `${url}/hook?key=1`, template } })[0]
  await of(null)?.send(message)
  await of('{"content": "{text} at {time}, {resolved}, {nothing}", "n": [1]}')?.send(message)
  t.match(received[0], { path: '/hook?key=1', headers: { 'content-type': 'application/json' } })
  t.strictSame(JSON.parse(received[0]?.body ?? ''), message)
  t.strictSame(JSON.parse(received[1]?.body ?? ''), {
    content: `${message.text} at ${message.time}, false, {nothing}`,
    n: [1],
  })
})

t.test('what a service refuses is said without the address, which may hold a secret', async (t) => {
  const { url, answer } = await service(t, { status: 401, body: '{"ok":false,"description":"Unauthorized"}' })
  const [telegram] = channelsOf({ ...NONE, telegram: { token: TOKEN, chat: '1' } }, url)
  const send = async () => {
    try {
      await telegram?.send(message)
    } catch (error) {
      return error
    }
    return undefined
  }
  t.match(await send(), { message: 'It answers with status 401: Unauthorized.' })
  Object.assign(answer, { status: 429, headers: { 'retry-after': '30' } })
  t.match(await send(), { refusal: { retryAfter: 30_000, final: false } })
  Object.assign(answer, { status: 429, headers: { 'retry-after': '999999' } })
  t.match(await send(), { refusal: { retryAfter: 3_600_000 } })
  Object.assign(answer, { status: 400, headers: {}, body: '{"description":"Bad Request: message is too long"}' })
  t.match(await send(), { message: /message is too long\.$/, refusal: { final: true } })
  Object.assign(answer, { status: 302, headers: { location: 'http://127.0.0.1:1/' } })
  t.match(await send(), { message: /redirect \(302\)/ })
  Object.assign(answer, { status: 500, headers: {}, body: 'x'.repeat(200_000) })
  t.match(await send(), { message: /can't be reached/ }, 'an answer without end is not read')
})

t.test('a service that is not there', async (t) => {
  const [ntfy] = channelsOf({ ...NONE, ntfy: { topic_url: `http://127.0.0.1:${await unusedPort()}/x`, token: null } })
  await t.rejects(ntfy?.send(message) ?? Promise.resolve(), new NotSent("It can't be reached (ECONNREFUSED)."))
})
