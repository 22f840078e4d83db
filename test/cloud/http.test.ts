import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { backoff } from '../../src/cloud/account/backoff.ts'
import { Deferred, retryAfter, unreachable } from '../../src/cloud/failures.ts'
import { CloudHttp, type CloudRequest } from '../../src/cloud/http.ts'
import { cloudAddress } from '../../src/cloud/services/address.ts'
import { addressesOf, SERVICES, targetOf } from '../../src/cloud/services/known.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { bridge, serve } from './support.ts'

const clock = new FakeClock()
const signal = new AbortController().signal
const GET: CloudRequest = { method: 'GET', target: '/list' }

function client(url: string, options: { maxBytes?: number } = {}): CloudHttp {
  return new CloudHttp({ base: new URL(url), clock, ...options })
}

t.test('sends JSON, forms, queries and headers, and gives JSON back', async (t) => {
  const url = await serve(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method, headers } = request
    response.end(
      JSON.stringify({ method, url: request.url, type: headers['content-type'], proof: headers.proof, body }),
    )
  })
  const http = client(`${url}/base/`)
  t.match(await http.send({ method: 'POST', target: '/login/', json: { a: 'ü' }, headers: { proof: 'x' } }, signal), {
    status: 200,
    body: { method: 'POST', url: '/base/login/', type: 'application/json', proof: 'x', body: '{"a":"ü"}' },
  })
  t.match(await http.send({ method: 'POST', target: '/f', form: { user: 'a b', pass: '&' } }, signal), {
    body: { url: '/base/f', type: 'application/x-www-form-urlencoded', body: 'user=a+b&pass=%26' },
  })
  t.match(await http.send({ method: 'GET', target: '/f?x=1', query: { key: 'a/b' } }, signal), {
    body: { method: 'GET', url: '/base/f?x=1&key=a%2Fb' },
  })
})

t.test('4xx are for the login flow to judge, with or without JSON', async (t) => {
  const url = await serve(t, (request, response) => {
    response.statusCode = Number(request.url?.slice(1))
    response.end(response.statusCode === 404 ? '<html>' : '{"detail":"no"}')
  })
  t.match(await client(url).send({ method: 'GET', target: '/401' }, signal), { status: 401, body: { detail: 'no' } })
  t.match(await client(url).send({ method: 'GET', target: '/404' }, signal), { status: 404, body: undefined })
})

