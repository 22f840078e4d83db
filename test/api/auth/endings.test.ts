/** How long a session lasts, and what is said of one that is over. */
import t, { type Test } from 'tap'
import { openAccess } from '../../../src/api/auth/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { accessOptions, ask, PASSWORD, type Running, running } from '../support.ts'
import { bearer, login, MINUTE, me, post, text, tokensOf } from './sign-in-rig.ts'

const HOUR = 60 * MINUTE
const CHOSEN = 'vier bunte Gurken'

async function bridge(t: Test) {
  const api = await running()
  t.teardown(() => api.close())
  return api
}

const renew = (api: Running, refresh: string) => post(api, '/token/refresh', { refresh })

/** Why the session of a refresh token is over; undefined while it goes on. */
async function why(api: Running, refresh: string): Promise<unknown> {
  const { status, json } = await renew(api, refresh)
  const error = isObject(json) && isObject(json.error) ? json.error : {}
  return status === 401 && isObject(error.details) ? error.details.reason : undefined
}

async function signedIn(api: Running, more: Record<string, unknown> = {}, username = 'admin', password = PASSWORD) {
  const answer = await post(api, '/login', { username, password, ...more })
  return { access: text(answer, 'token.access'), refresh: text(answer, 'token.refresh') }
}

t.test('without staying a session lasts 12 hours unused; with it, or as programs sign in, 30 days', async (t) => {
  const api = await bridge(t)
  const lasts = async (more: Record<string, unknown>) => {
    const first = await signedIn(api, more)
    const answer = await renew(api, first.refresh)
    const { json } = await ask(api.port, '/api/v1/sessions', bearer(text(answer, 'token.access')))
    const own =
      isObject(json) && Array.isArray(json.sessions) ? json.sessions.find(({ current }) => current) : undefined
    return [own.stays, (Date.parse(own.expires) - api.clock.now()) / HOUR]
  }
  t.same(await lasts({ stay: false }), [false, 12])
  t.same(await lasts({ stay: true }), [true, 30 * 24])
  t.same(await lasts({}), [true, 30 * 24])
  t.equal((await post(api, '/login', { username: 'admin', password: PASSWORD, stay: 'yes' })).status, 400)
  const [short, long] = [await signedIn(api, { stay: false }), await signedIn(api, { stay: true })]
  await api.clock.advance(12 * HOUR - 1)
  const next = text(await renew(api, short.refresh), 'token.refresh')
  t.ok(next, 'in use it goes on')
  await api.clock.advance(12 * HOUR)
  t.equal(await why(api, next), 'idle')
  t.equal(await why(api, long.refresh), undefined)
  await tokensOf(api)
  t.equal(await why(api, next), 'idle', 'after others have signed in, too')
})

t.test('the choice holds through the second factor', async (t) => {
  const api = await bridge(t)
  const user = api.store.users.byName('admin')
  api.store.users.setTotpSecret(user?.id ?? 0, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP')
  api.store.users.activateTotp(user?.id ?? 0, [])
  api.access.secondFactor.takes = () => true
  const pending = text(await post(api, '/login', { username: 'admin', password: PASSWORD, stay: false }), 'temp_token')
  t.equal((await post(api, '/auth/totp/verify', { temp_token: pending, token: '123456' })).status, 200)
  t.match(api.store.userSessions.list(), [{ stays: false }])
})

t.test('why a session ended, to those alone who had a token of it', async (t) => {
  const api = await bridge(t)
  const admin = await signedIn(api)
  const send = (method: string, path: string, body?: unknown, access = admin.access) =>
    post(api, path, body, { ...bearer(access), method })
  const made = await send('POST', '/users', { name: 'olga', role: 'administer', password: PASSWORD })
  const first = await signedIn(api, {}, 'olga', text(made, 'new_password'))
  await send('POST', '/password', { current: text(made, 'new_password'), new: CHOSEN }, first.access)
  const id = api.store.users.byName('olga')?.id ?? 0
  const olga = () => signedIn(api, {}, 'olga', CHOSEN)
  const sessionOf = (refresh: string) => refresh.replace('t2mr_', '').split('.')[0]

  const out = await olga()
  await send('POST', '/logout', undefined, out.access)
  t.equal(await why(api, out.refresh), 'signed_out')

  const [here, there] = [await olga(), await olga()]
  await send('DELETE', `/sessions/${sessionOf(there.refresh)}`, undefined, here.access)
  t.equal(await why(api, there.refresh), 'ended')

  const thrown = await olga()
  await send('DELETE', `/sessions/${sessionOf(thrown.refresh)}`)
  t.equal(await why(api, thrown.refresh), 'ended_by_administrator')

  const other = await olga()
  await send('POST', '/password', { current: CHOSEN, new: 'fünf grüne Äpfel' }, here.access)
  t.equal(await why(api, other.refresh), 'password_changed')
  t.equal(await why(api, here.refresh), undefined)

  const copied = await signedIn(api, {}, 'olga', 'fünf grüne Äpfel')
  const renewed = text(await renew(api, copied.refresh), 'token.refresh')
  await api.clock.advance(MINUTE)
  t.equal(await why(api, copied.refresh), 'reused')
  t.equal(await why(api, renewed), 'reused')

  const reset = await signedIn(api, {}, 'olga', 'fünf grüne Äpfel')
  const again = await send('POST', `/users/${id}/password`, { password: PASSWORD })
  t.equal(await why(api, reset.refresh), 'password_reset')

  const removed = await signedIn(api, {}, 'olga', text(again, 'new_password'))
  await send('DELETE', `/users/${id}`)
  t.equal(await why(api, removed.refresh), 'user_removed')

  const [session] = removed.refresh.split('.')
  t.equal(await why(api, `${session}.${'x'.repeat(43)}.${'y'.repeat(43)}`), 'unknown', 'a guess')
  t.equal(await why(api, 'nonsense'), 'unknown')
})

t.test('another password in the configuration ends the sessions of admin, and says so', async (t) => {
  const api = await bridge(t)
  const { access, refresh } = await tokensOf(api)
  const options = { ...accessOptions(api.store), configured: 'another-horse-ключ' }
  await openAccess(options, api.clock, api.logger)
  t.equal(await me(api, access), 401)
  t.equal(await why(api, refresh), 'password_changed')
})

t.test('endings are remembered, but not without bounds', async (t) => {
  const api = await bridge(t)
  const { userSessions } = api.store
  const add = (id: string) =>
    userSessions.add({ id, userId: 1, address: '::1', userAgent: '' }, Buffer.from('f'), {
      access: Buffer.from(`a${id}`),
      refresh: Buffer.from('r'),
      accessExpires: api.clock.now() + 1,
      expires: api.clock.now() + HOUR,
    })
  await login(api)
  add('oldest')
  userSessions.remove('oldest', 'ended')
  t.match(userSessions.endingOf('oldest'), { reason: 'ended' })
  await api.clock.advance(1)
  for (let i = 0; i < 1_000; i++) {
    add(`s${i}`)
    userSessions.remove(`s${i}`, 'ended')
  }
  t.equal(userSessions.endingOf('oldest'), undefined)
  t.match(userSessions.endingOf('s0'), { reason: 'ended' })
})
