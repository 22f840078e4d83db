/** The bearer login, its document's examples, and what its service was seen to do besides. */
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startBearer } from '../../support/simulator.ts'
import { bridge, HOUR, serve, until } from '../support.ts'

const ACCESS =
  'eyJjbGllbnRfaWQiOiJZekV6TUdkb01ISm5PSEJpT0cxaWJEaHlOVEE9IiwicmVzcG9uc2VfdHlwZSI6ImNvZGUiLCJzY29wZSI6ImludHJvc2NwZWN0X3Rva2VucywgcmV2b2tlX3Rva2VucyIsImlzcyI6ImJqaElSak0xY1hwYWEyMXpkV'
const REFRESH =
  'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJjbGllbnRfaWQiOiJZekV6TUdkb01ISm5PSEJpT0cxaWJEaHlOVEE9IiwicmVzcG9uc2VfdHlwZSI6ImNvZGUiLCJzY29wZSI6ImludHJvc2NwZWN0X3Rva2VucywgcmV2b2tlX3Rva2Vu'
const SUCCESS = { message: 'Login successful', token: { access: ACCESS, refresh: REFRESH } }
const DEVICES = { path: '/api/v1/devices/', items: 'results' }

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

t.test('the document: login without second factor, and the Authorization header', async (t) => {
  const seen: unknown[] = []
  const url = await serve(t, async (request, response) => {
    const { method, url: path, headers } = request
    seen.push([method, path, headers.authorization, await textOf(request)])
    response.end(JSON.stringify(path === '/api/v1/login/' ? SUCCESS : []))
  })
  const devices = { path: '/api/v1/users/' }
  const { clouds } = bridge(t, url, { accounts: [{ provider: 'bearer', username: 'joe', devices }] })
  t.match(await clouds.sync(), [{ state: 'ready', devices: 0 }])
  t.same(seen, [
    ['POST', '/api/v1/login/', undefined, JSON.stringify({ username: 'joe', password: PASSWORD })],
    ['GET', '/api/v1/users/', `Bearer ${ACCESS}`, ''],
  ])
})

t.test('the document: login with a code, the path of the code without its last slash as well', async (t) => {
  const links = [
    '/api/v1/login/:user_id/otp/',
    '/api/v1/login/:user_id/otp',
    'http://HOST/api/v1/login/:user_id/otp/',
    'https://HOST/api/v1/login/:user_id/otp/',
  ]
  for (const link of links) {
    for (const shape of ['object', 'list'] as const) {
      for (const known of ['/api/v1/login/:user_id/otp/', '/api/v1/login/:user_id/otp']) {
        const seen: unknown[] = []
        const url = await serve(t, async (request, response) => {
          const text = await textOf(request)
          if (request.url === known) {
            seen.push([request.method, text])
            response.end(JSON.stringify(SUCCESS))
          } else if (request.url === '/api/v1/login/') {
            const href = link.replace('HOST', request.headers.host ?? '')
            const one = { href, method: 'POST', body: { code: { type: 'str' } } }
            const others = [{ href: '/api/v1/login/', method: 'GET' }, 7, null, one]
            response.end(JSON.stringify({ message: 'Login via email OTP', _links: shape === 'list' ? others : one }))
          } else {
            response.statusCode = 404
            response.end('<html>')
          }
        })
        const { clouds, close } = bridge(t, url, { accounts: [{ provider: 'bearer' }], dataDir: t.testdir() })
        t.match(await clouds.sync(), [{ state: 'code_needed', error: { message: /sent by e-mail/ } }])
        t.match(await clouds.submitCode('home', '123456'), { state: 'ready' }, `${link} as ${shape}, known as ${known}`)
        t.same(seen, [['POST', '{"code":"123456"}']])
        await close()
      }
    }
  }
})

t.test('each refusal has its own words', async (t) => {
  const service = await startBearer(t, { has2fa: true, usernameField: 'email' })
  const account = { provider: 'bearer', url: service.url }
  const login = async (more: object) => {
    const { clouds, close } = bridge(t, service.url, { accounts: [{ ...account, ...more }], dataDir: t.testdir() })
    const [view] = await clouds.sync()
    await close()
    return view
  }
  t.match(await login({}), { state: 'auth_failed', error: { message: /set username_field of the account to email/ } })
  t.match(await login({ username_field: 'email' }), { state: 'code_needed' })
  t.match(await login({ username_field: 'email', password: 'wrong one' }), {
    state: 'auth_failed',
    error: { code: 'CLOUD_AUTH', message: /refuses the user name or password \(401\)/ },
  })
  service.quirks.blocked = true
  t.match(await login({ username_field: 'email' }), {
    state: 'auth_failed',
    error: { message: /does not let this account in \(403\)/ },
  })
  service.quirks.slash = 'without'
  service.quirks.blocked = false
  t.match(await login({ username_field: 'email' }), { state: 'code_needed' }, 'its paths have no last slash')
  service.quirks.slash = 'redirect'
  t.match(await login({ username_field: 'email' }), { state: 'code_needed' })
  t.match(await login({ url: `${service.url}/elsewhere` }), {
    state: 'unreachable',
    error: { message: /no login at this address \(404\)/ },
  })
})

