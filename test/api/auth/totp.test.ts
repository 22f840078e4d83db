import { generateSync } from 'otplib'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'
import { signIn } from '../../support/api.ts'
import { type Answer, ask, BASIC, PASSWORD, type Running, running } from '../support.ts'

const STEP = 30_000
const field = ({ json }: Answer, name: string): unknown => (isObject(json) ? json[name] : undefined)

const codeAt = (secret: string, ms: number): string =>
  generateSync({ strategy: 'hotp', secret, counter: Math.floor(ms / STEP), digits: 6 })

/** A user with a second factor, and what a client does. */
async function withTotp(api: Running) {
  const headers = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  const post = (path: string, body?: unknown, authorization: string | null = null) =>
    ask(api.port, `/api/v1${path}`, {
      method: 'POST',
      authorization,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const mine = (path: string, body?: unknown) => post(`/auth/totp/${path}`, body, headers.authorization)
  const setup = await mine('setup')
  const secret = String(field(setup, 'secret_key'))
  const code = (steps = 0) => codeAt(secret, api.clock.now() + steps * STEP)
  const begin = async () => String(field(await post('/login', { username: 'admin', password: PASSWORD }), 'temp_token'))
  const verify = (temporary: string, token: string) => post('/auth/totp/verify', { temp_token: temporary, token })
  return { post, mine, setup, secret, code, begin, verify, headers }
}

t.test('set up, activate, sign in with a code, deactivate', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { setup, secret, mine, code, post, verify } = await withTotp(api)
  t.equal(setup.status, 201)
  t.match(secret, /^[A-Z2-7]{32}$/)
  const uri = new URL(String(field(setup, 'provisioning_uri')))
  t.equal(uri.protocol, 'otpauth:')
  t.equal(uri.searchParams.get('secret'), secret)
  t.match(decodeURIComponent(uri.pathname), /thermo2mqtt:admin$/)
  t.match(await post('/login', { username: 'admin', password: PASSWORD }), { json: { token: {} } }, 'not asked for yet')
  t.match(await mine('activate', { token: '000000' }), { status: 400, json: { token: [String], code: 'BAD_REQUEST' } })
  const activated = await mine('activate', { token: code() })
  const recovery = field(activated, 'recovery_codes')
  t.ok(Array.isArray(recovery) && recovery.length === 10 && new Set(recovery).size === 10)
  t.match(recovery, [/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/])
  t.match(await mine('setup'), { status: 400, json: { non_field_errors: [String] } })
  t.match(await mine('activate', { token: code(1) }), { status: 400 })

  const first = await post('/login', { username: 'admin', password: PASSWORD })
  t.match(first, {
    status: 200,
    json: {
      message: 'Enter the code of your authenticator app',
      _links: { href: '/api/v1/auth/totp/verify/', method: 'POST', body: { token: { type: 'str' } } },
    },
  })
  t.equal(field(first, 'token'), undefined, 'no tokens yet')
  const temporary = String(field(first, 'temp_token'))
  t.equal((await ask(api.port, '/api/v1/me', { authorization: `Bearer ${temporary}` })).status, 401)
  t.equal((await verify(temporary, code())).status, 400, 'the code of the activation was used')
  const second = await verify(temporary, code(1))
  const { access } = field(second, 'token') as { access: string }
  t.match(second, { status: 200, json: { key: access, token: { refresh: String } } })
  t.match((await ask(api.port, '/api/v1/me', { authorization: `Bearer ${access}` })).json, {
    user: { totp: true, recovery_codes_left: 10 },
  })
  t.equal((await verify(temporary, code(1))).status, 401, 'a sign-in is done once')
  t.equal((await ask(api.port, '/metrics', { authorization: BASIC })).status, 401, 'the password alone opens nothing')

  await api.clock.advance(5 * STEP)
  const off = (password: string, token: string) =>
    post('/auth/totp/deactivate', { password, token }, `Bearer ${access}`)
  t.match(await off('wrong-password', code()), { status: 400, json: { password: [String] } })
  t.match(await off(PASSWORD, '000000'), { status: 400, json: { token: [String] } })
  t.same((await off(PASSWORD, code())).json, { ok: true })
  t.match(await off(PASSWORD, code(1)), { status: 400, json: { non_field_errors: [/No second factor/] } })
  t.match(await post('/login', { username: 'admin', password: PASSWORD }), { json: { token: {} } })
})

t.test('a code is taken once, within a step before and after', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { mine, code, begin, verify } = await withTotp(api)
  await mine('activate', { token: code() })
  await api.clock.advance(10 * STEP)
  const status = async (token: string) => (await verify(await begin(), token)).status
  t.equal(await status(code(-2)), 400, 'two steps old')
  t.equal(await status(code(-1)), 200, 'the window before')
  t.equal(await status(code(-1)), 400, 'used')
  t.equal(await status(`${code().slice(0, 3)} ${code().slice(3)}`), 200, 'as apps show it')
  t.equal(await status(code()), 400, 'used')
  t.equal(await status(code(1)), 200, 'the window after')
  t.equal(await status(code()), 400, 'earlier than one that was used')
  await api.clock.advance(3 * STEP)
  t.equal(await status(code(2)), 400)
  const temporary = await Promise.all([begin(), begin()])
  const both = await Promise.all(temporary.map((each) => verify(each, code())))
  t.same(both.map((answer) => answer.status).sort(), [200, 400], 'two at once with one code')
  for (const odd of ['', ' ', '0x1', '١٢٣٤٥٦', '12345', '1234567', 'null', '-', '00000000000000000000']) {
    t.equal(await status(odd), 400, odd)
    await api.clock.advance(3_600_000)
  }
})

