import t from 'tap'
import { PREFIX } from '../../../src/api/auth/credentials/tokens.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'
import { ask, PASSWORD, running } from '../support.ts'
import { bearer, login, MINUTE, me, post, text, tokensOf } from './sign-in-rig.ts'

const DAY = 24 * 60 * MINUTE

const tokenIn = ({ token }: { token: unknown }, kind: string): string =>
  isObject(token) && typeof token[kind] === 'string' ? token[kind] : ''

t.test('an access token lives for a quarter of an hour', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { access } = await tokensOf(api)
  await api.clock.advance(15 * MINUTE - 1)
  t.equal(await me(api, access), 200)
  await api.clock.advance(1)
  t.equal(await me(api, access), 401)
})

t.test('a refresh token is taken once; the second time ends the session', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const first = await tokensOf(api)
  const other = await tokensOf(api)
  await api.clock.advance(20 * MINUTE)
  const answer = await post(api, '/token/refresh', { refresh: first.refresh })
  t.equal(answer.status, 200)
  const second = text(answer, 'token.access')
  t.equal(await me(api, second), 200)
  const third = await post(api, '/token/refresh', { refresh: text(answer, 'token.refresh') })
  t.equal(await me(api, second), 401, 'a new pair ends the one before')
  t.equal(await me(api, text(third, 'token.access')), 200)
  const reused = await post(api, '/token/refresh', { refresh: first.refresh })
  t.match(reused, { status: 401, json: { error: { code: 'UNAUTHORIZED', details: { reused: true } }, detail: String } })
  t.equal(await me(api, text(third, 'token.access')), 401, 'all that came of it is over')
  t.equal((await post(api, '/token/refresh', { refresh: text(third, 'token.refresh') })).status, 401)
  t.equal((await post(api, '/token/refresh', { refresh: other.refresh })).status, 200, 'other sessions go on')
  const log = api.access.audit.page(5, null).map(({ action, outcome }) => `${action} ${outcome}`)
  t.same(
    log,
    ['refreshToken UNAUTHORIZED', 'refreshToken UNAUTHORIZED', 'login ok', 'login ok'],
    'what went well is no news',
  )
  await api.clock.advance(30 * 24 * 60 * MINUTE)
  t.equal((await post(api, '/token/refresh', { refresh: other.refresh })).status, 401)
})

t.test('an answer that was lost is given again for ten seconds, to the same address alone', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const renew = async (refresh: string, localAddress = '127.0.0.1') => {
    const { status, json } = await post(api, '/token/refresh', { refresh }, { localAddress })
    return { status, token: isObject(json) ? json.token : undefined }
  }
  const { refresh } = await tokensOf(api)
  const [first, second] = await Promise.all([renew(refresh), renew(refresh)])
  t.equal(first.status, 200)
  t.same(second, first, 'two tabs that ask at once get the same')
  await api.clock.advance(9_999)
  t.same(await renew(refresh), first)
  await api.clock.advance(1)
  t.equal((await renew(refresh)).status, 401, 'later it is a copy')
  t.equal((await renew(tokenIn(first, 'refresh'))).status, 401, 'which ends the session')

  const copied = await tokensOf(api)
  const own = await renew(copied.refresh)
  t.equal((await renew(copied.refresh, '127.0.0.2')).status, 401, 'from elsewhere it is a copy at once')
  t.equal(await me(api, tokenIn(own, 'access')), 401)

  const ended = await tokensOf(api)
  const last = await renew(ended.refresh)
  await post(api, '/logout', undefined, bearer(tokenIn(last, 'access')))
  t.equal((await renew(ended.refresh)).status, 401, 'a session that was ended gives nothing')
})

t.test('a session ends when nobody has used it for 30 days, and lives on when somebody has', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  let { refresh } = await tokensOf(api)
  const next = async () => {
    const answer = await post(api, '/token/refresh', { refresh })
    refresh = text(answer, 'token.refresh')
    return answer.status
  }
  for (let month = 0; month < 3; month++) {
    await api.clock.advance(30 * DAY - 1)
    t.equal(await next(), 200, 'used just in time')
  }
  const { access } = await tokensOf(api)
  await api.clock.advance(30 * DAY)
  t.equal(await next(), 401)
  t.equal(await me(api, access), 401)
  t.same(api.access.sessions.list(), [], 'nor is it listed')
})

t.test('what is no refresh token', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { access, refresh } = await tokensOf(api)
  const [session = ''] = refresh.slice(PREFIX.refresh.length).split('.')
  const forged = `${PREFIX.refresh}${session}.${'A'.repeat(43)}.${'B'.repeat(43)}`
  for (const wrong of [
    access,
    forged,
    refresh.slice(0, -1),
    `${refresh}x`,
    'eyJhbGciOiJub25lIn0.e30.',
    '../../..',
    "' OR 1=1 --",
  ]) {
    t.equal((await post(api, '/token/refresh', { refresh: wrong })).status, 401, wrong)
  }
  t.equal(await me(api, access), 200, 'who only knows the id of a session can’t end it')
  t.equal(await me(api, refresh), 401, 'a refresh token opens nothing')
  t.equal((await post(api, '/token/refresh', { refresh })).status, 200)
})

