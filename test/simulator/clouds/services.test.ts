/** The virtual login services, field for field by their documents, and every refusal they know. */
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startBearer, startOmnitron, startTxty } from '../../support/simulator.ts'

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json' && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

function post(url: string, body: unknown, authorization?: string): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) }
  return call(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** The value at a dotted path, as text. */
function at(value: unknown, path: string): string {
  let found: unknown = value
  for (const name of path.split('.')) found = Object(found)[name]
  return String(found)
}

const CREDENTIALS = { username: EMAIL, password: PASSWORD }

t.test('bearer: login with and without a code answers as documented', async (t) => {
  const plain = await startBearer(t)
  const login = await post(`${plain.url}/api/v1/login/`, CREDENTIALS)
  t.equal(login.status, 200)
  t.same(Object.keys(Object(login.body)), ['message', 'token'])
  t.match(login.body, { message: 'Login successful', token: { access: /^\S+$/, refresh: /^\S+$/ } })

  const service = await startBearer(t, { has2fa: true })
  const first = await post(`${service.url}/api/v1/login/`, CREDENTIALS)
  t.same(first.body, {
    message: 'Login via email OTP',
    _links: { href: at(first.body, '_links.href'), method: 'POST', body: { code: { type: 'str' } } },
  })
  t.match(at(first.body, '_links.href'), /^\/api\/v1\/login\/[^/]+\/otp\/$/)
  const link = service.url + at(first.body, '_links.href')
  const second = await post(link.replace(/\/$/, ''), { code: service.mails[0] })
  t.match(second, { status: 200, body: { message: 'Login successful', token: { access: String, refresh: String } } })
  service.quirks.links = 'list'
  t.match(await post(`${service.url}/api/v1/login/`, CREDENTIALS), { body: { _links: [{ method: 'POST' }] } })
  service.quirks.links = 'absolute'
  t.match((await post(`${service.url}/api/v1/login/`, CREDENTIALS)).body, { _links: { href: /^http:\/\/127/ } })
})

t.test('bearer: 400, 401, 403 and 410 mean different things', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { has2fa: true, clock })
  const login = () => post(`${service.url}/api/v1/login/`, CREDENTIALS)
  t.match(await post(`${service.url}/api/v1/login/`, { email: EMAIL, password: PASSWORD }), { status: 400 })
  t.match(await call(`${service.url}/api/v1/login/`, { method: 'POST', body: 'username=a' }), { status: 400 })
  t.match(await call(`${service.url}/api/v1/login/`), { status: 405 })
  t.match(await post(`${service.url}/api/v1/login/`, { ...CREDENTIALS, password: 'x' }), { status: 401 })
  t.match(await post(`${service.url}/api/v1/login/`, { ...CREDENTIALS, username: 'x' }), { status: 401 })
  t.equal(service.failedLogins, 2)
  const link = service.url + at((await login()).body, '_links.href')
  t.match(await post(link, {}), { status: 400 })
  for (let errors = 0; errors < 3; errors++) t.match(await post(link, { code: 'x' }), { status: 401 })
  t.match(await post(link, { code: service.mails[0] }), { status: 403 }, 'too many errors')
  const late = service.url + at((await login()).body, '_links.href')
  await clock.advance(601_000)
  t.match(await post(late, { code: service.mails[1] }), { status: 403 }, 'too late')
  service.forgetLogins()
  t.match(await post(late, { code: service.mails[1] }), { status: 410 })
  service.quirks.blocked = true
  t.match(await login(), { status: 403 })
  service.quirks.slash = 'without'
  t.match(await login(), { status: 404 })
  service.quirks.slash = 'with'
  t.match(await post(`${service.url}/api/v1/login`, CREDENTIALS), { status: 404 })
  service.quirks.slash = 'redirect'
  const moved = await post(`${service.url}/api/v1/login`, CREDENTIALS)
  t.equal(moved.status, 301)
  t.equal(moved.headers.get('location'), '/api/v1/login/')
})

