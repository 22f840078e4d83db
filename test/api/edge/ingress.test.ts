/** Who is signed in at Home Assistant, whose ingress asks from 127.0.0.2 here. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { IngressSettings } from '../../../src/api/edge/ingress.ts'
import { type Ask, ask, codeOf, running } from '../support.ts'

const PROXY = '127.0.0.2'
const ME = '0123456789abcdef0123456789abcdef'
const olena = { 'X-Remote-User-Id': ME, 'X-Remote-User-Name': 'olena', 'X-Remote-User-Display-Name': 'Olena K.' }

const through = (headers: Record<string, string>, more: Ask = {}): Ask => ({
  authorization: 'Ingress',
  localAddress: PROXY,
  ...more,
  headers,
})

const EVERYBODY: IngressSettings = { proxy: PROXY, users: [], role: 'administer', administrators: [] }

async function bridge(t: Test, users: readonly string[] = [], others: Partial<IngressSettings> = {}) {
  const page = t.testdir({ 'index.html': '<p>the page</p>' })
  const api = await running({ ingress: { ...EVERYBODY, users, ...others }, page })
  t.teardown(api.close)
  const who = async (options: Ask) => Object((await ask(api.port, '/api/v1/me', options)).json).name ?? null
  return { ...api, who }
}

t.test('who is signed in there is signed in here, for everything but what asks for a password', async (t) => {
  const api = await bridge(t)
  const me = await ask(api.port, '/api/v1/me', through(olena))
  t.match(me.json, { name: 'homeassistant:olena', via: 'ingress', scopes: ['read', 'control', 'admin'], user: null })
  t.same((await ask(api.port, '/api/v1/login/ways', through(olena, { authorization: null }))).json, {
    ingress: { name: 'olena' },
  })
  const body = JSON.stringify({ name: 'grafana', scopes: ['read'] })
  t.equal((await ask(api.port, '/api/v1/tokens', through(olena, { method: 'POST', body }))).status, 201)
  t.match((await ask(api.port, '/api/v1/audit', through(olena))).json, {
    entries: [{ who: 'homeassistant:olena', via: 'ingress', action: 'createToken', outcome: 'ok' }],
  })
  const backup = JSON.stringify({ passphrase: 'four words and then some', password: 'x' })
  const refused = await ask(api.port, '/api/v1/backup', through(olena, { method: 'POST', body: backup }))
  t.match([refused.status, refused.json], [403, { error: { code: 'FORBIDDEN', details: { reason: 'ingress' } } }])
  t.equal((await ask(api.port, '/api/v1/auth/totp/setup', through(olena, { method: 'POST' }))).status, 403)
  t.equal((await ask(api.port, '/api/v1/logout', through(olena, { method: 'POST' }))).status, 200)
})

t.test('names as Home Assistant has them', async (t) => {
  const { who } = await bridge(t)
  const utf8 = (text: string) => Buffer.from(text).toString('latin1')
  t.equal(await who(through({ 'X-Remote-User-Id': ME })), `homeassistant:${ME}`)
  t.equal(
    await who(through({ 'X-Remote-User-Id': ME, 'X-Remote-User-Display-Name': utf8('Олена') })),
    'homeassistant:Олена',
  )
  const long = await who(through({ ...olena, 'X-Remote-User-Name': `\u009bo${'l'.repeat(500)}` }))
  t.match(long, /^homeassistant:.?ol{60,63}$/)
  const pairs = await who(through({ ...olena, 'X-Remote-User-Name': utf8(`o${'😀'.repeat(99)}`) }))
  t.equal(pairs, `homeassistant:o${'😀'.repeat(63)}`, 'no letter is cut in two')
})

t.test('forged headers get nowhere', async (t) => {
  const api = await bridge(t)
  const rows: readonly [string, Ask][] = [
    ['from another address', { ...through(olena), localAddress: '127.0.0.3' }],
    ['from this machine', { ...through(olena), localAddress: '127.0.0.1' }],
    ['as if forwarded by the proxy', { ...through({ ...olena, 'X-Forwarded-For': PROXY }), localAddress: '127.0.0.3' }],
    ['through the proxy, but of nobody', through({})],
    ['without an id', through({ 'X-Remote-User-Name': 'olena' })],
    ['with an id that is none', through({ ...olena, 'X-Remote-User-Id': 'a b' })],
    ['in letters that the proxy lets pass', through({ 'x-remote-user-id': ME })],
    ['beside what the proxy says', through({ 'X-Remote-User-Id': ME, 'x-remote-user-name': 'admin' })],
    ['beside what the proxy says, twice', through({ ...olena, 'x-Remote-user-id': ME })],
  ]
  for (const [what, options] of rows) {
    t.match(await ask(api.port, '/api/v1/me', options), { status: 401 }, what)
    t.same(
      (await ask(api.port, '/api/v1/login/ways', { ...options, authorization: null })).json,
      { ingress: null },
      what,
    )
  }
  t.equal(api.lines.filter(({ msg }) => /did not write/.test(String(msg))).length, 1, 'told once')
})

t.test('headers that are there twice are believed in neither form', async (t) => {
  const { port } = await bridge(t)
  const answer = async (...headers: readonly string[]) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: PROXY })
    const lines = ['GET /openapi.json HTTP/1.1', 'Host: a', 'Authorization: Ingress', 'Connection: close', ...headers]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    return await text(socket)
  }
  const [me, path] = [`X-Remote-User-Id: ${ME}`, 'X-Ingress-Path: /api/hassio_ingress/a']
  t.match(await answer(me, path), /^HTTP\/1.1 200 .*"servers":\[\{"url":"\/api\/hassio_ingress\/a"\}\]/s)
  t.match(await answer(me, 'x-ingress-path: /evil', path), /^HTTP\/1.1 200 .*"servers":\[\{"url":"\/"\}\]/s)
  t.match(await answer(me, me), /^HTTP\/1.1 401 /)
  t.match(await answer(me.toLowerCase(), me), /^HTTP\/1.1 401 /)
})

t.test('a believed proxy of another kind can’t pass for it', async (t) => {
  const api = await running({ ingress: EVERYBODY, trustProxy: ['127.0.0.1'] })
  t.teardown(api.close)
  const headers = { ...olena, 'X-Forwarded-For': PROXY, 'X-Forwarded-Host': 'localhost' }
  t.equal((await ask(api.port, '/api/v1/me', { authorization: 'Ingress', headers })).status, 401)
})

t.test('where it is off, nobody is let in by it', async (t) => {
  const api = await running()
  t.teardown(api.close)
  t.equal((await ask(api.port, '/api/v1/me', through(olena))).status, 401)
  t.equal((await ask(api.port, '/docs/', through(olena, { authorization: null }))).status, 401)
  const page = await ask(api.port, '/healthz', through(olena))
  t.equal(page.headers['x-frame-options'], 'DENY')
  t.match(page.headers['content-security-policy'], "frame-ancestors 'none'")
})

t.test('only those named, where some are', async (t) => {
  const { who } = await bridge(t, ['Olena'])
  t.equal(await who(through(olena)), 'homeassistant:olena')
  t.equal(await who(through({ ...olena, 'X-Remote-User-Name': 'petro' })), null)
  t.equal(
    await who(through({ 'X-Remote-User-Id': ME, 'X-Remote-User-Display-Name': 'olena' })),
    null,
    'names can be chosen',
  )
  for (const alike of ['ole\u200bna', 'ole\u00adna', '\u202eolena', 'olena\u2028']) {
    const name = Buffer.from(alike).toString('latin1')
    t.equal(await who(through({ ...olena, 'X-Remote-User-Name': name })), null, 'one that looks the same')
  }
})

t.test('everybody else signs in as before, also through it', async (t) => {
  const api = await bridge(t)
  t.equal((await ask(api.port, '/api/v1/devices')).status, 200, 'an API token from elsewhere')
  t.match((await ask(api.port, '/api/v1/me', { ...through(olena), authorization: 'Bearer t2m_wrong' })).status, 401)
  const body = JSON.stringify({ username: 'admin', password: 'wrong password' })
  const wrong = await ask(api.port, '/api/v1/login', through(olena, { method: 'POST', body, authorization: null }))
  t.match([wrong.status, codeOf(wrong)], [401, 'UNAUTHORIZED'], 'a password is one')
})

t.test('what a browser adds by itself only looks', async (t) => {
  const api = await bridge(t)
  const alone = through(olena, { authorization: null })
  t.equal((await ask(api.port, '/docs/', alone)).status, 200)
  t.equal((await ask(api.port, '/metrics', alone)).status, 200)
  t.equal((await ask(api.port, '/api/v1/devices', alone)).status, 401)
  const credentials = {
    authorization: undefined,
    signedIn: { name: 'olena', account: 'olena', role: 'administer' as const },
    address: PROXY,
    basic: true,
  }
  t.same([...(await api.access.authenticator.authenticate(credentials)).scopes], ['read'])
  const refresh = '/api/v1/cloud/accounts/home/sync'
  t.equal(
    (await ask(api.port, refresh, { ...alone, method: 'POST' })).status,
    401,
    'nothing that another page can send',
  )
})

t.test('framed by its own origin, through it alone; under whatever name; with the path that it says', async (t) => {
  const api = await bridge(t)
  const frames = async (options: Ask) => {
    const { headers } = await ask(api.port, '/', options)
    const policy = /frame-ancestors ([^;]*)/.exec(String(headers['content-security-policy']))?.[1]
    return [headers['x-frame-options'], policy]
  }
  t.same(await frames(through(olena)), ['SAMEORIGIN', "'self'"])
  t.same(await frames({ authorization: null }), ['DENY', "'none'"])
  t.same(await frames({ authorization: null, headers: olena }), ['DENY', "'none'"])

  const host = { Host: 'house.example' }
  t.equal((await ask(api.port, '/api/v1/me', through({ ...olena, ...host }))).status, 200)
  t.equal((await ask(api.port, '/', { authorization: null, headers: { ...olena, ...host } })).status, 421)

  const servers = async (options: Ask) => Object((await ask(api.port, '/openapi.json', options)).json).servers
  const path = { 'X-Ingress-Path': '/api/hassio_ingress/mQ-7_x' }
  t.same(await servers(through({ ...olena, ...path })), [{ url: '/api/hassio_ingress/mQ-7_x' }])
  t.same(await servers({ headers: path }), [{ url: '/' }], 'not from elsewhere')
  for (const wrong of ['//evil.example', '/..', '/a/../../b', '/.', '/a/', '/"><script>', `/${'a/'.repeat(20)}a`]) {
    t.same(await servers(through({ ...olena, 'X-Ingress-Path': wrong })), [{ url: '/' }], wrong)
  }
  t.same(await servers(through({ ...olena, 'X-Ingress-Path': '/.well/..x' })), [{ url: '/.well/..x' }])
})

t.test('an event stream is not let in for good', async (t) => {
  const { access, clock } = await bridge(t)
  const credentials = {
    authorization: 'Ingress',
    signedIn: { name: 'olena', account: 'olena', role: 'administer' as const },
    address: PROXY,
    basic: false,
  }
  const identity = await access.authenticator.authenticate(credentials)
  t.ok(access.authenticator.holds(identity))
  await clock.advance(15 * 60_000 - 1)
  t.ok(access.authenticator.holds(identity))
  await clock.advance(1)
  t.notOk(access.authenticator.holds(identity))
})

t.test('roles: one for all who come, and those who administer by name', async (t) => {
  const api = await bridge(t, [], { role: 'look', administrators: ['Taras'] })
  const as = async (name: string, path = '/api/v1/me', method = 'GET') =>
    ask(api.port, path, through({ ...olena, 'X-Remote-User-Name': name }, { method }))
  t.match((await as('olena')).json, { role: 'look', scopes: ['read'] })
  t.match((await as('taras')).json, { role: 'administer', scopes: ['read', 'control', 'admin'] })
  t.equal((await as('taras2')).status, 200)
  t.match(await as('taras2', '/api/v1/settings'), {
    status: 403,
    json: { error: { details: { reason: 'role', role: 'look', needed: 'administer' } } },
  })
  t.match((await as('olena', '/api/v1/login/ways')).json, { ingress: { name: 'olena' } })
})
