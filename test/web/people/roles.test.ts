/** People with different roles in one house, and how they are let in and out. */
import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { signIn as signInByRest } from '../../support/api.ts'
import { ADMIN, unit } from '../../support/e2e.ts'
import { visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, openScene, type Scene, signIn, violations, visitHouse } from '../browser/scene.ts'

const CHOSEN = 'vier bunte Gurken'

t.test('people and their roles', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  await t.test('a user is added who may look, then control, then nothing any more', (t) => changesRoles(t, scene))
  await t.test('what is refused although the page offers it says why', (t) => saysRefused(t, scene))
  await t.test('why a session ended, and back to where one was', (t) => comesBack(t, scene))
  await t.test('tabs are signed in and out together', (t) => sharesTabs(t, scene))
  await t.test('a session ends with the browser, or stays on the device', (t) => stays(t, scene))
})

/** Adds a user on the page, and resolves with the password shown. */
async function addUser(page: Page, name: string, role: string): Promise<string> {
  await page.getByRole('link', { name: 'System' }).click()
  const region = page.getByRole('region', { name: 'Users' })
  await region.getByText('Add a user').click()
  await region.getByLabel('Name of the new user').fill(name)
  await region.getByLabel('Role').selectOption(role)
  await region.getByLabel('Your own password').fill(ADMIN)
  await region.getByRole('button', { name: 'Add the user' }).click()
  return (await region.getByRole('status').getByRole('code').first().textContent()) ?? ''
}

/** Signs in for the first time, and chooses a password. */
async function arrives(page: Page, name: string, password: string): Promise<void> {
  await signIn(page, password, name)
  await page.getByText('others may have seen it').waitFor()
  await page.getByLabel('Current password').fill(password)
  await page.getByLabel('New password', { exact: true }).fill(CHOSEN)
  await page.getByLabel('Repeat the new password').fill(CHOSEN)
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
}

/** In the log of a device: a command that lacked the key. */
const UNSIGNED = {
  ...{ id: 1, at: '2026-01-15T12:00:00.000Z', type: 'command_failed', serial: null, account: null, message: '' },
  details: { by: { via: 'mqtt' }, what: 'action', about: ['blink'], code: 'KEY_MISSING', reason: '' },
}

const warmer = (page: Page) => page.getByRole('button', { name: 'Warmer' }).first()

async function changesRoles(t: Test, scene: Scene) {
  const { page: admin, complaints } = await visitHouse(t, scene)
  await admin.getByText('Administers').waitFor()
  const password = await addUser(admin, 'olga', 'look')
  const region = admin.getByRole('region', { name: 'Users' })
  await region.getByText('Has yet to choose a password.').waitFor()
  await region.getByLabel('Name of the new user').fill('<script>alert(1)</script>')
  await region.getByLabel('Your own password').fill(ADMIN)
  await region.getByRole('button', { name: 'Add the user' }).click()
  await region.getByRole('alert').getByText('A user name has 1 to 64 letters').waitFor()
  t.strictSame(await violations(admin), [])

  const { page: olga, complaints: others } = await visit(t, scene.browser, scene.url, LOOK)
  await arrives(olga, 'olga', password)
  await olga.locator('.who').getByText('Looks').waitFor()
  await olga.getByRole('article').first().waitFor()
  t.ok(await warmer(olga).isDisabled(), 'sees the setpoint and can’t change it')
  t.equal(await olga.getByRole('link', { name: 'Accounts' }).count(), 0)
  t.strictSame(await violations(olga), [])
  await olga.route('**/events?*', (route) => route.fulfill({ json: { events: [UNSIGNED], next: null } }))
  await olga.goto(`${scene.url}#/devices/${unit(scene.house).serial}`)
  await olga.getByRole('heading', { name: 'Schedule' }).waitFor()
  for (const name of ['Actions', 'Name', 'Room'])
    t.equal(await olga.getByRole('region', { name, exact: true }).count(), 0, name)
  const schedule = olga.getByRole('region', { name: 'Weekly schedule' })
  t.equal(await schedule.locator('input:enabled:not([type=radio]), select:enabled, button:enabled').count(), 0)
  t.equal(await schedule.getByRole('slider').count(), 0, 'nothing to drag')
  t.equal(await olga.locator('.points :is(input, select, button)').count(), 0, 'values are read')
  const log = olga.getByRole('region', { name: 'Events' })
  await log.getByText('asked for Blink. Not done: The device accepts only signed commands').waitFor()
  t.equal(await log.getByRole('link').count(), 0, 'no way to accounts that only administrators may see')
  t.strictSame(await violations(olga), [])
  await olga.goto(`${scene.url}#/settings`)
  await olga.getByRole('heading', { name: 'This part of the page is for administrators.' }).waitFor()
  await olga.getByRole('link', { name: 'System' }).click()
  await olga.getByRole('region', { name: 'Sessions' }).getByText('this one').waitFor()
  for (const name of ['Users', 'API tokens', 'Backup', 'Diagnostics'])
    t.equal(await olga.getByRole('region', { name, exact: true }).count(), 0, name)

  await olga.getByRole('link', { name: 'House' }).click()
  await region.getByRole('button', { name: 'Change the user olga' }).click()
  const line = region.getByRole('listitem').filter({ hasText: 'olga' })
  await line.getByLabel('Role').selectOption('control')
  await line.getByLabel('Your own password').fill(ADMIN)
  await line.getByRole('button', { name: 'Save' }).click()
  await region.getByText('olga · Controls').waitFor()
  // Nobody has touched this page.
  await olga.locator('.who').getByText('Controls').waitFor()
  await olga.locator('button:enabled[aria-label="Warmer"]').first().waitFor()
  t.equal(await olga.getByRole('link', { name: 'Accounts' }).count(), 0)

  await line.getByRole('button', { name: 'Change the user olga' }).click()
  await line.getByRole('button', { name: 'Remove the user' }).click()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Remove the user' }).click()
  await olga.getByText('An administrator has removed this user.').waitFor()
  t.strictSame(await violations(olga), [])
  t.strictSame(
    [...complaints, ...others].filter((said) => !/40[01]/.test(said)),
    [],
  )
}

