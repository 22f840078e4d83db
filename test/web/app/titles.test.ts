/** The title of the window says where one is. */
import t from 'tap'
import { PASSWORD, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, signIn } from '../browser/scene.ts'

const SERIAL = 'A0000001'
const HOSTILE = '</title><script>document.body.remove()</script>'

t.test('the title of the window', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  api.devices.add(exampleView('ax', { serial: SERIAL, name: 'Bathroom' }))
  const browser = await openBrowser(t)
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, LOOK)
  const titled = (title: string) => eventually(`the title is ${title}`, async () => (await page.title()) === title)
  /** What screen readers are told last. */
  const told = page.locator('p.hidden[role=status]').first()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await titled('thermo2mqtt')
  await signIn(page, PASSWORD)
  await titled('House · thermo2mqtt')
  await page.getByRole('link', { name: 'Bathroom' }).first().click()
  await titled('Bathroom · thermo2mqtt')
  t.equal(await told.textContent(), 'Bathroom')
  api.devices.update(SERIAL, { name: HOSTILE })
  await titled(`${HOSTILE} · thermo2mqtt`)
  await page.goBack()
  await titled('House · thermo2mqtt')
  t.equal(await told.textContent(), 'House')
  for (const [route, title] of [
    ['accounts', 'Accounts'],
    ['system', 'System'],
    ['log', 'Log'],
    ['devices/nowhere', 'No such device is known.'],
  ] as const) {
    await goTo(page, `#/${route}`)
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await titled(`${title} · thermo2mqtt`)
  }
  const { bridge } = api
  const { info } = bridge
  bridge.info = () => ({ ...info.call(bridge), site: 'Kyiv' })
  await page.reload()
  await titled('No such device is known. · Kyiv · thermo2mqtt')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await titled('thermo2mqtt')
  // Whoever presses as soon as there is something to press gets there, too.
  await page.evaluate(`new MutationObserver((_changes, observer) => {
    const link = document.querySelector('nav a[href="#/system"]')
    if (!link) return
    observer.disconnect()
    link.click()
  }).observe(document.body, { subtree: true, childList: true })`)
  await signIn(page, PASSWORD)
  await titled('System · Kyiv · thermo2mqtt')
  t.strictSame(complaints, [])
})