t.test('each unusable answer has its own words', async (t) => {
  const url = await serve(t, (request, response) => {
    const answers: Record<string, () => void> = {
      '/html': () => response.setHeader('content-type', 'text/html; charset=x').end('<html>secret-word</html>'),
      '/empty': () => response.end(),
      '/half': () => response.end('{"a":'),
      '/500': () => response.writeHead(500).end('secret-word'),
      '/503': () => response.writeHead(503, { 'retry-after': '120' }).end(),
      '/429': () => response.writeHead(429, { 'retry-after': '30' }).end(),
      '/429-silent': () => response.writeHead(429).end(),
      '/moved': () => response.writeHead(302, { location: 'http://evil.example:81/secret-word' }).end(),
      '/moved-nowhere': () => response.writeHead(302).end(),
      '/moved-badly': () => response.writeHead(302, { location: 'http://[' }).end(),
      '/cut': () => response.socket?.destroy(),
      '/cut-later': () =>
        response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => response.socket?.destroy()),
      '/big': () => response.end(`"${'x'.repeat(2_000)}"`),
      '/endless': () => {
        const more = () => response.write('x'.repeat(500), more)
        more()
      },
    }
    answers[request.url ?? '']?.()
  })
  const cases: [string, object][] = [
    ['/html', { code: 'CLOUD_UNREACHABLE', message: /it is not JSON \(text\/html\)/ }],
    ['/empty', { code: 'CLOUD_UNREACHABLE', message: /it is empty/ }],
    ['/half', { code: 'CLOUD_UNREACHABLE', message: /not JSON \(no content type\)/ }],
    ['/500', { code: 'CLOUD_UNREACHABLE', message: /reports an error \(500\)/, wait: undefined }],
    ['/503', { code: 'CLOUD_UNREACHABLE', wait: 120_000, details: { retry_after: 120 } }],
    ['/429', { code: 'CLOUD_RATE_LIMITED', wait: 30_000, details: { retry_after: 30 } }],
    ['/429-silent', { code: 'CLOUD_RATE_LIMITED', wait: undefined }],
    [
      '/moved',
      { code: 'CLOUD_UNREACHABLE', message: /a redirect \(302\) to evil.example:81, which the bridge does not follow/ },
    ],
    ['/moved-nowhere', { code: 'CLOUD_UNREACHABLE', message: /a redirect \(302\), which/ }],
    ['/moved-badly', { code: 'CLOUD_UNREACHABLE', message: /a redirect \(302\), which/ }],
    ['/cut', { code: 'CLOUD_UNREACHABLE', message: /broke the connection \(ECONNRESET\)/ }],
    ['/cut-later', { code: 'CLOUD_UNREACHABLE' }],
    ['/big', { code: 'CLOUD_UNREACHABLE', message: /more than 1000 bytes/ }],
    ['/endless', { code: 'CLOUD_UNREACHABLE', message: /more than 1000 bytes/ }],
  ]
  for (const [target, expected] of cases) {
    const error = await client(url, { maxBytes: 1000 })
      .send({ method: 'GET', target }, signal)
      .catch((thrown: unknown) => thrown)
    t.match(error, expected, target)
    t.notMatch(String(error), /secret-word/, target)
  }
})

t.test('no answer, a slow one, nobody there, aborted', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url === '/list') return
    response.write('{"a"')
  })
  await t.rejects(clock.until(client(url).send(GET, signal)), {
    code: 'CLOUD_UNREACHABLE',
    message: /did not answer in time \(ETIMEDOUT\)/,
  })
  await t.rejects(clock.until(client(url).send({ method: 'GET', target: '/slow' }, signal)), {
    message: /ETIMEDOUT/,
  })
  await t.rejects(client('http://127.0.0.1:1').send(GET, signal), {
    message: /refused the connection \(ECONNREFUSED\)/,
  })
  const abort = new AbortController()
  const sent = client(url).send(GET, abort.signal)
  abort.abort()
  await t.rejects(sent, { code: 'CLOUD_UNREACHABLE' })
  await t.rejects(client(url).send(GET, abort.signal), { code: 'CLOUD_UNREACHABLE' })
})

t.test('aborted in the middle of an answer', async (t) => {
  const abort = new AbortController()
  const url = await serve(t, (_request, response) => {
    response.write('{"a"', () => abort.abort())
  })
  await t.rejects(client(url).send(GET, abort.signal), { code: 'CLOUD_UNREACHABLE' })
})

t.test('a name that does not exist and a certificate that is wrong are told apart', async (t) => {
  t.match(unreachable('h', 'ENOTFOUND').message, /no internet, or no such name/)
  t.match(unreachable('h', 'CERT_HAS_EXPIRED').message, /certificate.*clock of this machine/)
})

t.test('nothing is sent to another origin', async (t) => {
  const http = client('https://cloud.example/base')
  t.equal(
    http.resolve({ method: 'GET', target: new URL('https://cloud.example/x?y=1') }).href,
    'https://cloud.example/x?y=1',
  )
  for (const target of ['https://evil.example/', 'http://cloud.example/', 'https://cloud.example:444/']) {
    t.throws(() => http.resolve({ method: 'GET', target: new URL(target) }), { code: 'CLOUD_UNREACHABLE' }, target)
  }
  t.throws(() => client('https://cloud.example').resolve({ method: 'GET', target: '@evil.example/' }), {
    code: 'CLOUD_UNREACHABLE',
  })
})