t.test('bearer: tokens end, are renewed, used once when rotated, and revoked', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { lifetime: 60, refresh: 'rotate', logout: true, clock })
  const { body } = await post(`${service.url}/api/v1/login/`, CREDENTIALS)
  const list = (token: string) =>
    call(`${service.url}/api/v1/devices/`, { headers: { authorization: `Bearer ${token}` } })
  t.match(await list(at(body, 'token.access')), {
    status: 200,
    body: { results: [{ sn: SERIAL, name: 'az', totp_key: KEY }], next: null },
  })
  const claims = JSON.parse(Buffer.from(at(body, 'token.access').split('.')[1] ?? '', 'base64url').toString())
  t.equal(claims.exp, clock.now() / 1000 + 60)
  await clock.advance(60_000)
  t.match(await list(at(body, 'token.access')), { status: 401 })
  t.match(await list('x'), { status: 401 })
  t.match(await call(`${service.url}/api/v1/devices/`), { status: 401 })
  const refresh = { refresh: at(body, 'token.refresh') }
  const renewed = await post(`${service.url}/api/v1/token/refresh/`, refresh)
  t.match(renewed, { status: 200, body: { access: String, refresh: String } })
  t.match(await post(`${service.url}/api/v1/token/refresh/`, refresh), { status: 401 }, 'used once')
  t.match(await list(at(renewed.body, 'access')), { status: 200 })
  const revoke = { refresh: at(renewed.body, 'refresh') }
  t.match(await post(`${service.url}/api/v1/logout/`, revoke, `Bearer ${at(renewed.body, 'access')}`), { status: 204 })
  t.match(await list(at(renewed.body, 'access')), { status: 401 })
  t.match(await post(`${service.url}/api/v1/token/refresh/`, revoke), { status: 401 })
  service.quirks.refresh = 'none'
  service.quirks.logout = false
  t.match(await post(`${service.url}/api/v1/token/refresh/`, {}), { status: 404 })
  t.match(await post(`${service.url}/api/v1/logout/`, {}), { status: 404 })
})

t.test('lists come in pages', async (t) => {
  const devices = Array.from({ length: 12 }, (_, index) => ({ serial: `SERIAL${index}`, name: `${index}`, key: KEY }))
  const bearer = await startBearer(t, { devices })
  const omnitron = await startOmnitron(t, { devices })
  const access = at((await post(`${bearer.url}/api/v1/login/`, CREDENTIALS)).body, 'token.access')
  const key = at((await post(`${omnitron.url}/api/v1/auth/login/`, CREDENTIALS)).body, 'key')
  const cases = [
    [`${bearer.url}/api/v1/devices/`, `Bearer ${access}`],
    [`${omnitron.url}/api/devices/`, `Token ${key}`],
  ]
  for (const [url = '', authorization = ''] of cases) {
    const first = await call(url, { headers: { authorization } })
    t.match(first.body, { next: `${url}?page=2` })
    t.match(await call(at(first.body, 'next'), { headers: { authorization } }), {
      body: { results: { length: 2 }, next: null },
    })
  }
})

t.test('omnitron: login, verify, setup, activate and deactivate answer as documented', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock })
  const auth = `${service.url}/api/v1/auth`
  const login = await post(`${auth}/login/`, CREDENTIALS)
  t.same(login.body, { key: at(login.body, 'key') })
  const token = `Token ${at(login.body, 'key')}`
  const setup = await post(`${auth}/totp/setup/`, {}, token)
  t.equal(setup.status, 201)
  t.same(Object.keys(Object(setup.body)), ['secret_key', 'provisioning_uri'])
  t.match(setup.body, { secret_key: /^[A-Z2-7]+$/, provisioning_uri: /^otpauth:\/\/totp\// })
  const secret = at(setup.body, 'secret_key')
  t.match(await post(`${auth}/totp/activate/`, { token: 'x' }, token), { status: 400 })
  t.match(await post(`${auth}/totp/activate/`, {}, token), {
    status: 400,
    body: { token: ['This field is required.'], code: 'required' },
  })
  const code = service.codeFor(secret)
  t.match(await post(`${auth}/totp/activate/`, { token: code }, token), {
    status: 200,
    body: { recovery_codes: { length: 8 } },
  })
  t.match(await post(`${auth}/totp/setup/`, {}, token), { status: 400 }, 'active already')
  const half = await post(`${auth}/login/`, CREDENTIALS)
  t.same(half.body, { temp_token: at(half.body, 'temp_token') })
  const temp_token = at(half.body, 'temp_token')
  t.match(await post(`${auth}/totp/verify/`, { temp_token, token: code }), { status: 400 }, 'no code is taken twice')
  await clock.advance(30_000)
  const done = await post(`${auth}/totp/verify/`, { temp_token, token: service.codeFor(secret) })
  t.same(done.body, { key: at(done.body, 'key') })
  t.match(await post(`${auth}/totp/deactivate/`, {}, token), { status: 200, body: '' })
  t.match(await post(`${auth}/totp/deactivate/`, {}, token), { status: 400 }, 'not active')
  t.match(await post(`${auth}/logout/`, {}, token), { status: 200 })
  t.match(await post(`${auth}/totp/setup/`, {}, token), { status: 401, body: { detail: 'Invalid token.' } })
})

