/** What becomes of the focus, of presses too many, and of commands that never arrive, in a real browser. */
import type { Browser, Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { PASSWORD, type Running, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, PHONE, signIn, violations } from '../browser/scene.ts'

interface Scene {
  readonly api: Running
  readonly page: Page
}

const NAMES = ['Bathroom', 'Bedroom', 'Hall', 'Kitchen', 'Nursery', 'Sauna', 'Study', 'Attic']
const SERIALS = NAMES.map((_, index) => `B000000${index}`)

t.test('presses', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  for (const [index, name] of NAMES.entries())
    api.devices.add(exampleView('ax', { serial: SERIALS[index] ?? '', name }))
  const browser = await openBrowser(t)
  const url = `http://127.0.0.1:${api.port}/`
  await t.test('what is pressed is as high as a finger needs', (t) => fitsFingers(t, browser, url))
  const { page } = await visit(t, browser, url, LOOK)
  await signIn(page, PASSWORD)
  await page.getByRole('article').first().waitFor()
  const scene = { api, page }
  await t.test('a question takes the focus, and gives it back', (t) => asks(t, scene))
  await t.test('a choice that closes gives the focus back, too', (t) => chooses(t, scene))
  await t.test('only what somebody sets here is read out', (t) => staysQuiet(t, scene))
  await t.test('a command that does not arrive is said in a row, too', (t) => saysInRows(t, scene))
  await t.test('several are told only once at a time', (t) => tellsOnce(t, scene))
  await t.test('another power is no reason to ask for every device', (t) => asksLittle(t, scene))
  await t.test('rooms that could not all be made say why not', (t) => saysWhatIsLeft(t, scene))
})

/** What can be pressed but is less than 44 pixels high. Links within a sentence may be: they are as high as its lines. A browser rounds places to pixels. */
const SMALL = `[...document.querySelectorAll('main :is(a, button, summary, select, input)')].flatMap((control) => {
  const target = control.closest('label') ?? control
  if (!target.checkVisibility({ visibilityProperty: true }) || control.matches('p > a:not(:only-child), li a:not(.who a)')) return []
  target.scrollIntoView({ block: 'center' })
  const { left, top, width, height } = target.getBoundingClientRect()
  const hit = (by) => target.contains(document.elementFromPoint(left + width / 2, top + height / 2 + by))
  return hit(-21) && hit(21) ? [] : [control.tagName + ' ' + (control.ariaLabel ?? target.textContent) + ' ' + height]
})`

