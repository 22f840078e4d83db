/** What somebody chooses on the first page and on that of a device, and that this is what the bridge is told. */
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { PASSWORD, type Running, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, signIn, violations } from '../browser/scene.ts'

interface Scene {
  readonly api: Running
  readonly page: Page
}

/** Not in the order in which people count; so many that there are rows. */
const NAMES = ['Bath 10', 'Bath 2', 'Attic', ...Array.from({ length: 5 }, (_, index) => `Cellar ${9 + index}`)]
const SERIALS = NAMES.map((_, index) => `C000000${index}`)
const HEATING = 0

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const WEEK = Object.fromEntries(DAYS.map((day) => [day, [{ time: '06:00', temperature: 24 }]])) as never

/** By the clocks of the house, which is in UTC as the tests are, though somebody types it in Kyiv. */
const DATE = `${new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10)}T18:30`
const UNTIL = new RegExp(
  `^Until ${new Date(`${DATE}Z`).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })}`,
)

t.test('choices', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  for (const [index, name] of NAMES.entries()) {
    const { state, ...view } = exampleView('ax', { serial: SERIALS[index] ?? '', name })
    const action = index === HEATING ? 'heating' : 'idle'
    api.devices.add({ ...view, state: { ...state, action, preset: 'none' }, schedule: { floor: WEEK, air: null } })
  }
  api.devices.tellHouse()
  const browser = await openBrowser(t)
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, LOOK)
  await signIn(page, PASSWORD)
  await page.getByRole('article').first().waitFor()
  const scene = { api, page }
  await t.test('which thermostat heats can be seen from afar', (t) => showsHeating(t, scene))
  await t.test('how long a thermostat is away or boosts', (t) => choosesLengths(t, scene))
  await t.test('until when the house is away, and that it is protected from frost', (t) => choosesMode(t, scene))
  await t.test('thermostats to copy a schedule to are in the order in which people count', (t) => copies(t, scene))
  t.strictSame(complaints, [])
})

const cardOf = (page: Page, index: number): Locator =>
  page.getByRole('article').filter({ has: page.getByRole('link', { name: `Details of ${NAMES[index]}`, exact: true }) })

async function showsHeating(t: Test, { page }: Scene) {
  /** The edges and the background of a card or a row. */
  const look = (place: Locator) =>
    place.evaluate((one) => {
      const parts = ['border-left-color', 'box-shadow', 'background-image']
      return parts.map((part) => String(one.computedStyleMap().get(part))).join()
    })
  await cardOf(page, HEATING).getByText('Heating', { exact: true }).waitFor()
  await cardOf(page, 1).getByText('Not heating', { exact: true }).waitFor()
  t.not(await look(cardOf(page, HEATING)), await look(cardOf(page, 1)))
  t.equal(await look(cardOf(page, 2)), await look(cardOf(page, 1)), 'only by that')
  const rowOf = (index: number) => page.getByRole('listitem').filter({ hasText: NAMES[index] ?? '' })
  await page.getByRole('button', { name: 'As rows' }).click()
  await rowOf(HEATING).getByText('Heating', { exact: true }).waitFor({ state: 'attached' })
  t.not(await look(rowOf(HEATING)), await look(rowOf(1)), 'in a row too')
  t.equal(await look(rowOf(2)), await look(rowOf(1)))
  await page.getByRole('button', { name: 'As cards' }).click()
}

async function choosesLengths(t: Test, { api, page }: Scene) {
  const card = cardOf(page, 1)
  const told = async (what: string, choose: (open: Locator) => Promise<void>) => {
    const before = api.devices.calls.length
    await card.getByRole('button', { name: what, exact: true }).click()
    await choose(card.getByRole('group', { name: what, exact: true }))
    await eventually('the bridge is told', () => api.devices.calls.length > before)
    t.equal(api.devices.calls.length, before + 1, 'once')
    return api.devices.calls.at(-1)?.argument
  }
  const press = (name: string | RegExp) => (open: Locator) => open.getByRole('button', { name }).click()
  for (const [name, minutes] of [
    ['30 mins', 30],
    ['1 hr', 60],
    ['2 hrs', 120],
  ] as const) {
    t.strictSame(await told('Boost', press(name)), { preset: 'boost', boost_minutes: minutes })
    await card.getByRole('button', { name: 'End boost' }).click()
    await eventually('it is over', () => api.devices.get(SERIALS[1] ?? '')?.state.preset === 'none')
    await card.getByRole('button', { name: 'Boost', exact: true }).waitFor()
  }
  const tonight = await told('Away', press(/^Tonight/))
  t.match(tonight, { away_start: null, away_end: /T07:00$/ }, 'until seven in the morning')
  const date = async (open: Locator) => {
    const set = open.getByRole('button', { name: 'Set', exact: true })
    t.ok(await set.isDisabled(), 'not without a date')
    await open.getByLabel('Until a date').fill(DATE)
    await set.click()
  }
  t.strictSame(await told('Away', date), { away_start: null, away_end: DATE })
  t.strictSame(await told('Away', press('Until I end it')), { preset: 'away' })
  await card.getByRole('button', { name: 'End away' }).click()
  await card.getByRole('button', { name: 'Away', exact: true }).waitFor()
}

async function choosesMode(t: Test, { api, page }: Scene) {
  const { house } = api.devices
  const panel = page.getByRole('region', { name: 'Mode of the house' })
  const modes = panel.getByRole('group', { name: 'Mode: Whole house' })
  const is = (mode: string, until: string | null) =>
    eventually(`${mode} until ${until}`, () => house.view().mode === mode && house.view().until === until)
  const open = (name: string) => modes.getByRole('button', { name, exact: true }).click()

  await open('Frost protection')
  const question = panel.getByRole('alertdialog', { name: 'Frost protection' })
  await question.getByText('all thermostats hold 7 °C').waitFor()
  t.strictSame(await violations(page), [], 'while it asks')
  await question.getByRole('button', { name: 'Cancel' }).click()
  t.equal(house.view().mode, 'normal', 'not before it is answered')
  await open('Frost protection')
  await question.getByRole('button', { name: 'Yes, do it' }).click()
  await is('frost_protection', null)
  api.devices.tellHouse()
  await panel.getByText(`${NAMES.length} of ${NAMES.length} thermostats have it.`).waitFor()
  await open('Back to normal')
  await is('normal', null)

  await open('Away')
  const lengths = panel.getByRole('group', { name: 'How long to be away' })
  await lengths.getByLabel('Until a date').fill(DATE)
  await lengths.getByRole('button', { name: 'Set', exact: true }).click()
  await is('away', `${DATE}:00.000Z`)
  await panel.getByText(UNTIL).waitFor()
  await open('Away')
  await lengths.getByRole('button', { name: 'Until I end it' }).click()
  await is('away', null)
  await panel.getByText(UNTIL).waitFor({ state: 'detached' })
  await open('Back to normal')
  await is('normal', null)
}

async function copies(t: Test, { page }: Scene) {
  await goTo(page, `#/devices/${SERIALS[2]}`)
  const copy = page.getByRole('group', { name: 'Copy this schedule to other thermostats' })
  await copy.waitFor()
  const labels = await copy.locator('label').allTextContents()
  t.strictSame(labels, ['Bath 2', 'Bath 10', 'Cellar 9', 'Cellar 10', 'Cellar 11', 'Cellar 12', 'Cellar 13'])
}
