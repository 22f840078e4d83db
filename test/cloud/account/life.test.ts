/** What holds for each of the services whose login can want a code: sign-in, restart, revoked key, changed password. */
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { KEY, PASSWORD, SERIAL } from '../../support/simulator.ts'
import { HARNESSES, NAMES } from '../harness.ts'
import { bridge, HOUR, until } from '../support.ts'

const MINUTE = 60_000

for (const name of NAMES) {
  t.test(`${name} without a second factor: keys, restart, revoked key`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: false })
    const dataDir = t.testdir()
    const first = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    t.match(await first.clouds.sync(), [{ state: 'ready', devices: 1, error: null }])
    t.match(first.store.keys.of(SERIAL), [{ key: KEY }])
    await first.close()
    const second = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    t.match(await second.clouds.sync(), [{ state: 'ready' }])
    t.equal(h.service.asked('login'), 1, 'the key is reused after a restart')
    h.revoke()
    const views = await Promise.all([
      second.clouds.sync(),
      second.clouds.refreshKeys(SERIAL, []),
      second.clouds.sync('home'),
      second.clouds.login('home'),
    ])
    t.match(views[0], [{ state: 'ready', error: null }])
    t.equal(h.service.asked('login'), 2, 'one renewal for all who ask')
  })

  t.test(`${name} with a second factor: wrong code, restart while waiting, right code`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: true })
    const dataDir = t.testdir()
    const first = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    first.clouds.start()
    await until(() => first.view().state === 'code_needed')
    t.match(first.view().error, { code: 'CLOUD_CODE_NEEDED', message: /thermo2mqtt login/ })
    await clock.advance(5 * HOUR)
    t.equal(h.service.asked('login'), 1)
    t.equal(first.log.problems().length, 1, 'told once')
    await first.close()

    const second = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    t.match(second.view(), { state: 'code_needed' })
    second.clouds.start()
    await until(() => second.view().error !== null)
    t.equal(h.service.asked('login'), 1, 'a restart sends no code')
    if (name !== 'txty') {
      await t.rejects(second.clouds.submitCode('home', '00000x'), { code: 'CLOUD_AUTH' }, 'too old by now')
      await until(() => second.view().state === 'code_needed')
    }
    await t.rejects(second.clouds.submitCode('home', '00000x'), { code: 'CLOUD_AUTH' })
    t.match(second.view(), { state: 'code_needed' })
    t.match(await second.clouds.submitCode('home', ` ${h.code()} `), { state: 'ready', devices: 1, error: null })
    t.match(second.store.keys.of(SERIAL), [{ key: KEY }])
    await t.rejects(second.clouds.submitCode('home', h.code()), {
      code: 'BAD_REQUEST',
      message: /not waiting for a code/,
    })
    await second.close()

    const third = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    const before = h.service.asked('login')
    t.match(await third.clouds.sync(), [{ state: 'ready' }])
    t.equal(h.service.asked('login'), before)
    h.revoke()
    await clock.advance(2 * HOUR)
    await third.clouds.refreshKeys(SERIAL, [])
    t.match(third.view(), { state: 'code_needed' }, 'a revoked key needs a new code')
    t.match(third.store.keys.of(SERIAL), [{ key: KEY }], 'keys stay')
  })

  t.test(`${name}: a changed password is tried once an hour and on demand`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: false })
    const { clouds, view, store } = bridge(t, h.service.url, { clock, accounts: [h.account] })
    await clouds.sync()
    h.changePassword('another')
    await clouds.refreshKeys(SERIAL, [])
    t.match(view(), {
      state: 'auth_failed',
      error: { code: 'CLOUD_AUTH', message: /refuses the user name or password/ },
    })
    t.match(store.keys.of(SERIAL), [{ key: KEY }])
    for (let minutes = 0; minutes < 58; minutes++) await clock.advance(MINUTE)
    t.equal(h.failedLogins(), 1)
    await clock.advance(3 * MINUTE)
    await until(() => h.failedLogins() === 2)
    await clouds.login('home')
    t.equal(h.failedLogins(), 3)
    h.changePassword(PASSWORD)
    t.match(await clouds.login('home'), { state: 'ready', error: null })
  })

  t.test(`${name}: log-out revokes where it can, and lasts over a restart until somebody signs in`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: false })
    const dataDir = t.testdir()
    const first = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    await first.clouds.sync()
    t.match(await first.clouds.logout('home'), { state: 'signed_out', error: null })
    await first.close()
    const second = bridge(t, h.service.url, { clock, dataDir, accounts: [h.account] })
    second.clouds.start()
    await clock.advance(24 * HOUR)
    t.match(await second.clouds.sync(), [{ state: 'signed_out' }])
    t.equal(h.service.asked('login'), 1)
    t.match(await second.clouds.login('home'), { state: 'ready' })
    t.equal(h.service.asked('login'), 2)
  })

  t.test(`${name}: an account without a device list is kept signed in and says so once`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: false })
    const { clouds, log, heard } = bridge(t, h.service.url, { clock, accounts: [{ ...h.account, devices: undefined }] })
    for (let syncs = 0; syncs < 3; syncs++) t.match(await clouds.sync(), [{ state: 'ready', devices: 0, error: null }])
    t.equal(log.lines.filter(({ msg }) => /stays signed in.*devices\.path/.test(msg)).length, 1)
    t.same(heard.devices, [])
  })
}

t.test('one account that waits or fails delays no other', async (t) => {
  const clock = new FakeClock()
  const waiting = await HARNESSES.bearer(t, { clock, secondFactor: true })
  const failing = await HARNESSES.omnitron(t, { clock, secondFactor: false })
  const hanging = await HARNESSES.txty(t, { clock, secondFactor: false })
  const fine = await HARNESSES.txty(t, { clock, secondFactor: false })
  failing.changePassword('another')
  hanging.service.fault = { on: 'login', fault: 'no-answer' }
  const accounts = [waiting, failing, hanging, fine].map((h, index) => ({ ...h.account, id: `account${index}` }))
  const { clouds } = bridge(t, fine.service.url, { clock, accounts })
  clouds.start()
  await until(() => clouds.list()[3]?.state === 'ready' && clouds.list()[1]?.state === 'auth_failed')
  await until(() => clouds.list()[0]?.state === 'code_needed')
  t.match(
    clouds.list().map(({ state }) => state),
    ['code_needed', 'auth_failed', 'signing_in', 'ready'],
  )
  t.match(await clouds.submitCode('account0', waiting.code()), { state: 'ready' })
})
