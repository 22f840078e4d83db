import t from 'tap'
import { PREFIX } from '../../src/api/auth/tokens.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { isObject } from '../../src/core/json.ts'
import { type Answer, type Ask, ask, PASSWORD, type Running, running } from './support.ts'

const MINUTE = 60_000

const post = (api: Running, path: string, body?: unknown, options: Ask = {}): Promise<Answer> =>
  ask(api.port, `/api/v1${path}`, {
    method: 'POST',
    authorization: null,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...options,
  })

/** A text of an answer, by dotted path. */
function text({ json }: Answer, path: string): string {
  const found = path.split('.').reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), json)
  return typeof found === 'string' ? found : ''
}

const login = (api: Running, password = PASSWORD, username = 'admin', options: Ask = {}) =>
  post(api, '/login', { username, password }, options)

const bearer = (token: string): Ask => ({ authorization: `Bearer ${token}` })

const me = async (api: Running, access: string) => (await ask(api.port, '/api/v1/me', bearer(access))).status

async function tokensOf(api: Running): Promise<{ access: string; refresh: string }> {
  const answer = await login(api)
  return { access: text(answer, 'token.access'), refresh: text(answer, 'token.refresh') }
}

t.test('user name and password give tokens', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const answer = await login(api)
  t.equal(answer.status, 200)
  const access = text(answer, 'token.access')
  const refresh = text(answer, 'token.refresh')
  t.same(answer.json, { message: 'Login successful', token: { access, refresh } })
  t.ok(access.startsWith(PREFIX.access) && refresh.startsWith(PREFIX.refresh))
  t.equal(answer.headers['set-cookie'], undefined, 'no cookies')
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same((await ask(api.port, '/api/v1/me', bearer(access))).json, {
    name: 'admin',
    via: 'session',
    scopes: ['read', 'control', 'admin'],
    user: { totp: false, recovery_codes_left: 0, password_fixed: true },
  })
  t.match((await ask(api.port, '/api/v1/me')).json, { name: 'token:all', via: 'token', user: null })
  t.equal((await login(api, PASSWORD, 'ADMIN')).status, 200, 'names by letters, not by case')
  t.equal((await login(api, PASSWORD.normalize('NFD'))).status, 200, 'however it is typed')
  t.equal((await ask(api.port, '/api/v1/login/', { method: 'POST', authorization: null, body: '{}' })).status, 400)
})

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
    '../..',
    "' OR 1=1 --",
  ]) {
    t.equal((await post(api, '/token/refresh', { refresh: wrong })).status, 401, wrong)
  }
  t.equal(await me(api, access), 200, 'who only knows the id of a session can’t end it')
  t.equal(await me(api, refresh), 401, 'a refresh token opens nothing')
  t.equal((await post(api, '/token/refresh', { refresh })).status, 200)
})

t.test('two that refresh at once are told from one', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { refresh } = await tokensOf(api)
  const answers = await Promise.all([1, 2].map(() => post(api, '/token/refresh', { refresh })))
  t.same(answers.map(({ status }) => status).sort(), [200, 401])
})

t.test('errors have the shape of the documents as well as the common one', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const wrong = await login(api, 'wrong-password')
  const message = 'User name or password is wrong.'
  t.equal(wrong.status, 401)
  t.same(wrong.json, { detail: message, code: 'UNAUTHORIZED', error: { code: 'UNAUTHORIZED', message } })
  for (const [body, field] of [
    [{ username: 'admin' }, 'password'],
    [{ password: 'x' }, 'username'],
    [{ username: 1, password: 'x' }, 'username'],
    [{ username: 'admin', password: '' }, 'password'],
    [{ username: 'admin', password: 'x', extra: 1 }, 'extra'],
  ] as const) {
    const { status, json } = await post(api, '/login', body)
    t.equal(status, 400)
    t.match(json, { error: { code: 'BAD_REQUEST' }, code: 'BAD_REQUEST', [field]: [String] }, field)
  }
  for (const body of ['[]', '1', '"x"', '{', '']) {
    const answer = await ask(api.port, '/api/v1/login', { method: 'POST', authorization: null, body })
    t.match(answer, { status: 400, json: { error: { code: 'BAD_REQUEST' }, non_field_errors: [String] } }, body)
  }
  const sneaky = { username: 'admin', password: 'x', error: { code: 'ok' } }
  t.match((await post(api, '/login', sneaky)).json, { error: { code: 'BAD_REQUEST' } }, 'a field can’t take its place')
  t.equal((await ask(api.port, '/api/v1/login?username=admin&password=x')).status, 405)
  const form = {
    method: 'POST',
    authorization: null,
    body: 'username=admin',
    type: 'application/x-www-form-urlencoded',
  }
  t.equal((await ask(api.port, '/api/v1/login', form)).status, 415, 'nothing that a foreign page could send by itself')
})

t.test('who is not there takes as long, and answers alike', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const answers = await Promise.all([login(api, 'wrong-password'), login(api, 'wrong-password', 'nobody')])
  t.same(answers[0].json, answers[1].json)
  t.equal(answers[0].status, answers[1].status)
})

t.test('guesses: five, then growing pauses, for names that are not there as well', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (const name of ['admin', 'nobody']) {
    const from = { headers: {} }
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) statuses.push((await login(api, `wrong-${i}-password`, name, from)).status)
    t.same(statuses, [401, 401, 401, 401, 401, 429, 429], name)
    await api.clock.advance(3_600_000)
  }
  const limited = { detail: String, code: 'RATE_LIMITED', error: { details: { retry_after: Number } } }
  for (let i = 0; i < 5; i++) await login(api, 'wrong')
  t.match((await login(api)).json, limited)
})

t.test('strangers cannot keep the owner out', async (t) => {
  const api = await running({ trustProxy: true })
  t.teardown(() => api.close())
  const at = (address: string): Ask => ({ headers: { 'x-forwarded-for': address } })
  t.equal((await login(api, PASSWORD, 'admin', at('192.0.2.10'))).status, 200, 'the owner at home')
  const { access } = await tokensOf(api)
  let refused = 0
  for (let i = 0; i < 2_000; i++) {
    const { status } = await login(api, `guess-${i}`, 'admin', at(`198.51.${i >> 8}.${i & 255}`))
    if (status === 401) refused++
    await api.clock.advance(1_000)
  }
  t.ok(refused < 20, `a thousand addresses guess no faster than one: ${refused} in half an hour`)
  t.equal((await login(api, PASSWORD, 'admin', at('203.0.113.5'))).status, 429, 'a right one from a new address waits')
  t.equal((await login(api, PASSWORD, 'admin', at('192.0.2.10'))).status, 200, 'at home it is taken at once')
  t.equal(await me(api, access), 401, 'half an hour is over')
  t.ok(api.access.audit.page(999, null).length < 50, 'who knocks does not fill the audit log')
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
  const { Passwords } = await import('../../src/api/auth/passwords.ts')
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
  api.store.userSessions.removeOthers(1, null)
  await api.clock.advance(25_000)
  await over()
  t.equal(api.streams.clients, 0)
})
