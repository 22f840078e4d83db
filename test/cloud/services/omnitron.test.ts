import t from 'tap'
import { complaintOf } from '../../../src/cloud/services/omnitron-answers.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { EMAIL, PASSWORD, startOmnitron } from '../../support/simulator.ts'
import { TOTP_SECRET } from '../harness.ts'
import { bridge, serve, until } from '../support.ts'
import { jsonOf, MINUTE, OMNITRON } from './omnitron-rig.ts'

t.test('the document: key, temp_token, verify, and the Authorization header', async (t) => {
  const seen: unknown[] = []
  const url = await serve(t, async (request, response) => {
    seen.push([request.method, request.url, request.headers.authorization, await jsonOf(request)])
    if (request.url === '/api/v1/auth/login/') response.end(JSON.stringify({ temp_token: 'temporary' }))
    else if (request.url === '/api/v1/auth/totp/verify/') response.end(JSON.stringify({ key: 'login-token' }))
    else response.end('{"results":[]}')
  })
  const { clouds } = bridge(t, url, { accounts: [OMNITRON] })
  t.match(await clouds.sync(), [{ state: 'code_needed', error: { message: /authenticator/ } }])
  t.match(await clouds.submitCode('home', '123456'), { state: 'ready' })
  t.same(seen, [
    ['POST', '/api/v1/auth/login/', undefined, { username: EMAIL, password: PASSWORD }],
    ['POST', '/api/v1/auth/totp/verify/', undefined, { temp_token: 'temporary', token: '123456' }],
    ['GET', '/api/devices/', 'Token login-token', null],
  ])
})

t.test('each shape of a 400, 401 and 403 on the login is told, with the service’s words', async (t) => {
  const service = await startOmnitron(t)
  const cases = [
    [400, 'field', /\(400\) \(“password: Unable to log in with provided credentials\.”\)/],
    [400, 'non_field_errors', /\(400\) \(“Unable to log in/],
    [400, 'detail', /\(400\) \(“Unable to log in/],
    [401, 'detail', /refuses the user name or password \(401\) \(“Unable/],
    [403, 'detail', /does not let this account in \(403\)/],
  ] as const
  for (const [status, shape, message] of cases) {
    service.quirks.wrongCredentials = status
    service.quirks.errorShape = shape
    const { clouds, close } = bridge(t, service.url, {
      accounts: [{ ...OMNITRON, password: 'not the one' }],
      dataDir: t.testdir(),
    })
    t.match(
      await clouds.sync(),
      [{ state: 'auth_failed', error: { code: 'CLOUD_AUTH', message } }],
      `${status} ${shape}`,
    )
    await close()
  }
})

t.test('words of the service are shown short, on one line, and never with what was sent', async (t) => {
  t.same(complaintOf(undefined, []), { fields: [], code: undefined, words: '' })
  t.same(complaintOf({ detail: `bad\n${'x'.repeat(500)}`, code: 'a b' }, []), {
    fields: [],
    code: undefined,
    words: ` (“bad ${'x'.repeat(196)}”)`,
  })
  t.same(complaintOf({ token: ['The code 123456 is wrong.'], code: 'invalid' }, ['123456']), {
    fields: ['token'],
    code: 'invalid',
    words: '',
  })
  t.same(complaintOf({ field: [1, 'a'], other: 'b', 'not a name!': ['c'], detail: 5, non_field_errors: ['d'] }, ['']), {
    fields: ['field'],
    code: undefined,
    words: ' (“d field: a”)',
  })
})

t.test('each refusal of a code: which leave the next try, which end the login', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock, totpSecret: TOTP_SECRET })
  const { clouds, view } = bridge(t, service.url, { clock, accounts: [OMNITRON] })
  const wrong = (message: RegExp) => t.rejects(clouds.submitCode('home', '000000'), { code: 'CLOUD_AUTH', message })
  await clouds.sync()
  for (const errorShape of ['field', 'non_field_errors', 'detail'] as const) {
    service.quirks.errorShape = errorShape
    await wrong(/does not accept this code \(400\) \(“(token: )?Invalid TOTP code/)
    t.match(view(), { state: 'code_needed' })
  }
  t.equal(service.asked('login'), 1)
  await clock.advance(6 * MINUTE)
  await wrong(/no longer knows the sign-in.*\(400\).*temp_token/)
  t.equal(service.asked('login'), 2, 'begun anew')
  service.quirks.wrongCode = 401
  await wrong(/no longer knows the sign-in.*\(401\)/)
  t.match(view(), { state: 'code_needed' }, 'and so does this one')
  t.equal(service.asked('login'), 3)
  await clouds.login('home')
  service.quirks.wrongCode = 403
  await wrong(/no more codes for this sign-in \(403\)/)
  await clouds.login('home')
  service.faults.push({ on: 'verify', fault: { status: 404 } })
  await t.rejects(clouds.submitCode('home', '000000'), {
    code: 'CLOUD_UNREACHABLE',
    message: /answers the code with 404/,
  })
  service.faults.push({ on: 'verify', fault: 'wrong-shape' })
  await t.rejects(clouds.submitCode('home', '000000'), { code: 'CLOUD_UNREACHABLE', message: /no valid key/ })
  t.match(await clouds.submitCode('home', service.codeFor(TOTP_SECRET)), { state: 'ready' })
})

t.test(
  'a code that comes too late for its sign-in begins another at once, as nobody is sent a code by that',
  async (t) => {
    const clock = new FakeClock()
    const service = await startOmnitron(t, { clock, totpSecret: TOTP_SECRET })
    const { clouds, view } = bridge(t, service.url, { clock, accounts: [OMNITRON] })
    clouds.start()
    await until(() => view().state === 'code_needed')
    service.quirks.tempLifetime = 300
    await clock.advance(10 * MINUTE)
    const given = clouds.submitCode('home', service.codeFor(TOTP_SECRET))
    await t.rejects(given, { code: 'CLOUD_AUTH', message: /no longer knows the sign-in/ })
    t.match(view(), { state: 'code_needed' })
    t.equal(service.asked('login'), 2)
    t.match(await clouds.submitCode('home', service.codeFor(TOTP_SECRET)), { state: 'ready' })
    t.equal(service.asked('login'), 2)
  },
)

t.test('log-out where the service has none', async (t) => {
  const service = await startOmnitron(t)
  const { clouds } = bridge(t, service.url, { accounts: [OMNITRON] })
  await clouds.sync()
  await clouds.logout('home')
  t.equal(service.sessions, 0, 'revoked')
  service.quirks.logout = false
  await clouds.login('home')
  t.match(await clouds.logout('home'), { state: 'signed_out', error: null })
  await clouds.login('home')
  service.faults.push({ on: 'logout', fault: { redirect: 'https://elsewhere.example/' } })
  t.match(await clouds.logout('home'), { state: 'signed_out', error: null })
  await clouds.login('home')
  service.faults.push({ on: 'logout', fault: 'cut' })
  t.match(await clouds.logout('home'), { state: 'signed_out', error: { message: /may still be valid there/ } })
})