t.test('wrong, missing, expired and forgotten codes', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { has2fa: true, clock })
  const { clouds, view } = bridge(t, service.url, { clock, accounts: [{ provider: 'bearer' }] })
  const wrong = (message: RegExp) => t.rejects(clouds.submitCode('home', '00000x'), { code: 'CLOUD_AUTH', message })
  await clouds.sync()
  for (let errors = 0; errors < 3; errors++) await wrong(/this code is wrong \(401\)/)
  service.faults.push({ on: 'code', fault: { status: 400 } })
  await wrong(/found no code.*\(400\)/)
  service.faults.push({ on: 'code', fault: { status: 418 } })
  await t.rejects(clouds.submitCode('home', '00000x'), { code: 'CLOUD_UNREACHABLE', message: /code with 418/ })
  service.faults.push({ on: 'code', fault: 'wrong-shape' })
  await t.rejects(clouds.submitCode('home', '00000x'), { code: 'CLOUD_UNREACHABLE', message: /no valid token/ })
  t.equal(service.mails.length, 1)
  await wrong(/no more codes for this sign-in \(403\)/)
  t.match(view(), { state: 'code_needed' }, 'a new code is sent at once, while the person is there')
  t.equal(service.mails.length, 2)
  service.forgetLogins()
  await wrong(/no longer knows the sign-in.*\(410\)/)
  t.match(view(), { state: 'auth_failed', error: { message: /less than an hour ago.*[Ss]ign in by hand/ } })
  t.equal(service.mails.length, 2, 'no third one within the hour, unless asked for')
  await t.rejects(clouds.submitCode('home', '123456'), { code: 'BAD_REQUEST', message: /not waiting for a code/ })
  for (let minutes = 0; minutes < 58; minutes++) await clock.advance(60_000)
  t.equal(service.mails.length, 2)
  await clock.advance(180_000)
  await until(() => view().state === 'code_needed')
  t.equal(service.mails.length, 3)
  await clock.advance(11 * 60_000)
  await wrong(/the code expired/)
  t.equal(service.mails.length, 3)
  t.match(await clouds.login('home'), { state: 'code_needed' }, 'on demand')
  t.match(await clouds.submitCode('home', service.mails.at(-1) ?? ''), { state: 'ready' })
})

t.test('a link to another server is not followed, and not asked for again within the hour', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { has2fa: true, links: 'foreign', clock })
  const { clouds, view } = bridge(t, service.url, { clock, accounts: [{ provider: 'bearer' }] })
  clouds.start()
  await until(() => view().state === 'auth_failed')
  t.match(view().error, { message: /link for the code leads to another server/ })
  for (let minutes = 0; minutes < 58; minutes++) await clock.advance(60_000)
  t.equal(service.mails.length, 1)
  service.quirks.links = 'absolute'
  t.match(await clouds.login('home'), { state: 'code_needed' })
  t.match(await clouds.submitCode('home', service.mails.at(-1) ?? ''), { state: 'ready' })
})

t.test('answers that never come send no heap of codes', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { has2fa: true, clock })
  const accounts = [{ provider: 'bearer', devices: DEVICES }]
  const { clouds, view } = bridge(t, service.url, { clock, accounts })
  await clouds.sync()
  await clouds.submitCode('home', service.mails[0] ?? '')
  service.revokeTokens()
  service.fault = { on: 'login', fault: 'cut' }
  const before = service.asked('login')
  await clouds.refreshKeys(SERIAL, [])
  t.match(view(), { state: 'unreachable' })
  for (let minutes = 0; minutes < 170; minutes++) {
    await clock.advance(60_000)
    await until(() => clock.waiting > 0)
  }
  t.equal(service.asked('login') - before, 3, 'once an hour')
  service.fault = undefined
  t.match(await clouds.sync(), [{ state: 'code_needed' }], 'and on demand')
})

