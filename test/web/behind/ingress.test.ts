/** The page inside of Home Assistant, below a path that is another one with each start. */
import type { Frame, Page } from 'playwright-core'
import t from 'tap'
import { accountsOf, devicesOf, startBridge, startHouse } from '../../support/e2e.ts'
import { FakeSupervisor, SUPERVISOR_ADDRESS } from '../../support/supervisor.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'

const OLENA = { id: '0123456789abcdef0123456789abcdef', username: 'olena', name: 'Олена' }

function frameOf(page: Page): Frame {
  const [, frame] = page.frames()
  if (!frame) throw new Error('there is no frame')
  return frame
}

t.test('the page inside of Home Assistant', { skip: withoutBrowser() }, async (t) => {
  const supervisor = await FakeSupervisor.start(t)
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const bridge = await startBridge(t, {
    page: await builtPage(),
    settings: {
      cloud: { accounts: accountsOf(house) },
      devices: devicesOf(house),
      api: { ingress: { proxy: SUPERVISOR_ADDRESS } },
    },
  })
  const serial = house.thermostats[0]?.serial ?? ''
  await bridge.online(serial)
  const browser = await openBrowser(t)
  const home = `http://${supervisor.host}/app`

  await t.test('whoever is signed in there is signed in; at each start below another path', async (t) => {
    supervisor.user = OLENA
    const { page, context, complaints } = await visit(t, browser, 'about:blank', LOOK)
    const outside: string[] = []
    let path = ''
    context.on('request', (request) => {
      const { pathname, protocol } = new URL(request.url())
      if (protocol !== 'blob:' && pathname !== '/app' && !pathname.startsWith(path)) outside.push(request.url())
    })
    for (const target of [27, 28]) {
      path = supervisor.showApp(bridge.addresses.api.port)
      await page.goto(home)
      const frame = frameOf(page)
      await frame.getByRole('article').first().waitFor()
      const changed = await bridge.patch(serial, { mode: 'heat', target_temperature: target })
      t.equal(changed.status, 200)
      await frame.getByRole('article').getByText(String(target)).first().waitFor()
    }
    const frame = frameOf(page)
    await frame.getByRole('link', { name: 'System' }).click()
    await frame.getByRole('region', { name: 'Backup' }).getByText('Home Assistant has signed you in').waitFor()
    t.equal(await frame.getByLabel('Current password').count(), 0, 'there is no password to change')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      frame.getByRole('button', { name: 'Download the file' }).click(),
    ])
    t.equal(file.suggestedFilename(), 'thermo2mqtt-schedules.yaml')
    t.same(outside, [], 'nothing is asked for elsewhere')
    t.same(
      complaints.filter((line) => !line.startsWith('asked ')),
      [],
    )
    t.same(await context.cookies(), [], 'no cookies')
  })

  await t.test('who signs out can sign in with a password, or as in Home Assistant again', async (t) => {
    supervisor.user = OLENA
    const path = supervisor.showApp(bridge.addresses.api.port)
    const { page } = await visit(t, browser, `http://${supervisor.host}${path}`, LOOK)
    await page.getByRole('button', { name: 'Sign out' }).click()
    const again = page.getByRole('button', { name: 'Continue as olena, as in Home Assistant' })
    await again.waitFor()
    t.same(await violations(page), [])
    await again.click()
    await page.getByRole('article').first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page)
    await page.getByRole('article').first().waitFor()
    await page.getByRole('link', { name: 'System' }).click()
    await page.getByLabel('Current password').or(page.getByText('api.admin_password')).first().waitFor()
  })

  await t.test('who is signed in nowhere signs in; and no other page frames it', async (t) => {
    supervisor.user = null
    const path = supervisor.showApp(bridge.addresses.api.port)
    const through = await visit(t, browser, `http://${supervisor.host}${path}`, LOOK)
    await through.page.getByRole('button', { name: 'Sign in' }).waitFor()
    t.equal(await through.page.getByText('as in Home Assistant').count(), 0)

    const { port } = bridge.addresses.api
    const { page } = await visit(t, browser, `http://127.0.0.1:${port}/`, LOOK)
    await page.goto(home)
    await page.evaluate(`document.querySelector('iframe').src = 'http://127.0.0.1:${port}/'`)
    const refused = await page.waitForEvent('console', (message) => /frame/i.test(message.text()))
    t.match(refused.text(), /refused|violates|denied|deny/i)
  })
})