t.test('logout, sessions and their end', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const [mine, other] = [await tokensOf(api), await tokensOf(api)]
  const list = await ask(api.port, '/api/v1/sessions', bearer(mine.access))
  t.match(list.json, { sessions: [{ user: 'admin', address: '127.0.0.1' }, {}] })
  const sessions = (list.json as { sessions: { id: string; current: boolean }[] }).sessions
  t.equal(sessions.filter(({ current }) => current).length, 1)
  t.notMatch(list.text, mine.refresh.slice(30), 'no tokens in it')
  const theirs = sessions.find(({ current }) => !current)?.id
  const end = await ask(api.port, `/api/v1/sessions/${theirs}`, { method: 'DELETE', ...bearer(mine.access) })
  t.same(end.json, { ok: true })
  t.equal(await me(api, other.access), 401, 'at once')
  t.equal((await post(api, '/token/refresh', { refresh: other.refresh })).status, 401)
  const again = await ask(api.port, `/api/v1/sessions/${theirs}`, { method: 'DELETE', ...bearer(mine.access) })
  t.equal(again.status, 404)
  t.same((await post(api, '/logout', undefined, bearer(mine.access))).json, { ok: true })
  t.equal(await me(api, mine.access), 401)
  t.equal((await post(api, '/token/refresh', { refresh: mine.refresh })).status, 401)
})

t.test('a changed password ends the other sessions', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const fixed = await tokensOf(api)
  const change = (access: string, current: string, next: string) =>
    post(api, '/password', { current, new: next }, bearer(access))
  t.match((await change(fixed.access, PASSWORD, 'another-password')).json, {
    error: { message: /api\.admin_password/ },
  })
  const { Passwords } = await import('../../../src/api/auth/credentials/passwords.ts')
  api.store.users.add('olga', await new Passwords({ logN: 5, r: 8, p: 1 }).hash('first-password'))
  const olga = async (password: string) => text(await login(api, password, 'olga'), 'token.access')
  const [mine, theirs] = [await olga('first-password'), await olga('first-password')]
  t.match(api.store.users.byName('olga')?.password, /^scrypt\$4\$/, 'hashed anew at the cost of now')
  t.match((await change(mine, 'wrong-password', 'another-password')).json, { current: [String], code: 'BAD_REQUEST' })
  t.match((await change(mine, 'first-password', 'short')).json, { new: [String] })
  t.equal(await me(api, theirs), 200)
  t.same((await change(mine, 'first-password', 'another-password')).json, { ok: true })
  t.equal(await me(api, mine), 200)
  t.equal(await me(api, theirs), 401)
  t.equal(await olga('first-password'), '')
  const refresh = text(await login(api, 'another-password', 'olga'), 'token.refresh')
  t.ok(refresh)
  const id = api.store.users.byName('olga')?.id ?? 0
  api.store.users.remove(id)
  t.equal(await me(api, mine), 401, 'of a user who is gone')
  t.equal((await post(api, '/token/refresh', { refresh })).status, 401, 'the same')
})

t.test('while the store takes nothing, sessions are in memory, and as strict as ever', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const before = await tokensOf(api)
  const full = (): never => {
    throw new BridgeError('INTERNAL', 'The disk is full.')
  }
  const { userSessions, users } = api.store
  Object.assign(userSessions, { add: full, rotate: full, prune: full, remove: full })
  users.signedInFrom = full
  const refresh = (token: string) => post(api, '/token/refresh', { refresh: token })
  const next = await refresh(before.refresh)
  t.equal(await me(api, text(next, 'token.access')), 200)
  t.equal(await me(api, before.access), 401, 'a new pair ends the one before')
  const { access, refresh: own } = await tokensOf(api)
  t.equal(await me(api, access), 200)
  const listed = await ask(api.port, '/api/v1/sessions', bearer(access))
  t.match(listed.json, { sessions: [{ user: 'admin' }, { user: 'admin', current: true }] })
  const third = text(await refresh(own), 'token.access')
  await api.clock.advance(10_000)
  t.equal((await refresh(own)).status, 401, 'used before')
  t.equal(await me(api, third), 401, 'so the session is over')
  t.equal((await post(api, '/logout', undefined, bearer(text(next, 'token.access')))).status, 200)
  t.equal(await me(api, text(next, 'token.access')), 401)
  t.equal((await refresh(text(next, 'token.refresh'))).status, 401)
  t.equal((await refresh(before.refresh)).status, 401, 'what the store still has does not come back')
  const last = await tokensOf(api)
  t.equal(await me(api, last.access), 200)
  // By another process: `thermo2mqtt user`, once the store takes something again.
  users.setPassword(1, 'another')
  t.same([await me(api, last.access), (await refresh(last.refresh)).status], [401, 401])
})

t.test('an event stream ends with its session', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const [{ access }, other] = [await tokensOf(api), await tokensOf(api)]
  const open = async (token: string) => {
    const url = `http://127.0.0.1:${api.port}/api/v1/events`
    const { body } = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const reader = body?.getReader()
    return async () => {
      while (!(await reader?.read())?.done);
    }
  }
  const [ended, over] = [await open(access), await open(other.access)]
  t.equal(api.streams.clients, 2)
  await post(api, '/logout', undefined, bearer(access))
  await ended()
  t.equal(api.streams.clients, 1)
  const { holds } = api.access.authenticator
  api.access.authenticator.holds = () => {
    throw new Error('the disk is broken')
  }
  await api.clock.advance(25_000)
  t.equal(api.streams.clients, 1, 'a store that can’t be read ends nothing')
  api.access.authenticator.holds = holds.bind(api.access.authenticator)
  // By another process: `thermo2mqtt user`.
  api.store.userSessions.removeOthers(1, null, 'password_reset')
  await api.clock.advance(25_000)
  await over()
  t.equal(api.streams.clients, 0)
})
