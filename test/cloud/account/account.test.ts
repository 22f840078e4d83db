import { rmSync } from 'node:fs'
import t from 'tap'
import { FastClock } from '../../support/fast-clock.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startCloud } from '../../support/simulator.ts'
import { bridge, HOUR, serve, until } from '../support.ts'

const MINUTE = 60_000
const logins = (requests: readonly { path: string }[]): number =>
  requests.filter(({ path }) => path.startsWith('/api/login')).length

t.test('a token is reused after a restart', async (t) => {
  const cloud = await startCloud(t)
  const dataDir = t.testdir()
  const first = bridge(t, cloud.url, { dataDir })
  await first.clouds.sync()
  await first.close()
  const second = bridge(t, cloud.url, { dataDir })
  t.match(await second.clouds.sync(), [{ state: 'ready' }])
  t.equal(logins(cloud.requests), 1)
})

t.test('a token belongs to the user and address it was made for', async (t) => {
  const cloud = await startCloud(t, {
    accounts: [EMAIL, 'other@email.com'].map((email) => ({ email, password: PASSWORD, devices: [] })),
  })
  const dataDir = t.testdir()
  const first = bridge(t, cloud.url, { dataDir })
  await first.clouds.sync()
  await first.close()
  const second = bridge(t, cloud.url, { dataDir, accounts: [{ username: 'other@email.com' }] })
  t.match(await second.clouds.sync(), [{ state: 'ready' }])
  t.equal(logins(cloud.requests), 2)
})

t.test('a lost master key costs one login', async (t) => {
  const cloud = await startCloud(t)
  const dataDir = t.testdir()
  const first = bridge(t, cloud.url, { dataDir })
  await first.clouds.sync()
  await first.close()
  rmSync(`${dataDir}/store.key`)
  const second = bridge(t, cloud.url, { dataDir })
  t.match(second.log.problems(), [{ level: 'error', msg: /1 device keys, 1 account sessions/ }])
  t.same(second.store.keys.of(SERIAL), [])
  t.match(await second.clouds.sync(), [{ state: 'ready' }])
  t.match(second.store.keys.of(SERIAL), [{ key: KEY }])
  t.equal(logins(cloud.requests), 2)
})

t.test('a revoked token costs one login', async (t) => {
  const cloud = await startCloud(t)
  const { clouds } = bridge(t, cloud.url)
  await clouds.sync()
  cloud.revokeTokens()
  t.match(await clouds.sync(), [{ state: 'ready', error: null }])
  t.equal(logins(cloud.requests), 2)
})

t.test('tokens that are never taken are no login loop', async (t) => {
  const cloud = await startCloud(t, { quirks: { fault: { on: 'devices', fault: { status: 401 } } } })
  const { clouds, clock, view } = bridge(t, cloud.url)
  clouds.start()
  await until(() => view().state === 'auth_failed')
  t.equal(logins(cloud.requests), 2)
  for (let minutes = 0; minutes < 59; minutes++) await clock.advance(MINUTE)
  t.equal(logins(cloud.requests), 2)
  cloud.quirks.fault = undefined
  await clock.advance(MINUTE)
  await until(() => view().state === 'ready')
})

t.test('a wrong password is tried once an hour, on demand, and never after a restart within the hour', async (t) => {
  for (const wrongCredentials of [400, 401, 403] as const) {
    const cloud = await startCloud(t, { quirks: { wrongCredentials } })
    const dataDir = t.testdir()
    const accounts = [{ password: 'not the one' }]
    const { clouds, clock, view, log, close } = bridge(t, cloud.url, { accounts, dataDir })
    clouds.start()
    await until(() => view().state === 'auth_failed')
    t.match(view().error, {
      code: 'CLOUD_AUTH',
      message: new RegExp(`refuses the user name or password \\(${wrongCredentials}`),
    })
    for (let minutes = 0; minutes < 59; minutes++) await clock.advance(MINUTE)
    t.equal(cloud.failedLogins, 1)
    await clock.advance(2 * MINUTE)
    await until(() => cloud.failedLogins === 2)
    t.match(await clouds.login('home'), { state: 'auth_failed', error: { message: /refuses the user/ } })
    t.equal(cloud.failedLogins, 3, 'on demand')
    await clouds.sync()
    t.equal(cloud.failedLogins, 4, 'on demand')
    await clouds.refreshKeys(SERIAL, [])
    t.equal(cloud.failedLogins, 4, 'a refused key is no demand')
    t.equal(log.problems().length, 1, 'logged once')
    await close()

    const restarted = bridge(t, cloud.url, { accounts, dataDir, clock })
    clock.jumpWall(-24 * HOUR)
    restarted.clouds.start()
    await until(() => restarted.view().state === 'auth_failed')
    t.match(restarted.view().error, { message: /refused less than an hour ago/ })
    t.equal(cloud.failedLogins, 4)
    await clock.advance(61 * MINUTE)
    await until(() => cloud.failedLogins === 5)
    await restarted.close()

    const corrected = bridge(t, cloud.url, { dataDir, clock })
    corrected.clouds.start()
    await until(() => corrected.view().state === 'ready')
    t.equal(cloud.failedLogins, 5, 'another password is tried at once')
    await corrected.close()
  }
})