t.test('which addresses an account may have', async (t) => {
  const allowed = [
    'https://my.hmarex.com',
    'http://127.0.0.1:80',
    'http://127.1.2.3/x',
    'http://localhost',
    'http://[::1]:9',
  ]
  for (const url of allowed) t.equal(cloudAddress('home', url, false).href, new URL(url).href)
  t.equal(cloudAddress('home', 'http://cloud.lan', true).host, 'cloud.lan')
  const refused: [string, RegExp][] = [
    ['http://cloud.lan', /would send the password unencrypted to cloud.lan/],
    ['http://127.0.0.1.evil.example', /unencrypted/],
    ['http://192.168.1.2', /unencrypted/],
    ['ftp://127.0.0.1', /is not an https:/],
    ['nonsense', /is not an https:/],
    ['https://user:secret-word@cloud.example', /contains a user name or password/],
  ]
  for (const [url, message] of refused) {
    t.throws(() => cloudAddress('home', url, false), { code: 'BAD_REQUEST', message }, url)
  }
})

t.test('Retry-After in seconds and as a date', async (t) => {
  const now = Date.UTC(2026, 0, 15, 12)
  t.equal(retryAfter(undefined, now), undefined)
  t.equal(retryAfter('120', now), 120_000)
  t.equal(retryAfter(' 0 ', now), 0)
  t.equal(retryAfter('Thu, 15 Jan 2026 12:01:00 GMT', now), 60_000)
  t.equal(retryAfter('Thu, 15 Jan 2026 11:00:00 GMT', now), 0)
  t.equal(retryAfter('999999999', now), 24 * 3_600_000, 'a day at most')
  t.equal(retryAfter('soon', now), undefined)
  fc.assert(
    fc.property(fc.string(), (header) => {
      const wait = retryAfter(header, now)
      return wait === undefined || (wait >= 0 && wait <= 24 * 3_600_000)
    }),
  )
  t.same(new Deferred('CLOUD_RATE_LIMITED', 'x', 1).details, { retry_after: 1 })
})

t.test('retries spread between 30 s and 30 min', async (t) => {
  t.equal(
    backoff(1, () => 0),
    30_000,
  )
  t.equal(
    backoff(1, () => 1),
    60_000,
  )
  t.equal(
    backoff(5, () => 1),
    16 * 60_000,
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const wait = backoff(failures, () => random)
      return wait >= 30_000 && wait <= 30 * 60_000
    }),
  )
})

t.test('a service known by several names, and one that has moved', async (t) => {
  const terneo = { id: 'home', provider: 'terneo', username: 'a', password: 'b' }
  t.equal(targetOf(terneo).base.href, 'https://my.hmarex.com/')
  t.equal(targetOf({ ...terneo, url: 'https://my.terneo.ua' }).base.href, 'https://my.terneo.ua/')
  for (const [location, message] of [
    [
      'https://my.terneo.ua/api/login/',
      /another address of the same service: set .*url\) to https:\/\/my\.terneo\.ua\./,
    ],
    ['https://elsewhere.example/x', /If the service has moved there, set .*url\) to https:\/\/elsewhere\.example\./],
  ] as const) {
    const url = await serve(t, (request, response) => {
      request.resume()
      response.writeHead(301, { location }).end()
    })
    const { clouds } = bridge(t, url, { accounts: [{ provider: 'terneo' }] })
    t.match(await clouds.sync(), [{ state: 'unreachable', error: { message, details: { kind: 'moved' } } }])
  }
})

t.test('the page offers every address that a service is known by', async (t) => {
  const page = readFileSync(new URL('../../src/web/view/settings/manage-account.tsx', import.meta.url), 'utf8')
  for (const service of [SERVICES.terneo, SERVICES.welrok]) {
    for (const address of service ? addressesOf(service) : []) t.ok(page.includes(`'${address}'`), address)
  }
})
