/** Somebody sets a thermostat for the first time, and is told why nothing happens yet. */
import t from 'tap'
import { accountsOf, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'

const HOST = '127.23.142.1'

t.test('the card says that the first command waits, why and how long', { skip: withoutBrowser() }, async (t) => {
  const page = await builtPage()
  const port = await unusedPort(HOST)
  // A day: the command waits for as long as anybody looks.
  const clock = new FastClock(5, Date.now())
  const house = await startHouse(t, { clock, thermostats: [{ model: 'ax', host: HOST, port }] })
  const ax = unit(house)
  const bridge = await startBridge(t, {
    clock,
    page,
    devicePort: port,
    quiet: 24 * 3_600_000,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  ax.startBeacons({ host: '127.0.0.1', port: bridge.addresses.beacons ?? 0 }, 2_000)
  await bridge.online(ax.serial)
  const { api } = bridge.addresses
  const { page: tab, complaints } = await visit(t, await openBrowser(t), `http://${api.host}:${api.port}/`, LOOK)
  await signIn(tab)
  const card = tab.getByRole('article').filter({ hasText: ax.name })
  await card.getByRole('button', { name: 'Warmer' }).click()
  const said = card
    .getByRole('status')
    .filter({ hasText: /^The first command waits up to [\d,]+ s, until the bridge is sure/ })
  await said.waitFor()
  await card.getByText('waiting for the device').waitFor({ state: 'attached' })
  t.equal(ax.writes.length, 0)
  t.strictSame(await violations(tab), [])

  await t.test('on its own page too, and in its log', async (t) => {
    await card.getByRole('link').first().click()
    await tab.getByRole('heading', { name: ax.name, level: 1 }).waitFor()
    await tab.getByRole('status').filter({ hasText: 'The first command waits' }).waitFor()
    await tab.getByRole('region', { name: 'Events' }).getByText('Command waits').waitFor()
    t.strictSame(await violations(tab), [])
  })
  t.strictSame(complaints, [])
})