t.test('a password changed at the vendor: keys stay, and it is not hammered', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, store, view, clock } = bridge(t, cloud.url)
  await clouds.sync()
  cloud.changePassword(EMAIL, 'another')
  await clock.advance(6 * HOUR)
  await until(() => view().state === 'auth_failed')
  t.match(store.keys.of(SERIAL), [{ key: KEY }])
  await clock.advance(30 * MINUTE)
  t.equal(cloud.failedLogins, 1)
  cloud.changePassword(EMAIL, PASSWORD)
  t.match(await clouds.login('home'), { state: 'ready', error: null })
})

t.test('Retry-After is respected, on demand too', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, clock, view } = bridge(t, cloud.url)
  cloud.quirks.faults.push({ on: 'login', fault: { status: 429, retryAfter: '3600' } })
  clouds.start()
  await until(() => view().state === 'unreachable')
  t.match(view().error, { code: 'CLOUD_RATE_LIMITED', details: { retry_after: 3600 } })
  await clock.advance(59 * MINUTE)
  t.match(await clouds.sync(), [{ state: 'unreachable', error: { message: /for another 60 s/ } }])
  await t.rejects(clouds.submitCode('home', '123456'), { code: 'CLOUD_RATE_LIMITED' })
  t.equal(cloud.requests.length, 1)
  await clock.advance(MINUTE)
  await until(() => view().state === 'ready')

  cloud.quirks.faults.push({
    on: 'devices',
    fault: { status: 429, retryAfter: new Date(clock.now() + 90_000).toUTCString() },
  })
  await clouds.sync()
  const asked = cloud.requests.length
  await clock.advance(89_000)
  t.equal(cloud.requests.length, asked)
  await clock.advance(2_000)
  await until(() => view().state === 'ready')
})

t.test('failures are tried again at growing intervals, told once, and end by themselves', async (t) => {
  const cloud = await startCloud(t)
  await cloud.down()
  const { clouds, clock, view, log, heard } = bridge(t, cloud.url, { random: () => 1 })
  clouds.start()
  await until(() => view().state === 'unreachable')
  t.match(view().error, { code: 'CLOUD_UNREACHABLE', message: /ECONNREFUSED/ })
  await cloud.up()
  cloud.quirks.fault = { status: 500 }
  const gaps: number[] = []
  for (let tries = 0; tries < 8; tries++) {
    const before = cloud.requests.length
    let waited = 0
    while (cloud.requests.length === before && waited < 40 * MINUTE) {
      await clock.advance(30_000)
      waited += 30_000
      if (clock.waiting === 0) await until(() => cloud.requests.length > before && clock.waiting > 0)
    }
    gaps.push(waited / 1000)
  }
  t.same(gaps, [60, 120, 240, 480, 960, 1800, 1800, 1800])
  t.equal(log.problems().length, 1, 'logged once')
  cloud.quirks.fault = undefined
  await clock.advance(30 * MINUTE)
  await until(() => view().state === 'ready')
  t.equal(heard.devices.length, 1)
})

t.test('each bad answer to the login is told, and none is taken for a token', async (t) => {
  const cloud = await startCloud(t)
  for (const fault of ['bad-json', 'wrong-shape', 'empty', 'bad-gateway', 'cut', 'no-answer'] as const) {
    const { clouds, clock } = bridge(t, cloud.url)
    cloud.quirks.faults.push({ on: 'login', fault })
    t.match(await clock.until(clouds.sync()), [{ state: 'unreachable', error: { code: 'CLOUD_UNREACHABLE' } }], fault)
    t.match(await clouds.sync(), [{ state: 'ready', error: null }], fault)
  }
  cloud.quirks.omitToken = true
  t.match(await bridge(t, cloud.url).clouds.sync(), [
    { state: 'unreachable', error: { message: /no valid access_token/ } },
  ])
  cloud.quirks.omitToken = false
  cloud.quirks.fault = { status: 404 }
  t.match(await bridge(t, cloud.url).clouds.sync(), [{ error: { message: /no login at this address \(404\)/ } }])
  const tokens = ['x'.repeat(1_000_000), '', 'a b', 'a\nb: c', 'ä', 7, null, { a: 1 }]
  for (const access_token of tokens) {
    const url = await serve(t, (_, response) => response.end(JSON.stringify({ access_token })))
    const { clouds, log } = bridge(t, url)
    t.match(await clouds.sync(), [{ state: 'unreachable', error: { message: /no valid access_token/ } }])
    t.ok(log.text().length < 5_000)
  }
})

