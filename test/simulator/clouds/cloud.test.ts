import t from 'tap'
import type { CloudDevice, VirtualCloud } from '../../../src/simulator/index.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startCloud } from '../../support/simulator.ts'
import { exchange, type Reply } from '../support.ts'

const CREDENTIALS = { email: EMAIL, password: PASSWORD }

const login = (cloud: VirtualCloud, body: unknown = CREDENTIALS): Promise<Reply> =>
  exchange(`${cloud.url}/api/login/`, { body: typeof body === 'string' ? body : JSON.stringify(body) })

async function tokenOf(cloud: VirtualCloud): Promise<string> {
  return JSON.parse((await login(cloud)).text).access_token
}

const get = (cloud: VirtualCloud, path: string, token?: string): Promise<Reply> =>
  exchange(new URL(path, cloud.url).href, {
    method: 'GET',
    headers: token === undefined ? {} : { authorization: `Token ${token}` },
  })

const manyDevices = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, sn: `${i}`.padStart(30, '0'), name: `${i}`, totp_key: KEY }))

const accountWith = (devices: CloudDevice[]) => [{ ...CREDENTIALS, devices }]

t.test('gives one token per account for as long as it lasts', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  t.equal(await tokenOf(cloud), token)
  t.equal(cloud.logins, 2)
  cloud.revokeTokens()
  t.match(await get(cloud, '/api/device/', token), { status: 401, text: '{"detail":"Invalid token."}' })
  t.not(await tokenOf(cloud), token)
})

