import http from 'node:http'
import { fastify } from 'fastify'
import t from 'tap'
import { hashOf, newToken } from '../../../src/api/auth/credentials/tokens.ts'
import { SCOPES, type Scope } from '../../../src/api/auth/ports.ts'
import { listRoutes } from '../../../src/api/routing.ts'
import { signIn } from '../../support/api.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { ask, BASIC, BEARER, codeOf, PASSWORD, type Running, running } from '../support.ts'

/** A request that reaches a route as it is registered. */
const example = (url: string): string =>
  url
    .replace(':action', 'blink')
    .replace('accounts/:id', 'accounts/home')
    .replace('tokens/:id', 'tokens/none')
    .replace('sessions/:id', 'sessions/none')
    .replace(':id', EXAMPLE_SERIAL)
    .replace('*', 'swagger-ui.css')

/** Only the status of an answer: event streams have no end. */
function status(port: number, path: string, method: string, authorization?: string): Promise<number> {
  const headers = { connection: 'close', ...(authorization === undefined ? {} : { authorization }) }
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.once('error', reject).end()
  })
}

/** Makes an API token; `null` never expires. */
function apiToken({ store }: Running, scopes: readonly Scope[], expires: number | null = null): string {
  const token = newToken('api')
  const id = token.slice(-10)
  store.apiTokens.add({ id, name: scopes.join(), scopes, createdBy: 'admin', expires }, hashOf(token))
  return token
}

/** Routes that anybody may ask: health, the page, and the way in. */
const OPEN = /^\/(healthz|readyz|assets\/\*)?$|^\/api\/v1\/(login|login\/ways|token\/refresh|auth\/totp\/verify)$/

t.test('every route × who asks', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  t.ok(api.routes.length > 30, 'the list is not empty')
  const scoped = SCOPES.map((scope) => [scope, `Bearer ${apiToken(api, [scope])}`] as const)
  const expired = `Bearer ${apiToken(api, SCOPES, api.clock.now() - 1)}`
  const revokedToken = apiToken(api, SCOPES)
  t.ok(api.access.apiTokens.revoke(revokedToken.slice(-10)))
  const url = `http://127.0.0.1:${api.port}`
  const over = await signIn(url, PASSWORD)
  t.equal(await status(api.port, '/api/v1/logout', 'POST', over.authorization), 200)
  const strangers: readonly (readonly [string, string | undefined])[] = [
    ['nobody', undefined],
    ['the password', `Bearer ${Buffer.from(PASSWORD).toString('latin1')}`],
    ['a forged API token', `Bearer ${newToken('api')}`],
    ['a forged access token', `Bearer ${newToken('access')}`],
    ['an expired token', expired],
    ['a revoked token', `Bearer ${revokedToken}`],
    ['a session that was ended', over.authorization],
    ['JSON without a signature', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'],
    ['wrong Basic', `Basic ${btoa('admin:wrong')}`],
  ]
  const wrong: string[] = []
  for (const { method, url: pattern, scope, session, basic } of api.routes) {
    const path = example(pattern)
    const holds = (what: string, right: boolean) => right || wrong.push(`${method} ${pattern}: ${what}`)
    const asked = async (who: string, authorization: string | undefined, wanted: number) => {
      const answer = await status(api.port, path, method, authorization)
      holds(`${who} gets ${answer}`, answer === wanted)
    }
    holds(`its scope is ${scope}`, (scope === 'open') === OPEN.test(pattern))
    if (scope === 'open') continue
    const calls = api.devices.calls.length + api.accounts.calls.length
    for (const [who, authorization] of strangers) {
      // So that tries don't add up.
      if (authorization?.startsWith('Basic')) await api.clock.advance(3_600_000)
      await asked(who, authorization, 401)
    }
    for (const [granted, authorization] of scoped) {
      const may = granted === scope && !session
      if (!may) await asked(`a token for ${granted}`, authorization, 403)
    }
    const withPassword = await status(api.port, path, method, BASIC)
    holds(`name and password get ${withPassword}`, basic ? withPassword < 400 : withPassword === 401)
    holds('Basic does more than read', !basic || scope === 'read')
    holds('Basic changes something', !basic || method === 'GET' || method === 'HEAD')
    holds('it did something by now', api.devices.calls.length + api.accounts.calls.length === calls)
    const token = scoped.find(([granted]) => granted === scope)?.[1]
    const good = session ? (await signIn(url, PASSWORD)).authorization : token
    const answer = await status(api.port, path, method, good)
    holds(`who may gets ${answer}`, answer < 400 || answer === 400 || answer === 404)
  }
  t.strictSame(wrong, [])
})

t.test('a route that says no scope keeps the server from starting', async (t) => {
  const app = fastify()
  const routes = listRoutes(app)
  t.throws(() => app.get('/open', async () => 'to all'), /does not say which scope/)
  app.get('/fine', { config: { scope: 'admin' } }, async () => 'to some')
  t.match(routes, [{ method: 'GET', url: '/fine', scope: 'admin' }, { method: 'HEAD' }])
  await app.close()
})