t.test('a token is renewed before its end, with the old refresh token or the new one, without a login', async (t) => {
  for (const refresh of ['keep', 'rotate'] as const) {
    const clock = new FakeClock()
    const service = await startBearer(t, { has2fa: true, lifetime: 3600, refresh, clock })
    const accounts = [{ provider: 'bearer', devices: DEVICES }]
    const dataDir = t.testdir()
    const first = bridge(t, service.url, { clock, accounts, dataDir })
    await first.clouds.sync()
    await first.clouds.submitCode('home', service.mails[0] ?? '')
    for (let renewals = 1; renewals <= 3; renewals++) {
      await clock.advance(3540_000)
      await until(() => service.asked('refresh') === renewals && clock.waiting > 0)
    }
    service.revokeTokens({ refresh: false })
    t.match(await first.clouds.sync(), [{ state: 'ready' }], 'and after a 401')
    t.equal(service.asked('refresh'), 4)
    await first.close()
    const second = bridge(t, service.url, { clock, accounts, dataDir })
    await clock.advance(5 * HOUR)
    t.match(await second.clouds.sync(), [{ state: 'ready' }], 'renewed after a restart')
    t.match(second.store.keys.of(SERIAL), [{ key: KEY }])
    t.equal(service.asked('login'), 1)
    service.revokeTokens()
    t.match(await second.clouds.sync(), [{ state: 'code_needed' }])
    await second.close()
  }
})

t.test('a host whose clock is wrong renews no more than others', async (t) => {
  for (const skew of [24 * HOUR, -24 * HOUR]) {
    const theirs = new FakeClock()
    const clock = new FakeClock(theirs.now() + skew)
    const service = await startBearer(t, { lifetime: 3600, refresh: 'keep', clock: theirs })
    const { clouds, close } = bridge(t, service.url, {
      clock,
      accounts: [{ provider: 'bearer', devices: DEVICES }],
      dataDir: t.testdir(),
    })
    for (let syncs = 0; syncs < 3; syncs++) t.match(await clouds.sync(), [{ state: 'ready' }])
    t.equal(service.asked('refresh'), 0)
    t.equal(service.asked('login'), 1)
    await close()
  }
})

t.test('what renews and revokes may be missing, or be something else', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { clock, refresh: 'none' })
  const { clouds, view } = bridge(t, service.url, { clock, accounts: [{ provider: 'bearer', devices: DEVICES }] })
  await clouds.sync()
  service.revokeTokens()
  t.match(await clouds.sync(), [{ state: 'ready' }], 'the password is used where nothing renews')
  t.equal(service.logins, 2)
  service.quirks.refresh = 'rotate'
  for (const fault of ['bad-json', 'wrong-shape', { redirect: '/' }, { status: 403 }] as const) {
    service.revokeTokens()
    service.faults.push({ on: 'refresh', fault })
    t.match(await clouds.sync(), [{ state: 'ready' }])
  }
  t.equal(service.logins, 6)
  service.revokeTokens()
  service.faults.push({ on: 'refresh', fault: { status: 500 } })
  t.match(await clouds.sync(), [{ state: 'unreachable' }])
  t.equal(service.logins, 6, 'an outage is no refusal')
  t.match(await clouds.sync(), [{ state: 'ready' }])
  service.quirks.logout = true
  const before = service.sessions
  t.match(await clouds.logout('home'), { state: 'signed_out', error: null })
  t.equal(service.sessions, before - 1, 'revoked')
  t.match(view(), { state: 'signed_out' })
  await t.rejects(clouds.totp('home', 'setup'), { code: 'BAD_REQUEST' })
})

t.test('a link kept for another server is not followed either', async (t) => {
  const { BearerProvider } = await import('../../../src/cloud/services/bearer.ts')
  const { CloudHttp } = await import('../../../src/cloud/http.ts')
  const { SecretValues } = await import('../../../src/core/logging/secrets.ts')
  const clock = new FakeClock()
  const provider = new BearerProvider({
    http: new CloudHttp({ base: new URL('https://cloud.example'), clock }),
    username: EMAIL,
    usernameField: 'username',
    password: PASSWORD,
    codes: { secret: () => undefined, pending: () => undefined, refused: () => false },
    list: undefined,
    clock,
    secrets: new SecretValues(),
  })
  const challenge = { prompt: '', reference: 'https://elsewhere.example/otp/', since: 0 }
  await t.rejects(provider.resume(challenge, '1', new AbortController().signal), { code: 'CLOUD_AUTH', over: true })
})
