import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { EMAIL, KEY, SERIAL, startOmnitron } from '../../support/simulator.ts'
import { TOTP_SECRET } from '../harness.ts'
import { bridge, HOUR, until } from '../support.ts'
import { MINUTE, OMNITRON } from './omnitron-rig.ts'

t.test('with totp_secret the bridge makes the code itself, also for a login that waited for one', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock, totpSecret: TOTP_SECRET })
  const dataDir = t.testdir()
  const waiting = bridge(t, service.url, { clock, dataDir, accounts: [OMNITRON] })
  waiting.clouds.start()
  await until(() => waiting.view().state === 'code_needed')
  await waiting.close()
  const accounts = [{ ...OMNITRON, totp_secret: TOTP_SECRET }]
  const { clouds, store, view } = bridge(t, service.url, { clock, dataDir, accounts })
  clouds.start()
  await until(() => view().state === 'ready')
  t.match(store.keys.of(SERIAL), [{ key: KEY }])
  await clock.advance(MINUTE)
  service.revokeTokens()
  t.match(await clouds.sync(), [{ state: 'ready' }], 'nobody is needed for a renewal')
  await clock.advance(MINUTE)
  service.revokeTokens()
  service.faults.push({ on: 'verify', fault: { status: 404 } })
  t.match(await clouds.sync(), [{ state: 'unreachable', error: { message: /answers the code with 404/ } }])
  service.faults.push({ on: 'verify', fault: 'wrong-shape' })
  t.match(await clouds.sync(), [{ state: 'auth_failed', error: { message: /answer to the code has no valid key/ } }])
})

t.test('a wrong secret, or a clock that is wrong by a day, is told and tried once an hour', async (t) => {
  const cases = [
    ['GEZDGNBVGY3TQOJQ', 0, /does not accept the code that the bridge made \(400\).*Correct totp_secret/],
    [TOTP_SECRET, 20, undefined],
    [TOTP_SECRET, 24 * 3600, /clock of this machine is wrong: it is 1 d ahead of that of 127\.0\.0\.1/],
    [TOTP_SECRET, -24 * 3600 - 7_261, /clock of this machine is wrong: it is 1 d 2 h behind that of/],
    [TOTP_SECRET, 95, /it is 1 min 35 s ahead of/],
  ] as const
  for (const [totp_secret, skew, message] of cases) {
    const theirs = new FakeClock()
    const clock = new FakeClock(theirs.now() + skew * 1000)
    const service = await startOmnitron(t, { clock: theirs, totpSecret: TOTP_SECRET })
    const { clouds, view, close } = bridge(t, service.url, {
      clock,
      accounts: [{ ...OMNITRON, totp_secret }],
      dataDir: t.testdir(),
    })
    clouds.start()
    await until(() => ['ready', 'auth_failed'].includes(view().state))
    if (message) {
      t.match(view(), { state: 'auth_failed', error: { code: 'CLOUD_AUTH', message } })
      for (let minutes = 0; minutes < 58; minutes++) await clock.advance(MINUTE)
      t.equal(service.failedCodes, 1)
    } else t.match(view(), { state: 'ready' })
    await close()
  }
})

t.test('a secret that no code can be made of', async (t) => {
  const service = await startOmnitron(t, { totpSecret: TOTP_SECRET })
  const { clouds } = bridge(t, service.url, { accounts: [{ ...OMNITRON, totp_secret: 'not base32, 0189' }] })
  t.match(await clouds.sync(), [{ error: { code: 'BAD_REQUEST', message: /not valid base32/ } }])
})

t.test('setup, activate, verify and deactivate', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock })
  const dataDir = t.testdir()
  const options = { clock, dataDir, accounts: [OMNITRON] }
  const first = bridge(t, service.url, options)
  await t.rejects(first.clouds.totp('home', 'activate'), { code: 'BAD_REQUEST', message: /no secret/ })
  const setup = await first.clouds.totp('home', 'setup')
  t.match(setup, { operation: 'setup', secret_key: /^[A-Z2-7]{32}$/, provisioning_uri: /^otpauth:\/\/totp\/.*secret=/ })
  const secret = setup.operation === 'setup' ? setup.secret_key : ''
  t.match(first.view(), { state: 'ready' }, 'signed in for it')
  await t.rejects(first.clouds.totp('home', 'activate', { token: '000000' }), {
    code: 'BAD_REQUEST',
    message: /does not accept the activate of the second factor \(400\) \(“Invalid TOTP code/,
    details: { status: 400, code: 'invalid' },
  })
  await first.close()

  const second = bridge(t, service.url, options)
  const activated = await second.clouds.totp('home', 'activate')
  t.match(activated, { operation: 'activate' })
  const codes = activated.operation === 'activate' ? activated.recovery_codes : []
  t.equal(codes.length, 8)
  t.equal(service.secretOf(EMAIL), secret)
  await t.rejects(second.clouds.totp('home', 'setup'), { code: 'BAD_REQUEST', message: /already active/ })
  t.match(second.view(), { state: 'ready', error: null }, 'a refused operation leaves the account as it was')
  await clock.advance(MINUTE)
  service.revokeTokens()
  t.match(await second.clouds.sync(), [{ state: 'ready' }], 'codes are made of the kept secret')
  await second.close()

  await clock.advance(MINUTE)
  service.revokeTokens()
  const third = bridge(t, service.url, options)
  t.match(await third.clouds.sync(), [{ state: 'ready' }], 'after a restart too')
  t.same(await third.clouds.totp('home', 'deactivate'), { operation: 'deactivate' })
  t.equal(service.secretOf(EMAIL), undefined)
  service.revokeTokens()
  t.match(await third.clouds.sync(), [{ state: 'ready' }])
  await t.rejects(third.clouds.totp('home', 'deactivate'), { code: 'BAD_REQUEST', message: /not active/ })
  const text = first.log.text() + second.log.text() + third.log.text()
  for (const value of [secret, ...codes]) t.notMatch(text, value)
})