async function fitsFingers(t: Test, browser: Browser, url: string): Promise<void> {
  const { page } = await visit(t, browser, url, PHONE)
  await signIn(page, PASSWORD)
  await page.getByRole('article').first().waitFor()
  const small: unknown[] = []
  const look = async (place: string) => {
    const found = await page.evaluate<string[]>(SMALL)
    small.push(...found.map((one) => `${place}: ${one}`))
  }
  await look('cards')
  await page.getByRole('button', { name: 'As rows' }).click()
  await page.getByRole('listitem').first().waitFor()
  await look('rows')
  for (const place of [`devices/${SERIALS[0]}`, 'system', 'log', 'accounts']) {
    await goTo(page, `#/${place}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await look(place)
  }
  t.strictSame(small, [])
}

const isFocused = (place: Locator) => place.evaluate((element) => element === element.ownerDocument.activeElement)
const focused = (what: string, place: Locator) => eventually(`${what} has the focus`, () => isFocused(place))

async function asks(t: Test, { page }: Scene) {
  await goTo(page, `#/devices/${SERIALS[0]}`)
  const restart = page.getByRole('region', { name: 'Actions' }).getByRole('button', { name: 'Restart' })
  await restart.press('Enter')
  const question = page.getByRole('alertdialog', { name: 'Restart' })
  await focused('the question', question)
  t.strictSame(await violations(page), [])
  await question.press('Escape')
  await question.waitFor({ state: 'detached' })
  await focused('the button', restart)
  await restart.press('Enter')
  await question.getByRole('button', { name: 'Cancel' }).press('Enter')
  await question.waitFor({ state: 'detached' })
  await focused('the button again', restart)
}

async function chooses(t: Test, { api, page }: Scene) {
  await goTo(page, '#/')
  const card = page.getByRole('article').filter({ hasText: 'Bathroom' })
  await card.getByRole('button', { name: 'Boost' }).press('Enter')
  await card.getByRole('group', { name: 'Boost' }).getByRole('button').first().press('Enter')
  await focused('what ends it', card.getByRole('button', { name: 'End boost' }))
  await eventually('it is on', () => api.devices.get(SERIALS[0] ?? '')?.state.preset === 'boost')
  await card.getByRole('button', { name: 'End boost' }).click()
  await card.getByRole('button', { name: 'Boost', exact: true }).waitFor()
  t.strictSame(await violations(page), [])
}

async function staysQuiet(t: Test, { api, page }: Scene) {
  const card = page.getByRole('article').filter({ hasText: 'Bedroom' })
  api.devices.update(SERIALS[1] ?? '', { state: { target_temperature: 19 } })
  const shown = card.getByText('19 °C', { exact: true })
  await shown.waitFor()
  t.equal(await shown.getAttribute('aria-live'), 'off', 'it was set elsewhere')
  const held = Promise.withResolvers<void>()
  await page.route('**/state', (route) => held.promise.then(() => route.continue()), { times: 1 })
  await card.getByRole('button', { name: 'Warmer' }).click()
  const wanted = card.getByText('20 °C', { exact: true })
  await wanted.waitFor()
  t.equal(await wanted.getAttribute('aria-live'), 'polite', 'it was set here')
  held.resolve()
  await eventually('it is set', () => api.devices.get(SERIALS[1] ?? '')?.state.target_temperature === 20)
}

async function saysInRows(t: Test, { api, page }: Scene) {
  await page.getByRole('button', { name: 'As rows' }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'Hall' })
  await page.route('**/state', (route) => route.abort())
  await row.getByRole('button', { name: 'Colder' }).click()
  await row.getByRole('status').getByText('The bridge can’t be reached from here.').waitFor()
  t.strictSame(await violations(page), [])
  await page.unroute('**/state')
  await row.getByRole('button', { name: 'Colder' }).click()
  await row.getByText('The bridge can’t be reached from here.').waitFor({ state: 'detached' })
  await eventually('it is set', () => api.devices.get(SERIALS[2] ?? '')?.state.target_temperature === 23)
}

async function tellsOnce(t: Test, { api, page }: Scene) {
  await page.getByRole('button', { name: 'Several at once' }).click()
  const panel = page.getByRole('region', { name: 'Several at once' })
  await panel.getByLabel('All that are shown').check()
  const set = panel.getByRole('button', { name: 'Set', exact: true })
  await panel.getByLabel('Setpoint').fill('21')
  const held = Promise.withResolvers<void>()
  await page.route('**/state', (route) => held.promise.then(() => route.continue()))
  await set.click()
  await panel.getByText(/^0 of 8 have taken it/).waitFor()
  t.ok(await set.isDisabled(), 'not while they are being told')
  held.resolve()
  await panel.getByText('8 of 8 have taken it.').waitFor()
  t.notOk(await set.isDisabled(), 'again afterwards')
  await page.unroute('**/state')
  t.ok(api.devices.list().every(({ state }) => state.target_temperature === 21))
}

async function asksLittle(t: Test, { api, page }: Scene) {
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  api.devices.update(SERIALS[3] ?? '', { state: { power: 700 } })
  api.devices.tellHouse()
  // What is sent after it has come after it.
  api.devices.update(SERIALS[3] ?? '', { name: 'Larder' })
  await page.getByRole('link', { name: 'Details of Larder' }).waitFor()
  // What follows from a change is done once it is drawn.
  await page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))))',
  )
  t.strictSame(
    asked.filter((path) => path === '/api/v1/house'),
    [],
  )
}

async function saysWhatIsLeft(t: Test, { page }: Scene) {
  const hint = page.getByRole('group').filter({ hasText: 'Sort the thermostats by room?' })
  await hint.getByText('Sort the thermostats by room?').click()
  let asked = 0
  await page.route('**/api/v1/devices/*', (route) => (++asked > 2 ? route.abort() : route.continue()))
  await hint.getByRole('button', { name: 'Use these rooms' }).click()
  await hint.getByRole('alert').getByText('The bridge can’t be reached from here.').waitFor()
  await page.getByRole('region', { name: 'Bathroom', exact: true }).waitFor()
  t.equal(await hint.getByRole('listitem').count(), NAMES.length - 2, 'those that are left')
  await page.unroute('**/api/v1/devices/*')
  await hint.getByRole('button', { name: 'Use these rooms' }).click()
  await hint.waitFor({ state: 'detached' })
  t.equal(await page.locator('[data-room]').count(), NAMES.length)
}
