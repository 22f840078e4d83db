/** What the first run asks and tells besides the usual way: another port, Home Assistant, and where a code comes from. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { seededRandom, VirtualOmnitron, VirtualTxty } from '../../../src/simulator/index.ts'
import { openSettings } from '../../../src/store/settings.ts'
import { openStore } from '../../../src/store/store.ts'
import { logBook } from '../../store/support.ts'
import { tempFolder, unit } from '../../support/e2e.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { listening } from '../../support/listening.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, signIn, violations } from '../browser/scene.ts'
import { type Empty, startEmpty } from './empty.ts'

const MINE = 'vier bunte Gurken'

t.test('steps of the first run', { skip: withoutBrowser() }, async (t) => {
  const taken = await listening(t, createServer())
  // An empty variable counts as none, so that the page can set the port.
  const fixed = { T2M_API_ADMIN_PASSWORD: MINE, T2M_MQTT_EMBEDDED_PORT: '', T2M_DATA_DIR: await portSet(t, taken) }
  const empty = await startEmpty(t, fixed)
  await t.test('the built-in broker gets another port', (t) => getsPort(t, empty, taken))
  await t.test('what does not work leads to where it is mended', (t) => leadsBack(t, empty))
  await t.test('of a code is said where it comes from', (t) => saysWhereFrom(t, empty))
  await t.test('what a flag fixes is shown with its state, and stops nobody', showsFlags)
})

/** A data folder in which somebody has set the port of the built-in broker on the page. */
async function portSet(t: Test, port: number): Promise<string> {
  const { logger } = logBook()
  const place = { dataDir: await tempFolder(t), clock: new FakeClock(), secrets: new SecretValues(), logger }
  openStore(place).close()
  const opened = openSettings(place)
  opened?.change(new Map([['mqtt.embedded.port', { value: port, secret: false }]]))
  opened?.settings.confirm()
  opened?.close()
  await opened?.durable()
  return place.dataDir
}

/** While the bridge starts anew, nobody answers the browser, which complains of that. */
const meant = (complaints: readonly string[]) => complaints.filter((text) => !/net::ERR_/.test(text))

async function getsPort(t: Test, { browser, url }: Empty, taken: number) {
  const { page, complaints } = await visit(t, browser, url, LOOK)
  await signIn(page, MINE)
  await page.getByText('uses the port of the built-in broker').waitFor()
  await page.evaluate(`location.hash = '#/setup/broker'`)
  await page.getByText(`uses port ${taken}, so the built-in broker can’t be reached`).waitFor()
  await page.getByLabel('The built-in one, at another port').check()
  const port = page.getByLabel('Port', { exact: true })
  t.equal(await port.inputValue(), String(taken + 1), 'one is proposed')
  t.strictSame(await violations(page), [])
  const other = await unusedPort()
  await port.fill(String(other))
  await port.press('Enter')
  await page.getByText(`Its address is mqtt://127.0.0.1:${other}.`).waitFor()
  await page.getByText('uses the port of the built-in broker').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Continue' }).click()
  await isReady(t, page, other)
  t.strictSame(meant(complaints), [])
}

/** What works is said once it does: the broker at its new port, and Home Assistant as soon as it is there. */
async function isReady(t: Test, page: Page, port: number) {
  const line = (title: string) => page.getByRole('listitem', { name: title, exact: true })
  await line('Broker').getByText(`The built-in one works at mqtt://127.0.0.1:${port}.`).waitFor()
  const heard = line('Home Assistant')
  await heard.getByText('Home Assistant: not yet').waitFor()
  await heard.getByText('add the MQTT integration, and give it the same broker').waitFor()
  const homeAssistant = await connectAsync(`mqtt://127.0.0.1:${port}`)
  t.teardown(() => homeAssistant.endAsync())
  await homeAssistant.publishAsync('homeassistant/status', 'online')
  await heard.getByText('Home Assistant: works').waitFor()
  await heard.getByText(/^Home Assistant was last heard at the broker: .*\d\d:\d\d/).waitFor()
  t.strictSame(await violations(page), [])
}

/** Presses the way back of a line, finds the step there, and comes back to the line. */
async function andBack(page: Page, step: string) {
  const line = page.getByRole('listitem', { name: step, exact: true })
  await line.getByText(`${step}: does not work`).waitFor()
  await line.getByRole('link', { name: `Back to the step: ${step}`, exact: true }).click()
  await page.getByRole('heading', { name: step, exact: true, level: 2 }).waitFor()
  await page.getByRole('link', { name: 'Ready', exact: true }).click()
  await page.getByRole('heading', { name: 'Ready', exact: true, level: 2 }).waitFor()
  await line.getByText(`${step}: does not work`).waitFor()
}