t.test('each scope is needed by itself, and the answer names it', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const authorization = `Bearer ${apiToken(api, ['admin'])}`
  for (const [scope, method, path] of [
    ['read', 'GET', '/api/v1/devices'],
    ['control', 'POST', `/api/v1/devices/${EXAMPLE_SERIAL}/actions/blink`],
  ] as const) {
    const answer = await ask(api.port, path, { method, authorization })
    t.match(answer, { status: 403, json: { error: { code: 'FORBIDDEN', details: { scope } } } })
  }
  const answer = await ask(api.port, '/api/v1/tokens', { method: 'POST', authorization, body: '{}' })
  t.match(answer, { status: 403, json: { error: { details: { session: true } } } })
})

t.test('forms of credentials', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const get = async (authorization: string | null, path = '/metrics') => {
    await api.clock.advance(3_600_000)
    return (await ask(api.port, path, { authorization })).status
  }
  const token = BEARER.slice('Bearer '.length)
  const good = [
    BEARER,
    BEARER.replace('Bearer', 'bearer'),
    BEARER.replace('Bearer', 'BEARER '),
    BASIC,
    BASIC.replace('Basic', 'basic'),
    `Basic ${Buffer.from(`ADMIN:${PASSWORD}`).toString('base64')}`,
    `Basic ${btoa(`anybody:${token}`)}`,
  ]
  for (const authorization of good) t.equal(await get(authorization), 200, authorization)
  const bad = [
    null,
    '',
    'Bearer',
    'Bearer ',
    'Basic',
    `Basic ${btoa('no colon')}`,
    'Basic %%%',
    `Basic ${Buffer.from(`:${PASSWORD}`).toString('base64')}`,
    `Basic ${Buffer.from(`nobody:${PASSWORD}`).toString('base64')}`,
    `${BEARER}x`,
    BEARER.slice(0, -1),
    `${BEARER} ${token}`,
    `Bearer ${'x'.repeat(8000)}`,
    BASIC.replace('Basic', 'Bearer'),
    BEARER.replace('Bearer', 'Basic'),
    'Digest username="admin"',
  ]
  for (const authorization of bad) t.equal(await get(authorization), 401, String(authorization))
  t.equal((await ask(api.port, `/metrics?token=${token}`, { authorization: null })).status, 401, 'never in an address')
  t.equal((await ask(api.port, '/metrics', { authorization: null, headers: { cookie: `token=${token}` } })).status, 401)
})

t.test('only where Basic opens something is a browser told to ask for a password', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const challenge = async (path: string) =>
    String((await ask(api.port, path, { authorization: null })).headers['www-authenticate'])
  for (const path of ['/docs/', '/docs/json', '/metrics', '/openapi.json']) {
    t.match(await challenge(path), 'Basic realm="thermo2mqtt", charset="UTF-8"', path)
  }
  for (const path of ['/api/v1/devices', '/api/v1/nothing'])
    t.equal(await challenge(path), 'Bearer realm="thermo2mqtt"')
  t.match((await ask(api.port, '/api/v1/devices', { authorization: BEARER.replace(/.$/, 'x') })).json, {
    error: { code: 'UNAUTHORIZED', message: /not known/ },
  })
  t.match((await ask(api.port, '/api/v1/devices', { authorization: 'Bearer mypassword' })).json, {
    error: { message: /not a token.*POST \/api\/v1\/login/ },
  })
})

t.test('what is not there is not told to strangers', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (const [path, method] of [
    ['/api/v1/nothing', 'GET'],
    ['/api/v1/devices', 'DELETE'],
    ['/api/v1/devices', 'OPTIONS'],
  ] as const) {
    t.equal((await ask(api.port, path, { method, authorization: null })).status, 401, `${method} ${path}`)
  }
})

t.test('a right password of Basic is not hashed for each request, and not remembered when it changes', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const users = api.store.users
  t.ok(
    users.add(
      'olga',
      await new (await import('../../../src/api/auth/credentials/passwords.ts')).Passwords({
        logN: 4,
        r: 8,
        p: 1,
      }).hash('first-password'),
    ),
  )
  const get = async (password: string) =>
    (await ask(api.port, '/metrics', { authorization: `Basic ${btoa(`olga:${password}`)}` })).status
  for (let i = 0; i < 20; i++) t.equal(await get('first-password'), 200)
  const id = users.byName('olga')?.id ?? 0
  users.setPassword(id, 'scrypt$4$8$1$AAAA$AAAA')
  t.equal(await get('first-password'), 401, 'a hash that is none opens nothing')
  users.remove(id)
  t.equal(await get('first-password'), 401)
})

t.test('guesses with Basic are limited; tokens are no guesses', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (let i = 0; i < 50; i++) {
    t.equal((await ask(api.port, '/metrics', { authorization: `Bearer ${newToken('api')}` })).status, 401)
  }
  const wrong = () => ask(api.port, '/metrics', { authorization: `Basic ${btoa('admin:guess')}` })
  for (let i = 0; i < 5; i++) t.equal((await wrong()).status, 401)
  const limited = await wrong()
  t.equal(limited.status, 429)
  t.equal(codeOf(limited), 'RATE_LIMITED')
  t.equal(limited.headers['retry-after'], '1')
  t.equal(
    (await ask(api.port, '/metrics', { authorization: BASIC })).status,
    429,
    'the right one would tell the guesser',
  )
  t.equal((await ask(api.port, '/metrics')).status, 200, 'a token goes on')
  await api.clock.advance(1_000)
  t.equal((await ask(api.port, '/metrics', { authorization: BASIC })).status, 200)
  t.notMatch(JSON.stringify(api.lines), 'guess', 'what was tried is not logged')
})