t.test('a store that takes nothing keeps nobody out who has a code, and no code is taken twice', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { mine, code, begin, verify } = await withTotp(api)
  await mine('activate', { token: code() })
  const used = code()
  const { users } = api.store
  const readOnly = () => {
    throw new BridgeError('INTERNAL', 'The disk is full.')
  }
  users.useTotpStep = readOnly
  users.useRecoveryCode = readOnly
  const status = async (token: string) => (await verify(await begin(), token)).status
  t.equal(await status(used), 400, 'used before')
  t.equal(await status(code(1)), 200)
  t.equal(await status(code(1)), 400)
  t.equal(await status('aaaa-bbbb-cccc-dddd'), 500, 'a recovery code could not be crossed out')
})

t.test('a recovery code works in place of a code, once', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { mine, code, begin, verify } = await withTotp(api)
  const codes = field(await mine('activate', { token: code() }), 'recovery_codes') as string[]
  const [first = '', second = ''] = codes
  t.equal((await verify(await begin(), first)).status, 200)
  t.equal((await verify(await begin(), first)).status, 400)
  t.equal((await verify(await begin(), second.toUpperCase().replaceAll('-', ' '))).status, 200)
  t.equal(api.store.users.recoveryCodesLeft(1), 8)
})

t.test('the second step ends by itself, after five tries, and with the password', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { mine, code, begin, verify } = await withTotp(api)
  await mine('activate', { token: code() })
  const temporary = await begin()
  await api.clock.advance(5 * 60_000)
  t.match(await verify(temporary, code()), { status: 401, json: { detail: String } })
  const tried = await begin()
  for (let i = 0; i < 5; i++) t.equal((await verify(tried, '000000')).status, 400)
  await api.clock.advance(60_000)
  t.equal((await verify(tried, code())).status, 401, 'used up')
  t.equal((await verify('t2mt_unknown', code())).status, 401)
  const between = await begin()
  t.equal((await ask(api.port, '/api/v1/me', { authorization: `Bearer ${between}` })).status, 401, 'it opens nothing')
  const last = await begin()
  api.store.users.setPassword(1, 'another')
  t.equal((await verify(last, code())).status, 401)
})

t.test('10 000 tries at codes take more than a month', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { mine, code, begin, verify } = await withTotp(api)
  await mine('activate', { token: code() })
  const start = api.clock.monotonic()
  let tries = 0
  let temporary = await begin()
  for (let i = 0; i < 400; i++) {
    const answer = await verify(temporary, String(i).padStart(6, '0'))
    if (answer.status === 400) tries++
    if (answer.status === 429) await api.clock.advance(Number(answer.headers['retry-after']) * 1000)
    if (answer.status === 401) temporary = await begin()
  }
  const days = (api.clock.monotonic() - start) / 86_400_000
  t.ok(tries > 50 && 10_000 * (days / tries) > 30, `${tries} tries in ${days.toFixed(2)} days`)
})
