import { fastify } from 'fastify'
import t from 'tap'
import { AdminPassword, type Scope } from '../../src/api/auth.ts'
import { FailureLimit } from '../../src/api/failure-limit.ts'
import { listRoutes } from '../../src/api/routing.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type Ask, ask, BASIC, BEARER, codeOf, fakes, PASSWORD, running } from './support.ts'

/** A request that reaches a route as it is registered. */
const example = (url: string): string =>
  url
    .replace(':action', 'blink')
    .replace('accounts/:id', 'accounts/home')
    .replace(':id', EXAMPLE_SERIAL)
    .replace('*', 'swagger-ui.css')

/** Only the head of an answer: event streams have no end. */
async function head(
  port: number,
  path: string,
  options: { method: string; authorization?: string },
): Promise<Response> {
  const { method, authorization } = options
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    redirect: 'manual',
    headers: { connection: 'close', ...(authorization === undefined ? {} : { authorization }) },
  })
  await response.body?.cancel()
  return response
}

t.test('every route × who asks', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  t.ok(api.routes.length > 15, 'the list is not empty')
  for (const { method, url, scope } of api.routes) {
    const path = example(url)
    const status = async (authorization?: string) => {
      await api.clock.advance(60_000)
      return (await head(api.port, path, { method, ...(authorization === undefined ? {} : { authorization }) })).status
    }
    t.test(`${method} ${url}`, async (t) => {
      const open = url === '/healthz' || url === '/readyz'
      t.equal(scope === 'open', open, 'only health is open')
      const calls = api.devices.calls.length + api.accounts.calls.length
      for (const bad of [undefined, 'Bearer wrong', `Basic ${btoa('admin:wrong')}`]) {
        t.equal(await status(bad), open ? 200 : 401, bad ?? 'nobody')
      }
      if (scope !== 'read' && !open) {
        t.equal(await status(BASIC), 403, 'Basic may not change anything')
      } else {
        t.ok((await status(BASIC)) < 400, 'Basic may read')
      }
      t.equal(api.devices.calls.length + api.accounts.calls.length, calls, 'nothing was done so far')
      const good = await status(BEARER)
      t.ok(good < 400 || good === 400 || good === 404, `with the password: ${good}`)
    })
  }
})

t.test('a route that says no scope keeps the server from starting', async (t) => {
  const app = fastify()
  const routes = listRoutes(app)
  t.throws(() => app.get('/open', async () => 'to all'), /does not say which scope/)
  app.get('/fine', { config: { scope: 'admin' } }, async () => 'to some')
  t.match(routes, [{ method: 'GET', url: '/fine', scope: 'admin' }, { method: 'HEAD' }])
  await app.close()
})

t.test('each scope is needed by itself', async (t) => {
  const scopes: Scope[] = []
  const authenticator = { authenticate: async () => ({ name: 'token', scopes: new Set(scopes) }) }
  const api = await running({ authenticator })
  t.teardown(() => api.close())
  api.devices.add()
  const paths: readonly (readonly [Scope, string, Ask])[] = [
    ['read', '/api/v1/devices', {}],
    ['control', `/api/v1/devices/${EXAMPLE_SERIAL}/actions/blink`, { method: 'POST' }],
    ['admin', '/api/v1/cloud/accounts/home/sync', { method: 'POST' }],
  ]
  for (const granted of ['read', 'control', 'admin'] as const) {
    scopes.splice(0, scopes.length, granted)
    for (const [scope, path, options] of paths) {
      const answer = await ask(api.port, path, options)
      t.equal(answer.status, scope === granted ? 200 : 403, `${granted} for ${path}`)
      if (scope !== granted) t.match(answer.json, { error: { code: 'FORBIDDEN', details: { scope } } })
    }
  }
})

