/** From an empty data folder to a working house, in a real browser, without touching a file. */
import { createServer } from 'node:net'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { seededRandom, VirtualBearer, type VirtualHouse } from '../../../src/simulator/index.ts'
import { eventually, unit } from '../../support/e2e.ts'
import { visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, PHONE, signIn, violations } from '../browser/scene.ts'
import { BROKER, type Empty, startEmpty } from './empty.ts'

/** What the user chooses in place of the password that was shown. */
const CHOSEN = 'vier bunte Gurken'

t.test('the first run', { skip: withoutBrowser() }, async (t) => {
  const empty = await startEmpty(t)
  await t.test('leads from nothing to a thermostat that is set', (t) => setsUp(t, empty))
  await t.test('fits a phone, is accessible, and can be come back to', (t) => comesBack(t, empty))
  await t.test('asks for the code of a second factor, and takes an account back', (t) => asksForCode(t, empty))
  await t.test('shows what is fixed, and refuses what is wrong', (t) => refuses(t, empty))
  await t.test('shows a broker that is fixed with its state, and what does not work', showsFixed)
})

/** Fills in a form, and sends it as people do who keep their hands on the keyboard. */
async function fill(page: Page, fields: Readonly<Record<string, string>>, send = true): Promise<void> {
  const entries = Object.entries(fields)
  for (const [label, text] of entries) await page.getByLabel(label, { exact: true }).fill(text)
  const last = entries.at(-1)
  if (send && last) await page.getByLabel(last[0], { exact: true }).press('Enter')
}

/** While the bridge starts anew, nobody answers the browser, which complains of that. */
const meant = (complaints: readonly string[]) => complaints.filter((text) => !/net::ERR_/.test(text))

const saved = (page: Page) => page.getByText('Saved and in effect.').waitFor()

/** The password that was shown is good for one thing only. */
async function choosesPassword(t: Test, page: Page, shown: string) {
  await signIn(page, shown)
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor()
  t.same(await violations(page), [])
  t.equal(await page.getByRole('navigation').count(), 0, 'nothing else is open')
  await page.reload()
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor()
  const choose = (next: string) =>
    fill(page, { 'Current password': shown, 'New password': next, 'Repeat the new password': next })
  await choose('Passw0rd2024')
  await page.getByText('This is one of the first passwords that attackers try.').waitFor()
  await choose(shown)
  await page.getByText('This is already your password.').waitFor()
  await choose(CHOSEN)
}