const refused: [what: string, body: unknown, status: number, text: RegExp][] = [
  ['wrong password', { ...CREDENTIALS, password: 'no' }, 400, /^\{"non_field_errors":\["Unable to log in/],
  ['unknown address', { ...CREDENTIALS, email: 'x@y.z' }, 400, /Unable to log in/],
  ['no password', { email: EMAIL }, 400, /"password":\["This field is required/],
  ['empty address', { ...CREDENTIALS, email: '' }, 400, /"email":\["This field may not be blank/],
  ['number for a password', { ...CREDENTIALS, password: 1 }, 400, /"password":\["Not a valid string/],
  ['no JSON', '{', 400, /JSON parse error/],
  ['a list', [], 400, /Expected a dictionary/],
]

for (const [what, body, status, text] of refused) {
  t.test(`refuses a login with ${what}`, async (t) => {
    const cloud = await startCloud(t)
    t.match(await login(cloud, body), { status, text })
    t.equal(cloud.logins, 0)
  })
}

t.test('counts failures and locks an account after them', async (t) => {
  const cloud = await startCloud(t)
  cloud.quirks.lockAfter = 3
  cloud.quirks.wrongCredentials = 401
  for (let i = 0; i < 3; i++) t.equal((await login(cloud, { ...CREDENTIALS, password: 'no' })).status, 401)
  t.match(await login(cloud), { status: 403, text: /locked/ })
  t.equal(cloud.failedLogins, 4)
  t.same(
    cloud.requests.map(({ method, path, status }) => [method, path, status]),
    [...Array(3).fill(['POST', '/api/login/', 401]), ['POST', '/api/login/', 403]],
  )
})

t.test('a new password ends the old one and its token', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  cloud.changePassword(EMAIL, 'another')
  cloud.changePassword('nobody', 'another')
  t.equal((await get(cloud, '/api/device/', token)).status, 401)
  t.equal((await login(cloud)).status, 400)
  t.equal((await login(cloud, { email: EMAIL, password: 'another' })).status, 200)
})

t.test('is strict about how it is asked', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  const bodies = { body: JSON.stringify(CREDENTIALS) }
  t.match(await exchange(`${cloud.url}/api/login/`, { method: 'GET' }), { status: 405, headers: { allow: /POST/ } })
  t.equal((await exchange(`${cloud.url}/api/device/`, bodies)).status, 405)
  t.match(await exchange(`${cloud.url}/api/login`, bodies), { status: 301, headers: { location: '/api/login/' } })
  t.match(await get(cloud, '/api/device?page=2', token), { status: 301, headers: { location: '/api/device/?page=2' } })
  const form = { ...bodies, headers: { 'content-type': 'text/plain' } }
  t.match(await exchange(`${cloud.url}/api/login/`, form), { status: 415, text: /text\/plain/ })
  t.match(await get(cloud, '/api/device/'), { status: 401, text: /not provided/ })
  const bearer = { method: 'GET', headers: { authorization: `Bearer ${token}` } }
  t.match(await exchange(`${cloud.url}/api/device/`, bearer), { status: 401, text: /Invalid token/ })
  t.equal((await get(cloud, '/api/nothing/', token)).status, 404)
  t.match(await get(cloud, '/api/device/?page=2', token), { status: 404, text: /Invalid page/ })
  t.match(await get(cloud, '/api/device/?page=x', token), { status: 404, text: /Invalid page/ })
})

t.test('gives its devices page by page', async (t) => {
  const devices = manyDevices(25)
  const cloud = await startCloud(t, { accounts: accountWith(devices) })
  const token = await tokenOf(cloud)
  const seen: object[] = []
  let next: string | null = '/api/device/'
  const previous: (string | null)[] = []
  while (next) {
    const page = JSON.parse((await get(cloud, next, token)).text)
    t.equal(page.count, 25)
    seen.push(...page.results)
    previous.push(page.previous)
    next = page.next
  }
  t.same(seen, devices)
  t.same(previous, [null, `${cloud.url}/api/device/`, `${cloud.url}/api/device/?page=2`])
})

t.test('holds 10 000 devices', async (t) => {
  const cloud = await startCloud(t, { accounts: accountWith(manyDevices(10_000)), pageSize: 10_000 })
  const page = JSON.parse((await get(cloud, '/api/device/', await tokenOf(cloud))).text)
  t.equal(page.results.length, 10_000)
})

t.test('shows one device, and none of another account', async (t) => {
  const cloud = await startCloud(t, {
    accounts: [...accountWith([{ id: 7, sn: SERIAL }]), { email: 'b@c.d', password: 'p', devices: [{ id: 8 }] }],
  })
  const token = await tokenOf(cloud)
  t.match(JSON.parse((await get(cloud, '/api/device/7/', token)).text), {
    id: 7,
    sn: SERIAL,
    data: { is_online: true },
  })
  t.equal((await get(cloud, '/api/device/8/', token)).status, 404)
})

t.test('records are given as they are, and a bound-again device gets a new key', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  cloud.setDevices(EMAIL, [{ sn: SERIAL }, { sn: SERIAL, totp_key: KEY, extra: [1] }, {}])
  cloud.setDevices('nobody', [])
  const list = async () => JSON.parse((await get(cloud, '/api/device/', token)).text).results
  t.same(await list(), [{ sn: SERIAL }, { sn: SERIAL, totp_key: KEY, extra: [1] }, {}])
  const key = cloud.rebind(SERIAL)
  t.match(key, /^[A-Z0-9]{16}$/)
  t.same((await list())[1].totp_key, key)
  t.equal(cloud.rebind(SERIAL, KEY), KEY)
})

t.test('leads astray by its links and forgets the token when told so', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  cloud.quirks.nextLoop = true
  t.equal(JSON.parse((await get(cloud, '/api/device/', token)).text).next, `${cloud.url}/api/device/`)
  cloud.quirks.nextOrigin = 'http://elsewhere.example'
  t.equal(JSON.parse((await get(cloud, '/api/device/', token)).text).next, 'http://elsewhere.example/api/device/')
  cloud.quirks.omitToken = true
  t.same(Object.keys(JSON.parse((await login(cloud)).text)), ['user_name', 'is_timezone_chosen'])
})

t.test('faults come once each, or until taken away', async (t) => {
  const cloud = await startCloud(t)
  const token = await tokenOf(cloud)
  const list = () => get(cloud, '/api/device/', token)
  cloud.quirks.faults = [
    'bad-gateway',
    { on: 'login', fault: { status: 500 } },
    { status: 429, retryAfter: '7' },
    'bad-json',
    'wrong-shape',
    'empty',
    'cut',
  ]
  t.match(await list(), { status: 502, headers: { 'content-type': 'text/html' } })
  t.match(await list(), { status: 429, headers: { 'retry-after': '7' } })
  t.match(await list(), { status: 200, text: '{"count":1,"results":[' })
  t.match(await list(), { status: 200, text: /^\["nobody/ })
  t.match(await list(), { status: 200, text: '' })
  await t.rejects(list())
  t.equal((await list()).status, 200)
  t.match(await login(cloud), { status: 500, headers: { 'retry-after': undefined } })
  t.equal((await login(cloud)).status, 200)
  cloud.quirks.fault = { on: 'devices', fault: { status: 503 } }
  t.equal((await list()).status, 503)
  t.equal((await list()).status, 503)
  t.equal((await login(cloud)).status, 200)
  cloud.quirks.fault = 'no-answer'
  const tired = new AbortController()
  const unanswered = t.rejects(exchange(`${cloud.url}/api/login/`, { body: '{}', signal: tired.signal }))
  await eventually('it is heard, and not answered', () => cloud.requests.at(-1)?.status === 0)
  tired.abort()
  await unanswered
})

t.test('down, up, slow, and wary of long bodies', async (t) => {
  const clock = new FakeClock()
  const cloud = await startCloud(t, { clock })
  const { url } = cloud
  await cloud.down()
  await t.rejects(login(cloud), { code: 'ECONNREFUSED' })
  await cloud.up()
  t.equal(cloud.url, url)
  await t.rejects(login(cloud, ' '.repeat(100_000)))
  cloud.quirks.slow = 3000
  let answered = false
  const answer = login(cloud).then((reply) => {
    answered = true
    return reply
  })
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(2999)
  t.equal(answered, false)
  await clock.advance(1)
  t.equal((await answer).status, 200)
})

t.test('remembers so many requests', async (t) => {
  const cloud = await startCloud(t, { logSize: 2 })
  for (let i = 0; i < 4; i++) await login(cloud)
  t.equal(cloud.requests.length, 2)
})