async function saysRefused(t: Test, scene: Scene) {
  const { page: admin } = await visitHouse(t, scene)
  const password = await addUser(admin, 'taras', 'look')
  const { page } = await visit(t, scene.browser, scene.url, LOOK)
  // A page that has not heard yet of the role.
  await page.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch()
    const me = Object(await answer.json())
    await route.fulfill({ response: answer, json: { ...me, role: 'control', scopes: ['read', 'control'] } })
  })
  await arrives(page, 'taras', password)
  await page.locator('button:enabled[aria-label="Warmer"]').first().click()
  await page.getByRole('alert').getByText('Your role does not allow this.').first().waitFor()
  t.pass()
}

async function comesBack(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const place = `${scene.url}#/devices/${unit(scene.house).serial}`
  await page.goto(place)
  await page.getByRole('heading', { name: 'Schedule' }).waitFor()
  const rest = await signInByRest(scene.url.slice(0, -1), ADMIN)
  const ask = async (path: string, method = 'GET') =>
    (await fetch(`${scene.url}api/v1/${path}`, { method, headers: { ...rest } })).json()
  const end = async () => {
    const { sessions } = Object(await ask('sessions'))
    for (const { id, current, user_agent: agent } of sessions)
      if (!current && /Chrome/.test(agent)) await ask(`sessions/${id}`, 'DELETE')
  }
  await end()
  await page.getByText('You ended this session on another device.').waitFor()
  t.strictSame(await violations(page), [])
  await signIn(page)
  await page.getByRole('heading', { name: 'Schedule' }).waitFor()
  t.equal(page.url(), place)

  scene.clock.jumpWall(13 * 3_600_000)
  await page.reload()
  await page.getByText('You were away for a long time').waitFor()
  await signIn(page)
  await page.getByRole('heading', { name: 'Schedule' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  t.equal(await page.getByRole('status').filter({ hasText: 'session' }).count(), 0, 'one’s own wish needs no reason')
}

const opens = async (context: BrowserContext, url: string): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

async function sharesTabs(t: Test, scene: Scene) {
  const { page, context } = await visitHouse(t, scene)
  const other = await opens(context, `${scene.url}#/system`)
  await other.getByRole('heading', { name: 'System', level: 1 }).waitFor()
  t.notOk(
    await other.evaluate('Object.keys(localStorage).some((key) => key.includes("refresh"))'),
    'nothing on the disk',
  )
  for (let round = 0; round < 2; round++) {
    scene.clock.jumpWall(16 * 60_000)
    await Promise.all([page.reload(), other.reload()])
    await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
    await other.getByRole('heading', { name: 'System', level: 1 }).waitFor()
  }
  await page.getByRole('button', { name: 'Sign out' }).click()
  await other.getByText('You have signed out in another tab.').waitFor()
  await signIn(page)
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  await other.getByRole('heading', { name: 'System', level: 1 }).waitFor()
  const { entries } = (await scene.bridge.rest('GET', '/api/v1/audit')).body
  t.notMatch(JSON.stringify(entries), /reused/)
}

async function stays(t: Test, scene: Scene) {
  const { page, context } = await visitHouse(t, scene)
  await page.close()
  // The browser is closed and opened again: no tab knows anything, and only what is on the disk is left.
  const next = await opens(context, scene.url)
  await next.getByLabel('Stay signed in on this device').check()
  t.strictSame(await violations(next), [])
  await signIn(next)
  await next.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  await next.close()
  scene.clock.jumpWall(24 * 3_600_000)
  const later = await opens(context, scene.url)
  await later.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  const beside = await opens(context, scene.url)
  for (let round = 0; round < 2; round++) {
    scene.clock.jumpWall(16 * 60_000)
    await Promise.all([later.reload(), beside.reload()])
    for (const tab of [later, beside]) await tab.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  }
  await beside.getByRole('button', { name: 'Sign out' }).click()
  await later.getByText('You have signed out in another tab.').waitFor()
  t.notOk(await later.evaluate('Object.keys(localStorage).some((key) => key.includes("refresh"))'), 'nothing is left')
}