t.test('forms of credentials', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const status = async (authorization: string | null) => {
    await api.clock.advance(60_000)
    return (await ask(api.port, '/api/v1/devices', { authorization })).status
  }
  const good = [
    BEARER,
    BEARER.replace('Bearer', 'bearer'),
    BEARER.replace('Bearer', 'BEARER '),
    BASIC,
    BASIC.replace('Basic', 'basic'),
    `Basic ${Buffer.from(`:${PASSWORD}`).toString('base64')}`,
  ]
  for (const authorization of good) t.equal(await status(authorization), 200, authorization)
  const bad = [
    null,
    '',
    'Bearer',
    'Bearer ',
    'Basic',
    `Basic ${btoa('no colon')}`,
    'Basic %%%',
    `Token ${PASSWORD.slice(0, 5)}`,
    `${BEARER}x`,
    BEARER.slice(0, -1),
    `Bearer ${'x'.repeat(8000)}`,
    BASIC.replace('Basic', 'Bearer'),
    BEARER.replace('Bearer', 'Basic'),
    'Digest username="admin"',
  ]
  for (const authorization of bad) t.equal(await status(authorization), 401, String(authorization))
  const answer = await ask(api.port, '/docs', { authorization: null })
  t.equal(codeOf(answer), 'UNAUTHORIZED')
  t.match(answer.headers['www-authenticate'], 'Bearer realm="thermo2mqtt"')
  t.match(answer.headers['www-authenticate'], 'Basic realm="thermo2mqtt", charset="UTF-8"', 'a browser asks its user')
  t.equal(
    (await ask(api.port, `/api/v1/devices?token=${encodeURIComponent(PASSWORD)}`, { authorization: null })).status,
    401,
  )
  t.throws(() => new AdminPassword({ ...fakes(), password: '' }), /empty/)
})

t.test('what is not there is not told to strangers', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (const [path, method] of [
    ['/', 'GET'],
    ['/api/v1/nothing', 'GET'],
    ['/api/v1/devices', 'DELETE'],
    ['/api/v1/devices', 'OPTIONS'],
  ] as const) {
    t.equal((await ask(api.port, path, { method, authorization: null })).status, 401, `${method} ${path}`)
  }
})

t.test('failures are limited per address', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const wrong = () => ask(api.port, '/api/v1/devices', { authorization: 'Bearer guess' })
  for (let i = 0; i < 20; i++) await ask(api.port, '/api/v1/devices', { authorization: null })
  for (let i = 0; i < 10; i++) t.equal((await wrong()).status, 401)
  await api.clock.advance(1_500)
  const limited = await wrong()
  t.equal(limited.status, 429)
  t.equal(codeOf(limited), 'RATE_LIMITED')
  t.equal(limited.headers['retry-after'], '59')
  t.match(limited.json, { error: { details: { retry_after: 59 } } })
  t.equal((await ask(api.port, '/api/v1/devices')).status, 429, 'the right password would tell the guesser')
  t.equal((await ask(api.port, '/healthz', { authorization: null })).status, 200)
  await api.clock.advance(58_500)
  t.equal((await ask(api.port, '/api/v1/devices')).status, 200, 'over after a minute, however often they came')
  const warnings = api.lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg)
  t.same(warnings, ['wrong admin password for the API', 'too many wrong admin passwords: address refused for a while'])
  t.notMatch(JSON.stringify(api.lines), 'guess', 'what was tried is not logged')
})

t.test('addresses', async (t) => {
  const parts = fakes()
  const admin = new AdminPassword({ ...parts, password: PASSWORD })
  const from = (address: string, authorization: string) => admin.authenticate({ address, authorization })
  for (let i = 0; i < 10; i++) await t.rejects(from('2001:db8::1', 'Bearer x'), { code: 'UNAUTHORIZED' })
  await t.rejects(from('2001:db8::ffff:1', BEARER), { code: 'RATE_LIMITED' }, 'one network is one guesser')
  await t.resolves(from('2001:db8:1::1', BEARER), 'another is not')
  for (let i = 0; i < 10; i++) await t.rejects(from('::ffff:192.0.2.1', 'Bearer x'), { code: 'UNAUTHORIZED' })
  await t.rejects(from('192.0.2.1', BEARER), { code: 'RATE_LIMITED' }, 'however it is written')
})

t.test('the limit remembers a bounded number of addresses', async (t) => {
  const clock = new FakeClock()
  const limit = new FailureLimit({ clock, max: 2, windowMs: 1_000, maxKeys: 3 })
  for (const key of ['a', 'a', 'b', 'c']) limit.add(key)
  t.equal(limit.blockedFor('a'), 1_000)
  t.equal(limit.blockedFor('b'), 0)
  t.equal(limit.add('d'), 1, 'the oldest made room')
  t.equal(limit.blockedFor('a'), 0)
  t.equal(limit.add('d'), 2)
  await clock.advance(999)
  t.equal(limit.blockedFor('d'), 1)
  await clock.advance(1)
  t.equal(limit.blockedFor('d'), 0)
  t.equal(limit.add('d'), 1)
})