async function setsUp(t: Test, { browser, house, url, password }: Empty) {
  const { page, complaints } = await visit(t, browser, url, LOOK)
  await choosesPassword(t, page, password)
  await page.getByRole('heading', { name: 'Set up your house' }).waitFor()
  const [cloud] = house.describe().clouds
  const [first, second] = [unit(house, 0), unit(house, 1)]
  t.ok(cloud, 'there is a cloud')

  await page.getByText('More', { exact: true }).click()
  await fill(page, {
    'E-mail or user name': 'mistyped@terneo.example',
    'Address of the service': cloud?.url ?? '',
    'Password of the account': cloud?.password ?? '',
  })
  await page.getByText('The service rejects the user name, password or code').waitFor()
  await page.getByText('Nothing was saved.').waitFor()
  t.equal(await page.getByRole('article').count(), 0, 'no account is there')
  t.strictSame(await violations(page), [])
  // What may be wrong is there to be corrected, with what was typed.
  t.equal(await page.getByLabel('E-mail or user name').inputValue(), 'mistyped@terneo.example')
  t.equal(await page.getByLabel('Address of the service').inputValue(), cloud?.url)
  t.equal(await page.getByLabel('Password of the account', { exact: true }).inputValue(), cloud?.password)
  await fill(page, { 'E-mail or user name': cloud?.email ?? '' })
  const account = page.getByRole('article', { name: 'terneo' })
  await account.getByText('Ready').waitFor()
  await page.getByRole('link', { name: 'Continue' }).click()

  await page.getByRole('heading', { name: 'Thermostats', level: 2 }).waitFor()
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  await row(first.serial).getByText('answers').waitFor()
  await row(second.serial).getByText('does not answer yet').waitFor()
  await page.getByText('Add one by hand').click()
  await page.getByRole('group').getByText('More', { exact: true }).click()
  await fill(page, { Port: String(second.port), 'Network address': first.host, 'Serial number': second.serial })
  await page.getByText('Another device answers at this address.').waitFor()
  await page.getByRole('button', { name: 'Add it anyway' }).waitFor()
  await fill(page, {
    Port: String(second.port),
    'Network address': second.host,
    'Name of the device': '<img src=x onerror=alert(1)>',
    'Serial number': second.serial,
  })
  await row('<img src=x').getByText('answers', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Continue' }).click()

  await page.getByText('so the built-in broker can’t be reached').first().waitFor()
  await page.getByLabel('The built-in one, at another port').check()
  await page.getByText('Set by environment variable T2M_MQTT_EMBEDDED_PORT').waitFor()
  await page.getByLabel('The one that runs here').check()
  t.strictSame(await violations(page), [], 'accessible by day as well')
  await fill(page, { 'User name at the broker': 'home', 'Password at the broker': 'wrong-password' })
  await page.getByText('The broker rejects the user name or password.').waitFor()
  t.equal(await page.getByText('Saved and in effect.').count(), 0, 'not saved')
  await page.getByRole('button', { name: 'Use it anyway' }).waitFor()
  await fill(page, { 'Password at the broker': BROKER.password })
  await page.getByText('It works').waitFor()
  await saved(page)
  await page.getByRole('link', { name: 'Continue' }).focus()
  await page.keyboard.press('Enter')
  await checks(t, page, house)
  await page.getByRole('button', { name: 'Go to the house' }).click()

  const card = page.getByRole('article').filter({ has: page.locator(`a[href*="${first.serial}"]`) })
  const writes = first.writes.length
  await card.getByRole('button', { name: 'Warmer' }).click()
  await eventually('the thermostat is set', () => first.writes.length > writes)
  await card.getByText('waiting for the device to confirm').waitFor({ state: 'detached' })
  // A password that is not right is an answer, which browsers log.
  t.strictSame(
    meant(complaints).filter((text) => !/status of 409/.test(text)),
    [],
  )
}

/** The last step says what works, and leads back to what does not. */
async function checks(t: Test, page: Page, house: VirtualHouse) {
  const written = () => house.thermostats.reduce((sum, { writes }) => sum + writes.length, 0)
  const line = (title: string) => page.getByRole('listitem', { name: title, exact: true })
  await line('Account').getByText('Account: works').waitFor()
  await line('Thermostats').getByText('2 of 2 answer.').waitFor()
  await line('Broker').getByText('The bridge is connected to').waitFor()
  await line('Home Assistant').getByText('has not been heard yet').waitFor()
  await line('A command').getByText('not yet').waitFor()
  t.strictSame(await violations(page), [], 'the checks are accessible')
  t.equal(written(), 0, 'nothing is sent unasked')
  // One that fails leads to its thermostat.
  await page.route('**/api/v1/devices/*/state', (route) => route.abort(), { times: 1 })
  await line('A command').getByRole('button', { name: 'Try it' }).click()
  await line('A command').getByText('A command: does not work').waitFor()
  await line('A command')
    .getByRole('link', { name: /^Open / })
    .click()
  await page.getByRole('region', { name: 'Name', exact: true }).waitFor()
  await page.goBack()
  await line('A command').getByRole('button', { name: 'Try it' }).click()
  await line('A command').getByText('A command: works').waitFor()
  await line('A command').getByText('has accepted a signed command').waitFor()
  t.ok(written() > 0)
}

async function comesBack(t: Test, { browser, url }: Empty) {
  const { page, complaints } = await visit(t, browser, url, { ...PHONE, colorScheme: 'dark' })
  await signIn(page, CHOSEN)
  await page.getByRole('article').first().waitFor()
  await page.getByRole('link', { name: 'System' }).click()
  await page.getByRole('link', { name: 'Set up step by step' }).click()
  // The longest words.
  const speak = async (language: string) => {
    await page.evaluate(`localStorage.setItem('thermo2mqtt.language', '${language}')`)
    await page.reload()
  }
  await speak('ru')
  const wrong: string[] = []
  const places = ['setup/account', 'setup/devices', 'setup/broker', 'setup/ready', 'settings', 'accounts']
  for (const place of places) {
    await goTo(page, `#/${place}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    wrong.push(...(await violations(page)).map((what) => `${place}: ${what}`))
    if ((await page.evaluate('document.documentElement.scrollWidth > innerWidth')) === true)
      wrong.push(`${place}: too wide`)
  }
  t.strictSame(wrong, [])
  await goTo(page, '#/setup/broker')
  await speak('en')
  await page.getByRole('heading', { name: 'Broker', level: 2 }).waitFor()
  t.match(await page.getByLabel('Address of the broker').inputValue(), /^mqtt:/)
  await page.getByLabel('The built-in one').check()
  await page.getByRole('button', { name: 'Keep it' }).click()
  await saved(page)
  t.strictSame(meant(complaints), [])
}

async function asksForCode(t: Test, { browser, clock, url }: Empty) {
  const mailing = new VirtualBearer({
    clock,
    random: seededRandom(7),
    accounts: [{ user: 'me@example.com', password: 'password-of-the-cloud', has2fa: true, devices: [] }],
  })
  await mailing.start()
  t.teardown(() => mailing.stop())
  const { page, complaints } = await visit(t, browser, `${url}#/setup/account`, { ...PHONE, colorScheme: 'dark' })
  await signIn(page, CHOSEN)
  await page.getByText('Add an account').click()
  await page.getByLabel('Which brand are your thermostats?').selectOption('bearer')
  await fill(page, {
    'Address of the service': mailing.url,
    'E-mail or user name': 'me@example.com',
    'Password of the account': 'password-of-the-cloud',
  })
  const sentBy = page.getByText('The service sent you a code by e-mail.')
  const send = page.getByRole('button', { name: 'Send the code' })
  await sentBy.waitFor()
  const hint = await page.getByLabel('Code').getAttribute('aria-describedby')
  t.equal(await sentBy.getAttribute('id'), hint, 'the field says where the code comes from')
  t.strictSame(await violations(page), [])
  const code = await eventually('a code was mailed', () => mailing.mails.at(-1))
  await page.getByLabel('Code').fill(String((Number(code) + 1) % 1_000_000).padStart(6, '0'))
  await send.click()
  await page.getByText('Nothing was saved.').waitFor()
  t.equal(await page.getByRole('article', { name: 'bearer' }).count(), 0)

  // Whoever gives up finds what was typed, and gets another code, though the network be slow.
  await page.route('**/sign-ins/*', (route) => void setTimeout(() => void route.continue(), 500), { times: 1 })
  await page.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await page.getByLabel('E-mail or user name').inputValue(), 'me@example.com')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await sentBy.waitFor()
  t.equal(mailing.mails.length, 2)
  await page.getByLabel('Code').fill(mailing.mails.at(-1) ?? '')
  await send.click()
  const card = page.getByRole('article', { name: 'bearer' })
  await card.getByText('Ready').waitFor()
  t.equal(mailing.mails.length, 2, 'the bridge goes on with the same session')
  await card.getByText('this account brings no thermostats and no keys').waitFor()

  // A change is tried as well, and the account stays what it was.
  await card.getByText('Change user name, password or address').click()
  await card.getByLabel('New password of the account').fill('mistyped')
  await card.getByLabel('New password of the account').press('Enter')
  await card.getByText('Nothing was saved.').waitFor()
  await card.getByText('Ready').waitFor()
  await fill(page, { 'Path of the device list': '/devices' }, false)
  await card.getByRole('button', { name: 'Save', exact: true }).click()
  await card.getByText('this account brings no thermostats').waitFor({ state: 'detached' })
  // As those press who click everything twice: it still asks.
  await card.getByRole('button', { name: 'Remove bearer' }).dblclick()
  await card.getByRole('button', { name: 'Yes, remove it: bearer' }).waitFor()
  await card.getByRole('button', { name: 'Cancel' }).press('Enter')
  const remove = card.getByRole('button', { name: 'Remove bearer' })
  await eventually('the focus is back', () =>
    remove.evaluate((button) => button === button.ownerDocument.activeElement),
  )
  await remove.click()
  await card.getByRole('button', { name: 'Yes, remove it: bearer' }).click()
  await card.waitFor({ state: 'detached' })
  t.strictSame(
    meant(complaints).filter((text) => !/status of 409/.test(text)),
    [],
  )
}

async function showsFixed(t: Test) {
  const fixed = { T2M_API_ADMIN_PASSWORD: CHOSEN, T2M_MQTT_URL: 'mqtt://127.0.0.1:1' }
  const { browser, url } = await startEmpty(t, fixed)
  const { page, complaints } = await visit(t, browser, `${url}#/setup/broker`, LOOK)
  await signIn(page, CHOSEN)
  await page.getByText('Its address is mqtt://127.0.0.1:1.').waitFor()
  await page.getByText('No broker answers at this address.').waitFor()
  await page.getByText('Set by environment variable T2M_MQTT_URL').waitFor()
  await page.getByRole('link', { name: 'Continue' }).click()
  const broker = page.getByRole('listitem', { name: 'Broker', exact: true })
  await broker.getByText('Broker: does not work').waitFor()
  await broker.getByText('No broker answers at this address.').waitFor()
  await broker.getByRole('link', { name: 'Back to the step: Broker' }).click()
  await page.getByText('Its address is mqtt://127.0.0.1:1.').waitFor()
  t.strictSame(meant(complaints), [])
}

async function refuses(t: Test, { browser, url }: Empty) {
  const taken = createServer().listen(0, '127.0.0.2')
  t.teardown(() => taken.close())
  const { page, complaints } = await visit(t, browser, `${url}#/settings`, LOOK)
  await signIn(page, CHOSEN)
  await page.getByRole('heading', { name: 'Device discovery' }).click()
  await page.getByText('Set by environment variable T2M_DISCOVERY_PORT').waitFor()
  const group = page.getByRole('group').filter({ hasText: 'Clouds' })
  await group.getByRole('heading', { name: 'Clouds' }).click()
  const interval = group.getByLabel('How often accounts are asked for their devices')
  await interval.fill('1s')
  await group.getByRole('button', { name: 'Save' }).click()
  await group.getByRole('alert').getByText('is too short').waitFor()
  await interval.fill('2h')
  await interval.press('Enter')
  await saved(page)
  await group.getByText('From: this page').waitFor()

  const broker = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'Broker', exact: true }) })
  await broker.getByRole('heading', { name: 'Broker' }).click()
  // Without these it is refused at once: an open broker is not let out into a network.
  await broker.getByLabel('Built-in broker: user name').fill('house')
  await broker.getByLabel('Built-in broker: password').fill('a pass phrase of its own')
  await broker.getByLabel('Built-in broker: address it listens on').fill('192.0.2.1')
  await broker.getByRole('button', { name: 'Save' }).click()
  await broker.getByRole('alert').getByText('The bridge could not start with this change.').waitFor()
  await page.getByText('The bridge could not start with the last change').waitFor()
  t.strictSame(meant(complaints), [])
}