/** A thermostat that is found, but demands a key that no account brings, and then is not there any more. */
async function leadsBack(t: Test, { browser, house, url }: Empty) {
  const { page, complaints } = await visit(t, browser, `${url}#/setup/ready`, LOOK)
  await signIn(page, MINE)
  const line = (title: string) => page.getByRole('listitem', { name: title, exact: true })
  const found = unit(house, 0)
  await line('Account').getByText('locked thermostats can’t be controlled without one (1): ').waitFor()
  await andBack(page, 'Account')
  await line('Thermostats').getByText('Thermostats: works').waitFor()
  await found.unplug()
  await line('Thermostats').getByText('0 of 1 answer. These do not: ').waitFor()
  await line('Thermostats').getByText('Check that they have power and are in this network.').waitFor()
  await andBack(page, 'Thermostats')
  t.strictSame(await violations(page), [])
  await found.plugIn()
  await line('Thermostats').getByText('1 of 1 answer.').waitFor()
  t.strictSame(complaints, [])
}

const NOBODY = 'mqtt://127.0.0.1:1'

async function showsFlags(t: Test) {
  const flags = { 'mqtt.url': NOBODY, 'discovery.enabled': 'false' }
  const cloud = new VirtualTxty({ clock: new FakeClock(), random: seededRandom(3), accounts: [ACCOUNT] })
  await cloud.start()
  t.teardown(() => cloud.stop())
  const dataDir = await tempFolder(t)
  const account = { id: 'mine', provider: 'txty', url: cloud.url, username: ACCOUNT.user, password: 'another' }
  await writeFile(join(dataDir, 'config.yaml'), JSON.stringify({ cloud: { accounts: [account] } }))
  const { browser, url } = await startEmpty(t, { T2M_API_ADMIN_PASSWORD: MINE, T2M_DATA_DIR: dataDir }, flags)
  const { page, complaints } = await visit(t, browser, `${url}#/setup/broker`, LOOK)
  await signIn(page, MINE)
  await page.getByText(`Its address is ${NOBODY}.`).waitFor()
  await page.getByText('No broker answers at this address.').waitFor()
  await page.getByText('Set by flag --mqtt.url; it can be changed only there.').waitFor()
  t.strictSame(await violations(page), [])
  await page.getByRole('link', { name: 'Continue' }).click()
  const line = (title: string) => page.getByRole('listitem', { name: title, exact: true })
  await line('Broker').getByText(`The broker ${NOBODY} can’t be used.`).waitFor()
  await andBack(page, 'Broker')
  await line('Account').getByText('mine: The service rejects the user name or password').waitFor()
  await andBack(page, 'Account')
  await line('Thermostats').getByText('No thermostat is known yet.').waitFor()
  await andBack(page, 'Thermostats')
  await goTo(page, '#/settings')
  await page.getByRole('heading', { name: 'Device discovery' }).click()
  const row = page.locator('.setting', { hasText: 'Set by flag --discovery.enabled; it can be changed only there.' })
  await row.getByText('no', { exact: true }).waitFor()
  t.equal(await row.getByRole('checkbox').count(), 0, 'nothing that would change nothing')
  t.strictSame(meant(complaints), [])
}

const ACCOUNT = { user: 'me@example.com', password: 'password-of-the-cloud', devices: [] }

async function saysWhereFrom(t: Test, { browser, clock, url }: Empty) {
  const random = seededRandom(3)
  const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
  const services = [
    [
      'omnitron',
      new VirtualOmnitron({ clock, random, accounts: [{ ...ACCOUNT, totpSecret }] }),
      'Your authenticator app',
    ],
    [
      'txty',
      new VirtualTxty({ clock, random, accounts: [{ ...ACCOUNT, twoFactor: true }] }),
      'The service sent a code to',
    ],
  ] as const
  const { page, complaints } = await visit(t, browser, `${url}#/setup/account`, LOOK)
  await signIn(page, MINE)
  for (const [provider, service, from] of services) {
    await service.start()
    t.teardown(() => service.stop())
    await page.getByLabel('Which brand are your thermostats?').selectOption(provider)
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    await page.getByLabel('Address of the service').fill(service.url)
    await page.getByLabel('E-mail or user name').fill(ACCOUNT.user)
    await page.getByLabel('Password of the account', { exact: true }).fill(ACCOUNT.password)
    await page.getByLabel('Password of the account', { exact: true }).press('Enter')
    const code = page.getByLabel('Code', { exact: true })
    await page.getByText(from).waitFor()
    t.equal(await page.getByText(from).getAttribute('id'), await code.getAttribute('aria-describedby'), provider)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await code.waitFor({ state: 'detached' })
  }
  t.strictSame(meant(complaints), [])
}