t.test('omnitron: the three shapes of 400, 401 and 403', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock, totpSecret: 'JBSWY3DPEHPK3PXP' })
  const auth = `${service.url}/api/v1/auth`
  const wrong = () => post(`${auth}/login/`, { ...CREDENTIALS, password: 'x' })
  const text = 'Unable to log in with provided credentials.'
  t.match(await wrong(), { status: 400, body: { non_field_errors: [text], code: 'invalid' } })
  service.quirks.errorShape = 'field'
  t.match(await wrong(), { status: 400, body: { password: [text], code: 'invalid' } })
  service.quirks.errorShape = 'detail'
  t.match(await wrong(), { status: 400, body: { detail: text, code: 'invalid' } })
  service.quirks.wrongCredentials = 401
  t.match(await wrong(), { status: 401, body: { detail: text } })
  service.quirks.wrongCredentials = 403
  t.match(await wrong(), { status: 403, body: '' })
  t.match(await post(`${auth}/login/`, {}), { status: 400, body: { username: [/required/], password: [/required/] } })
  t.match(await post(`${auth}/login`, {}), { status: 301 })
  t.match(await post(`${auth}/other/`, {}), { status: 404 })
  t.match(await call(`${auth}/login/`), { status: 405 })
  const temp_token = at((await post(`${auth}/login/`, CREDENTIALS)).body, 'temp_token')
  for (let errors = 0; errors < 5; errors++) {
    t.match(await post(`${auth}/totp/verify/`, { temp_token, token: 'x' }), { status: 400 })
  }
  t.match(await post(`${auth}/totp/verify/`, { temp_token, token: 'x' }), { status: 403 })
  await clock.advance(301_000)
  t.match(await post(`${auth}/totp/verify/`, { temp_token, token: 'x' }), {
    status: 400,
    body: { temp_token: [String] },
  })
})

t.test('txty: keys, codes and the echo of the password, as a form and as a query', async (t) => {
  const service = await startTxty(t, { twoFactor: true })
  const fields = { user: EMAIL, pass: PASSWORD, description: 'YourAPP' }
  const ask = (path: string, all: Record<string, string>) => call(`${service.url}${path}?${new URLSearchParams(all)}`)
  const send = (path: string, all: Record<string, string>) =>
    call(`${service.url}${path}`, { method: 'POST', body: new URLSearchParams(all) })
  const LOGIN = '/user/newapikey/login.json'
  for (const request of [ask, send]) {
    t.same((await request(LOGIN, fields)).body, { status: 'success', success: 'ADDED_TF' })
    t.same((await request(LOGIN, { ...fields, tfkey: 'x' })).body, {
      status: 'error',
      error: 'USER_NOT_FOUND',
      login: { user: EMAIL, pass: PASSWORD },
    })
    const added = await request(LOGIN, { ...fields, tfkey: service.messages.at(-1) ?? '' })
    const key = at(added.body, 'newapikey.key')
    t.match(key, /^[A-Za-z0-9]{10}$/)
    t.same(added.body, { status: 'success', success: 'ADDED_KEY', newapikey: { controlapikey: 0, key } })
    t.match((await request('/view/user/api.json', { user: EMAIL, key })).body, { status: 'success' })
    t.match((await request('/view/user/api.json', { user: EMAIL, key: 'x' })).body, { error: 'USER_NOT_FOUND' })
    t.match((await request('/device/list.json', { user: EMAIL, key })).body, {
      data: { list: [{ serial: SERIAL, name: 'az', secret: { totp: KEY } }] },
    })
    t.match(await request('/elsewhere', {}), { status: 404 })
  }
  service.quirks.methods = 'get'
  t.match(await send(LOGIN, fields), { status: 405 })
  service.quirks.methods = 'post'
  t.match(await ask(LOGIN, fields), { status: 405 })
  service.quirks.errorStatus = 403
  t.match(await send(LOGIN, { ...fields, pass: 'x' }), { status: 403, body: { login: { pass: 'x' } } })
})

t.test('faults come once or until they are taken away; the Date header is the service’s own clock', async (t) => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1))
  const service = await startBearer(t, { clock })
  const login = () => post(`${service.url}/api/v1/login/`, CREDENTIALS)
  t.equal((await login()).headers.get('date'), 'Tue, 01 Jan 2030 00:00:00 GMT')
  service.faults.push(
    { on: 'devices', fault: 'cut' },
    { on: 'login', fault: { redirect: 'https://elsewhere.example/' } },
  )
  t.equal((await login()).headers.get('location'), 'https://elsewhere.example/')
  t.match(await login(), { status: 200 })
  service.fault = { on: 'login', fault: 'bad-gateway' }
  t.match(await login(), { status: 502 })
  t.match(await login(), { status: 502 })
  service.fault = undefined
  service.token = 'missing'
  t.notMatch((await login()).body, { token: { access: String } })
  service.token = 'huge'
  t.equal(at((await login()).body, 'token.access').length, 1_000_000)
  await t.rejects(fetch(`${service.url}/api/v1/login/`, { method: 'POST', body: 'x'.repeat(100_000) }))
  for (let calls = 0; calls < 1_000; calls++) service.requests.push({ at: 0, method: 'GET', path: '/', status: 200 })
  const before = service.requests.length
  await login()
  t.equal(service.requests.length, before)
})
