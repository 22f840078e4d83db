import t from 'tap'
import { PREFIX } from '../../../src/api/auth/credentials/tokens.ts'
import { type Ask, ask, PASSWORD, running } from '../support.ts'
import { bearer, login, MINUTE, me, post, text, tokensOf } from './sign-in-rig.ts'

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
    role: 'administer',
    scopes: ['read', 'control', 'admin'],
    user: { totp: false, recovery_codes_left: 0, password_fixed: true, password_made: false },
  })
  t.match((await ask(api.port, '/api/v1/me')).json, { name: 'token:all', via: 'token', user: null })
  t.equal((await login(api, PASSWORD, 'ADMIN')).status, 200, 'names by letters, not by case')
  t.equal((await login(api, PASSWORD.normalize('NFD'))).status, 200, 'however it is typed')
  t.equal((await ask(api.port, '/api/v1/login/', { method: 'POST', authorization: null, body: '{}' })).status, 400)
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

t.test('a name written otherwise is the same name, to a guesser as well', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  t.equal((await login(api)).status, 200, 'the owner has signed in from here')
  const statuses = async (names: readonly string[]) => {
    const all: number[] = []
    for (const [i, name] of names.entries()) all.push((await login(api, `wrong-${i}-password`, name)).status)
    return all
  }
  t.same(await statuses(['admin', 'Admin', 'ADMIN', 'aDmin', 'adMin', 'admIn']), [401, 401, 401, 401, 401, 429])
  await api.clock.advance(60 * MINUTE)
  const stranger = ['zo\u00eb', 'zoe\u0308', 'ZO\u00cb', 'ZOE\u0308', '\uff3ao\u00eb', '\uff5aoe\u0308']
  t.same(await statuses(stranger), [401, 401, 401, 401, 401, 429], 'whatever Unicode makes of it')
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
