/** What is around the devices on the page, in a real browser: accounts, the connection, and who may sign in. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { ADMIN, eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from './browser.ts'
import {
  changesPassword,
  looksAfterBridge,
  namesDevice,
  saysReplaced,
  seesKeys,
  seesNewer,
} from './housekeeping-flows.ts'
import { openScene, type Scene, signIn, violations, visitHouse } from './scene.ts'
import { nextCode } from './totp.ts'
import { Wire } from './wire.ts'

t.test('accounts and system', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  await t.test('an account gets the code that it waits for', (t) => entersCode(t, scene))
  await t.test('a lost connection is said and comes back', (t) => comesBack(t, scene))
  await t.test('a store that takes nothing is said everywhere, and that it does again', (t) => saysStore(t, scene))
  await t.test('that a copy came in the place of the database is said in every language', (t) => saysReplaced(t, scene))
  await t.test('two tabs with one session renew it together', (t) => sharesSession(t, scene))
  await t.test('what hostile devices and beacons say is shown as text, or not at all', (t) => showsNoMarkup(t, scene))
  await t.test('API tokens are made, used and revoked', (t) => makesTokens(t, scene))
  await t.test('a device is named; what happened to it is told as it happens', (t) => namesDevice(t, scene))
  await t.test('keys are shown masked', (t) => seesKeys(t, scene))
  await t.test('a password is changed, which ends the other sessions', (t) => changesPassword(t, scene))
  await t.test('a newer version is told, with its notes', (t) => seesNewer(t, scene))
  await t.test('health, diagnostics, backup and restore', (t) => looksAfterBridge(t, scene))
  await t.test('a second factor is set up and asked for', (t) => setsUpSecondFactor(t, scene))
})

async function entersCode(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByRole('link', { name: 'Accounts' }).click()
  const card = page.getByRole('article', { name: 'cottage' })
  await card.getByText('Waiting for a code').waitFor()
  await card.getByLabel('Code').fill('000000')
  await card.getByRole('button', { name: 'Send the code' }).click()
  await card.getByRole('alert').waitFor()
  const code = await eventually('a code was mailed', () => scene.mailing.mails.at(-1))
  await card.getByLabel('Code').fill(code)
  await card.getByRole('button', { name: 'Send the code' }).click()
  await card.getByText('Ready').waitFor()
  const terneo = page.getByRole('article', { name: 'terneo' })
  await terneo.getByRole('button', { name: 'Sync' }).click()
  await terneo.getByText('Done').waitFor()
  t.strictSame(complaints, [])
}

async function comesBack(t: Test, scene: Scene) {
  const wire = await Wire.open(t, scene.bridge.addresses.api.port)
  const { page } = await visitHouse(t, { ...scene, url: `http://127.0.0.1:${wire.port}/` })
  await page.getByRole('link', { name: 'System' }).click()
  const events = page.getByRole('region', { name: 'Events' }).getByRole('listitem')
  await events.first().waitFor()
  const renamed = events.filter({ hasText: 'Renamed' })
  const before = await renamed.count()
  wire.cut()
  await page.getByText('The connection to the bridge is lost').waitFor()
  const { serial, name } = unit(scene.house)
  for (const each of ['Other', name]) await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: each })
  wire.mend()
  await page.getByText('The connection to the bridge is lost').waitFor({ state: 'detached' })
  await eventually('what happened meanwhile is told', async () => (await renamed.count()) > before)
}

async function saysStore(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const other = new Database(join(scene.bridge.dataDir, 'thermo2mqtt.db'))
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  await scene.bridge.patch(unit(scene.house).serial, { brightness: 5 })
  const notice = page.getByText('Another program has locked the database of the bridge')
  await notice.waitFor()
  await page.getByRole('link', { name: 'Accounts' }).click()
  await notice.waitFor()
  t.strictSame(await violations(page), [])
  other.exec('ROLLBACK')
  await notice.waitFor({ state: 'detached' })
}

async function sharesSession(t: Test, scene: Scene) {
  const { page, context, complaints } = await visitHouse(t, scene)
  const opened = context.waitForEvent('page')
  // A copy of the tab, its session included.
  await page.evaluate('window.open(location.href)')
  const copy = await opened
  const tabs = [page, copy]
  await copy.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  for (let round = 0; round < 2; round++) {
    scene.clock.jumpWall(16 * 60_000)
    for (const part of ['System', 'Accounts']) {
      await Promise.all(tabs.map((tab) => tab.getByRole('link', { name: part }).click()))
      await Promise.all(tabs.map((tab) => tab.getByRole('heading', { name: part, level: 1 }).waitFor()))
    }
  }
  for (const tab of tabs) await tab.getByRole('article', { name: 'cottage' }).waitFor()
  const { entries } = (await scene.bridge.rest('GET', '/api/v1/audit')).body
  t.notMatch(JSON.stringify(entries), 'refreshToken', 'no token came twice')
  await copy.getByRole('button', { name: 'Sign out' }).click()
  for (const tab of tabs) await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  t.strictSame(complaints, [])
}

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
const HOSTILE = 'HOSTILE-0001'

/** A device all of whose texts are markup. */
async function hostileDevice(t: Test): Promise<number> {
  const week = { '0': [[MARKUP, MARKUP]] }
  const said = {
    sn: HOSTILE,
    par: [
      [1, 0, MARKUP],
      [2, 2, MARKUP],
      [999, 0, MARKUP],
    ],
    't.1': MARKUP,
    'm.1': MARKUP,
    'x.1': MARKUP,
    time: MARKUP,
    tt: week,
  }
  const server = createServer((_request, response) => response.end(JSON.stringify(said)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function showsNoMarkup(t: Test, scene: Scene) {
  const { app, addresses } = scene.bridge
  const beacons = createSocket('udp4')
  t.teardown(() => beacons.close())
  for (const sn of [MARKUP, 'BEACON-0001']) {
    beacons.send(
      JSON.stringify({ sn, hw: MARKUP, connection: MARKUP, wifi: MARKUP }),
      addresses.beacons ?? 0,
      '127.0.0.1',
    )
  }
  app.registry.found(HOSTILE, { host: '127.0.0.1', port: await hostileDevice(t) }, MARKUP)
  t.teardown(() => app.registry.forget(HOSTILE))
  t.match(await scene.bridge.rest('PATCH', `/api/v1/devices/${HOSTILE}`, { name: MARKUP.slice(0, 60) }), {
    status: 200,
  })
  const bad = { monday: [{ time: MARKUP, temperature: MARKUP }] }
  t.match(await scene.bridge.rest('PUT', `/api/v1/devices/${HOSTILE}/schedule`, { floor: bad }), { status: 400 })
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByRole('link', { name: MARKUP.slice(0, 20) }).click()
  await page.getByRole('heading', { level: 1, name: MARKUP.slice(0, 20) }).waitFor()
  for (const part of ['Accounts', 'System', 'House']) {
    await page.getByRole('link', { name: part, exact: true }).click()
    await page.getByRole('heading', { level: 1, name: part }).waitFor()
    t.equal(await page.locator('img[src="x"]').count(), 0, part)
  }
  const card = page.getByRole('article').filter({ hasText: 'BEACON-0001' })
  t.equal(await card.count(), 0, 'a beacon that nobody confirms is no device')
  await eventually('the title is its own', async () => (await page.title()) === 'House · thermo2mqtt')
  t.strictSame(complaints, [])
}

async function makesTokens(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByRole('link', { name: 'System' }).click()
  await page.getByText('Everything works.').waitFor()
  const region = page.getByRole('region', { name: 'API tokens' })
  await region.getByLabel('Name').fill('<b>heating</b> at night')
  await region.getByLabel('Valid').selectOption({ label: 'for 30 days' })
  await region.getByRole('button', { name: 'Create a token' }).click()
  const token = (await region.getByRole('status').getByRole('code').textContent()) ?? ''
  t.match(token, /^t2m_/)
  t.equal((await scene.bridge.rest('GET', '/api/v1/devices', undefined, token)).status, 200)
  t.equal((await scene.bridge.rest('POST', '/api/v1/tokens', {}, token)).status, 403, 'it may only look')
  await region.getByText('<b>heating</b> at night').first().waitFor()
  await region.getByText(/expires: .* 20\d\d/).waitFor()
  await region.getByRole('button', { name: /^Revoke/ }).click()
  await region.getByText('None yet.').waitFor()
  t.equal((await scene.bridge.rest('GET', '/api/v1/devices', undefined, token)).status, 401)
  const sessions = page.getByRole('region', { name: 'Sessions' })
  await sessions.getByText('this one').waitFor()
  const login = await fetch(`${scene.url}api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'tablet/1' },
    body: JSON.stringify({ username: 'admin', password: ADMIN }),
  })
  const { access } = Object(await login.json()).token
  await page.reload()
  await sessions
    .getByRole('listitem')
    .filter({ hasText: 'tablet/1' })
    .getByRole('button', { name: 'End the session' })
    .click()
  await eventually(
    'it is over',
    async () => (await scene.bridge.rest('GET', '/api/v1/me', undefined, access)).status === 401,
  )
  t.strictSame(complaints, [])
}

async function setsUpSecondFactor(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByRole('link', { name: 'System' }).click()
  const region = page.getByRole('region', { name: 'Second factor' })
  await region.getByRole('button', { name: 'Set up a second factor' }).click()
  await region.getByRole('img', { name: 'QR code' }).waitFor()
  const secret = /([A-Z2-7]{16,})/.exec((await region.getByText('Or type this in').textContent()) ?? '')?.[1] ?? ''
  const code = () => nextCode(secret, scene.clock.now())
  await region.getByLabel('Code of your authenticator app').fill(code())
  await region.getByRole('button', { name: 'Switch it on' }).click()
  await region.getByText('Sign-in asks for a code.').waitFor()
  t.equal(await region.getByRole('listitem').count(), 10, 'recovery codes')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page)
  await page.getByLabel('Code of your authenticator app').waitFor()
  // The app shows another one.
  scene.clock.jumpWall(30_000)
  await page.getByLabel('Code of your authenticator app').fill(code())
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('heading', { name: 'System' }).waitFor()
  scene.clock.jumpWall(30_000)
  await region.getByLabel('Password').fill(ADMIN)
  await region.getByLabel('Code of your authenticator app').fill(code())
  await region.getByRole('button', { name: 'Switch it off' }).click()
  await region.getByText('Sign-in asks for the password only.').waitFor()
  t.strictSame(complaints, [])
}
