import fc from 'fast-check'
import t from 'tap'
import { Pace } from '../../../src/cloud/account/pace.ts'
import { TotpMemory } from '../../../src/cloud/account/totp-memory.ts'
import { CloudHttp } from '../../../src/cloud/http.ts'
import { expiryOf } from '../../../src/cloud/services/tokens.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { HOUR, serve } from '../support.ts'

const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
const answer = (date?: number) => ({ status: 200, body: {}, date })

t.test('the end of a token, by the service’s clock', async (t) => {
  t.equal(expiryOf(jwt({ exp: 1000 }), answer(), 400_000), 1_000_000)
  t.equal(expiryOf(jwt({ exp: 1000 }), answer(900_000), 5_000_000), 5_100_000, 'a host that is ahead')
  t.equal(expiryOf(jwt({ exp: 1000 }), answer(1_000_000), 0), undefined, 'over already')
  for (const claims of [{}, { exp: '1' }, { exp: null }, [], 'x', null]) {
    t.equal(expiryOf(jwt(claims), answer(), 0), undefined)
  }
  for (const token of ['', 'x', 'a.b', 'a.b.c.d', '..', 'a.%%%.c']) t.equal(expiryOf(token, answer(), 0), undefined)
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), fc.nat(), (text, claims, now) => {
      expiryOf(text, answer(), now)
      const end = expiryOf(jwt(claims), answer(), now)
      return end === undefined || end > now
    }),
  )
  fc.assert(fc.property(fc.double(), fc.nat(), (exp, now) => (expiryOf(jwt({ exp }), answer(), now) ?? now + 1) > now))
})

t.test('either form of a path; an answer without a body where none is needed', async (t) => {
  const seen: (string | undefined)[] = []
  const url = await serve(t, (request, response) => {
    seen.push(request.url)
    const answers: Record<string, () => void> = {
      '/with/': () => response.end('{}'),
      '/with': () => response.writeHead(301, { location: '/with/' }).end(),
      '/without': () => response.end('{}'),
      '/circle': () => response.writeHead(301, { location: '/circle/' }).end(),
      '/circle/': () => response.writeHead(301, { location: '/circle' }).end(),
      '/back': () => response.writeHead(404).end('{"detail":"none"}'),
      '/back/': () => response.writeHead(301, { location: '/back' }).end(),
      '/empty': () => response.writeHead(204).end(),
      '/query/': () => response.end(JSON.stringify({ url: request.url })),
    }
    const found = answers[request.url?.split('?')[0] ?? '']
    if (found) found()
    else response.writeHead(404).end()
  })
  const http = new CloudHttp({ base: new URL(url), clock: new FakeClock() })
  const { signal } = new AbortController()
  const send = (target: string, more: object = {}) =>
    http.send({ method: 'POST', target, eitherSlash: true, ...more }, signal)
  for (const path of ['/with', '/with/', '/without', '/without/']) t.match(await send(path), { status: 200 }, path)
  t.match(await send('/query', { query: { a: 'b' } }), { body: { url: '/query/?a=b' } })
  t.match(await send('/nothing'), { status: 404 })
  t.match(await send('/back'), { status: 404, body: { detail: 'none' } })
  await t.rejects(send('/circle'), { code: 'CLOUD_UNREACHABLE', message: /redirect/ })
  await t.rejects(send('/with', { eitherSlash: false }), { code: 'CLOUD_UNREACHABLE', message: /redirect/ })
  await t.rejects(send('/empty'), { message: /empty/ })
  t.match(await send('/empty', { bodyOptional: true }), { status: 204, body: undefined })
})

t.test('links are followed on the account’s own server alone', async (t) => {
  const http = new CloudHttp({ base: new URL('https://cloud.example/api'), clock: new FakeClock() })
  const from = http.base
  t.equal(http.follow('/otp/?a=1', from)?.href, 'https://cloud.example/otp/?a=1')
  t.equal(http.follow('otp', from)?.href, 'https://cloud.example/otp')
  t.equal(http.follow('http://cloud.example/otp', from)?.href, 'https://cloud.example/otp', 'behind a TLS proxy')
  const elsewhere = [
    'https://other.example/otp',
    '//other.example/otp',
    'https://cloud.example.other.example/',
    'https://cloud.example@other.example/',
    'https://cloud.example:444/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://[',
    null,
    7,
  ]
  for (const link of elsewhere) t.equal(http.follow(link, from), undefined, String(link))
  fc.assert(
    fc.property(fc.webUrl(), (link) => {
      const url = http.follow(link, from)
      return url === undefined || url.origin === 'https://cloud.example'
    }),
  )
})

t.test('sessions that end are renewed in time, but not all the time', async (t) => {
  const pace = new Pace({ syncInterval: 6 * HOUR, clock: new FakeClock(), random: () => 0 })
  t.equal(pace.next('ready', 0, undefined), 6 * HOUR)
  t.equal(pace.next('ready', 0, HOUR), HOUR)
  t.equal(pace.next('ready', 0, 24 * HOUR), 6 * HOUR)
  t.equal(pace.next('ready', 0, -5), 300_000)
  t.equal(pace.next('auth_failed', 0, undefined), 60_000)
  t.equal(pace.next('auth_failed', 5_000, undefined), 5_000)
})

t.test('the kept second factor: whose it is, which secret counts, and what is damaged', async (t) => {
  const values = new Map<string, string>()
  const store = {
    getSecret: (name: string) => values.get(name),
    setSecret: (name: string, value: string) => void values.set(name, value),
    delete: (name: string) => void values.delete(name),
  }
  const memory = (configured?: string, identity = 'me') =>
    new TotpMemory({ store, account: 'home', identity, configured, secrets: new SecretValues() })
  t.equal(memory().secret(), undefined)
  t.equal(memory('CONFIGURED').secret(), 'CONFIGURED')
  memory().activate([])
  t.equal(values.size, 0, 'nothing to activate')
  memory('CONFIGURED').begin('NEW')
  t.equal(memory('CONFIGURED').secret(), 'CONFIGURED', 'not before it is active')
  t.equal(memory('CONFIGURED').pending(), 'NEW')
  t.equal(memory('CONFIGURED').refused(), false)
  memory('CONFIGURED').activate(['r1'])
  t.equal(memory('CONFIGURED').pending(), undefined)
  t.equal(memory('CONFIGURED').secret(), 'NEW')
  t.equal(memory('CORRECTED').secret(), 'CORRECTED', 'the settings were set right since')
  t.equal(memory('CONFIGURED', 'somebody else').secret(), 'CONFIGURED')
  t.equal(memory('CONFIGURED').refused(), true)
  t.equal(memory('CONFIGURED').secret(), 'CONFIGURED')
  t.match(values.get('cloud.totp.home'), /r1/, 'the recovery codes stay')
  memory().forget()
  t.equal(values.size, 0)
  fc.assert(
    fc.property(fc.jsonValue(), (stored) => {
      values.set('cloud.totp.home', JSON.stringify(stored))
      return memory().secret() === undefined && memory().pending() === undefined
    }),
  )
  values.set('cloud.totp.home', JSON.stringify({ identity: 'me', secret: 'S', active: true, recoveryCodes: [1, 'a'] }))
  t.equal(memory().secret(), 'S')
  values.set('cloud.totp.home', JSON.stringify({ identity: 'me', secret: 'S', active: true, recoveryCodes: 5 }))
  t.equal(memory().secret(), 'S')
})