t.test('a slow cloud delays no other, and stopping does not wait for it', async (t) => {
  const fast = await startCloud(t)
  const hanging = await serve(t, () => {})
  const { clouds } = bridge(t, fast.url, { accounts: [{ id: 'slow', url: hanging }, { id: 'fast' }] })
  clouds.start()
  await until(() => clouds.list()[1]?.state === 'ready')
  t.match(clouds.list(), [
    { id: 'slow', state: 'signing_in' },
    { id: 'fast', state: 'ready' },
  ])
  const watch = new FastClock(1)
  await clouds.stop()
  t.ok(watch.monotonic() < 1000)
  t.match(clouds.list()[0], { state: 'signing_in', error: null }, 'stopping is no failure')
  await clouds.sync()
  clouds.start()
  t.match(clouds.list()[0], { state: 'signing_in' }, 'nothing runs after the stop')
})

t.test('who asks while a sync runs gets that one', async (t) => {
  const cloud = await startCloud(t)
  const { clouds } = bridge(t, cloud.url)
  const views = await Promise.all([clouds.sync(), clouds.sync('home'), clouds.refreshKeys(SERIAL, []), clouds.sync()])
  t.match(views[0], [{ state: 'ready' }])
  t.equal(cloud.requests.length, 2)
})

t.test('accounts and addresses that cannot be are refused', async (t) => {
  const cloud = await startCloud(t)
  const { clouds } = bridge(t, cloud.url)
  const calls: Promise<unknown>[] = [
    clouds.sync('x'),
    clouds.login('x'),
    clouds.logout('x'),
    clouds.submitCode('x', '1'),
  ]
  for (const call of calls) {
    await t.rejects(call, { code: 'BAD_REQUEST', message: /no cloud account "x"/ })
  }
  await t.rejects(clouds.submitCode('home', '123456'), { code: 'BAD_REQUEST', message: /not waiting for a code/ })
  await t.rejects(clouds.submitCode('home', ' '), { code: 'BAD_REQUEST', message: /1 to 64/ })
  t.throws(() => bridge(t, 'http://cloud.example'), { code: 'BAD_REQUEST', message: /unencrypted/ })
  t.throws(() => bridge(t, cloud.url, { accounts: [{ provider: 'toString' }] }), {
    message: /known are terneo, welrok/,
  })
  t.match(bridge(t, cloud.url, { accounts: [{ provider: 'terneo', url: undefined }] }).view(), { state: 'signed_out' })
})

t.test('signed out is signed out until somebody signs in', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, clock, store } = bridge(t, cloud.url)
  await clouds.sync()
  t.match(await clouds.logout('home'), { state: 'signed_out' })
  await clock.advance(24 * HOUR)
  t.match(await clouds.sync(), [{ state: 'signed_out' }])
  t.equal(cloud.logins, 1)
  t.match(store.keys.of(SERIAL), [{ key: KEY }])
  t.match(await clouds.login('home'), { state: 'ready' })
  t.equal(cloud.logins, 2)
})

t.test('a disk that takes nothing costs no second login', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, store, log } = bridge(t, cloud.url)
  store.close()
  t.match(await clouds.sync(), [
    { state: 'unreachable', error: { code: 'INTERNAL', message: /database .* can’t be used/ } },
  ])
  await clouds.sync()
  t.equal(cloud.logins, 1)
  t.match(log.problems()[0], { level: 'error' })
})

t.test('no secret in the log, the events or the views', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, log, heard } = bridge(t, cloud.url)
  await clouds.sync()
  cloud.changePassword(EMAIL, 'another')
  await clouds.sync()
  const text = log.text() + JSON.stringify([heard, clouds.list()])
  for (const secret of [PASSWORD, KEY]) t.notMatch(text, secret)
  t.notMatch(text, /[0-9a-f]{40}/)
})