t.test('operations that the service forbids, and a session that is not taken', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { forbidden: true })
  const { clouds, view } = bridge(t, service.url, { clock, accounts: [OMNITRON] })
  for (const operation of ['setup', 'deactivate']) {
    await t.rejects(clouds.totp('home', operation), {
      code: 'CLOUD_AUTH',
      message: /forbids the .* \(403\)/,
      details: { status: 403 },
    })
  }
  t.match(view(), { state: 'ready', error: null }, 'the account itself is untouched')
  t.equal(service.logins, 1)
  service.quirks.forbidden = false
  service.revokeTokens()
  const both = await Promise.all([clouds.totp('home', 'setup'), clouds.totp('home', 'setup'), clouds.sync()])
  t.match(both[0], { operation: 'setup' })
  t.equal(service.logins, 2, '401: signed in once more, for all')
  for (const fault of ['wrong-shape', { status: 404 }, { status: 500 }, 'cut'] as const) {
    service.faults.push({ on: 'setup', fault })
    await t.rejects(clouds.totp('home', 'setup'), { code: 'CLOUD_UNREACHABLE' })
  }
  service.quirks.errorShape = 'field'
  clock.jumpWall(24 * HOUR)
  await t.rejects(clouds.totp('home', 'activate'), {
    message: /\(400\) \(“token: Invalid TOTP code.”\).*clock of this machine is wrong: it is 1 d ahead/,
    details: { fields: ['token'] },
  })
  await t.rejects(clouds.totp('home', 'explode'), {
    code: 'BAD_REQUEST',
    message: /setup, activate, verify, deactivate/,
  })
  await t.rejects(clouds.totp('away', 'setup'), { code: 'BAD_REQUEST', message: /no cloud account/ })
  await t.rejects(clouds.totp('home', 'activate', { token: ' ' }), { code: 'BAD_REQUEST', message: /1 to 64/ })
  await clouds.logout('home')
  await t.rejects(clouds.totp('home', 'setup'), { code: 'BAD_REQUEST', message: /signed out/ })
})

t.test('verify ends a login that waits for a code: with a given one, a recovery code, or one made here', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock })
  const dataDir = t.testdir()
  const { clouds, store, view } = bridge(t, service.url, { clock, dataDir, accounts: [OMNITRON] })
  await clouds.totp('home', 'setup')
  const activated = await clouds.totp('home', 'activate')
  const codes = activated.operation === 'activate' ? activated.recovery_codes : []
  await t.rejects(clouds.totp('home', 'verify'), { code: 'BAD_REQUEST', message: /not waiting for a code/ })

  // Somebody set the second factor up anew elsewhere: nobody can correct that in the settings, so a person is asked.
  service.setSecret(EMAIL, TOTP_SECRET)
  service.revokeTokens()
  await clock.advance(MINUTE)
  t.match(await clouds.sync(), [{ state: 'code_needed', error: { message: /set up again elsewhere/ } }])
  await t.rejects(clouds.totp('home', 'verify'), { code: 'CLOUD_AUTH' })
  t.match(await clouds.totp('home', 'verify', { token: codes[0] }), {
    operation: 'verify',
    account: { state: 'ready' },
  })
  service.revokeTokens()
  t.match(await clouds.sync(), [{ state: 'code_needed' }])
  const token = service.codeFor(TOTP_SECRET)
  t.match(await clouds.totp('home', 'verify', { token }), { account: { state: 'ready' } })
  t.match(view(), { state: 'ready' })

  store.values.delete('cloud.totp.home')
  service.revokeTokens()
  await clouds.sync()
  await t.rejects(clouds.totp('home', 'verify'), { code: 'BAD_REQUEST', message: /no secret/ })
  t.match(view(), { state: 'code_needed' })
})
