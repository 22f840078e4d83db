/** The house, looked at from a far time zone: its thermostats are said and set by their own clocks. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { PASSWORD, running } from '../../api/support.ts'
import { eventually, unit } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, openScene, type Scene, signIn, violations, visitHouse } from '../browser/scene.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** It is another day there than in the house, which is in UTC, as the tests are. */
const farAway = () => (new Date().getUTCHours() >= 10 ? 'Pacific/Kiritimati' : 'Pacific/Pago_Pago')

t.test('a house looked at from elsewhere', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  const { page, complaints } = await visitHouse(t, scene, { ...LOOK, timezoneId: farAway() })
  await page.getByText('All times are those of the house (UTC).').waitFor()
  t.strictSame(await violations(page), [])
  await t.test('away of a thermostat ends when its own clock shows what was chosen', (t) => awayOfOne(t, scene, page))
  await t.test('and that of the house when its clocks do', (t) => awayOfAll(t, scene, page))
  await t.test('the schedule opens on the day of the thermostat, and changes by its clock', (t) =>
    schedule(t, scene, page),
  )
  t.strictSame(complaints, [])
})

const cardOf = ({ house }: Scene, page: Page) => page.getByRole('article', { name: unit(house, 0).name })

async function stateOf({ bridge, house }: Scene): Promise<Readonly<Record<string, unknown>>> {
  const { state } = await bridge.device(unit(house, 0).serial)
  return isObject(state) ? state : {}
}

/** A day of the calendar in three days, at an hour; far enough that a wrong one is on another day, or hours apart. */
const inThreeDays = ({ clock }: Scene) => `${new Date(clock.now() + 3 * DAY).toISOString().slice(0, 10)}T18:00`

async function awayOfOne(t: Test, scene: Scene, page: Page) {
  const card = cardOf(scene, page)
  const away = card.getByRole('button', { name: 'Away', exact: true })
  await away.click()
  await card.getByRole('button', { name: /^A week/ }).click()
  await card.getByText(/^Away until /).waitFor()
  const week = String((await stateOf(scene)).away_end)
  const apart = Math.abs(Date.parse(`${week}Z`) - scene.clock.now() - 7 * DAY)
  t.ok(apart < 3 * HOUR, `in a week at this time, and not at ${week}`)
  t.match(await card.getByText(/^Away until /).textContent(), week.slice(11, 16), 'as the thermostat has it')
  await card.getByRole('button', { name: 'End away' }).click()
  await away.click()
  const end = inThreeDays(scene)
  await card.getByLabel('Until a date').fill(end)
  await card.getByRole('button', { name: 'Set', exact: true }).click()
  await card.getByText(/^Away until .*18:00$/).waitFor()
  t.equal((await stateOf(scene)).away_end, `${end}:00`)
  await card.getByRole('button', { name: 'End away' }).click()
  await away.waitFor()
}

async function awayOfAll(t: Test, scene: Scene, page: Page) {
  const mode = page.getByRole('region', { name: 'Mode of the house' })
  await mode.getByRole('button', { name: 'Away', exact: true }).click()
  const end = inThreeDays(scene)
  await mode.getByLabel('Until a date').fill(end)
  await mode.getByRole('button', { name: 'Set', exact: true }).click()
  await mode.getByText(/^Until .*18:00$/).waitFor()
  t.equal((await scene.bridge.rest('GET', '/api/v1/house')).body.until, `${end}:00.000Z`)
  await cardOf(scene, page)
    .getByText(/^Away until .*18:00$/)
    .waitFor()
  t.equal((await stateOf(scene)).away_end, `${end}:00`)
  await mode.getByRole('button', { name: 'Back to normal' }).click()
  await cardOf(scene, page).getByRole('button', { name: 'Away', exact: true }).waitFor()
}

const days = () => new Date().toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })

async function schedule(t: Test, scene: Scene, page: Page) {
  await scene.bridge.rest('PATCH', `/api/v1/devices/${unit(scene.house, 0).serial}/state`, { mode: 'auto' })
  await eventually('the card says the next change as the thermostat has it', async () => {
    const shown = await cardOf(scene, page)
      .getByText(/^Until /)
      .textContent()
    const next = String((await stateOf(scene)).schedule_next_change)
    return shown?.includes(next.slice(11, 16))
  })
  const before = days()
  await page.getByRole('link', { name: `Details of ${unit(scene.house, 0).name}` }).click()
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  const [shown = ''] = await section.getByRole('heading', { level: 3 }).allTextContents()
  t.ok([before, days()].includes(shown), shown)
}

t.test('a thermostat in another zone than the house', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  const { state, ...view } = exampleView('ax', { serial: 'TOKYO-0001', name: 'Tokyo', timezone: 'Asia/Tokyo' })
  const change = `${new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10)}T13:00:00Z`
  const next = { mode: 'auto', preset: 'none', schedule_next_change: change, clock_offset: 0 }
  api.devices.add({ ...view, state: { ...state, ...next } })
  const browser = await openBrowser(t)
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, LOOK)
  await signIn(page, PASSWORD)
  const card = page.getByRole('article', { name: 'Tokyo' })
  await card.getByText(/^Until \w+,? 22:00/).waitFor()
  await card.getByRole('button', { name: 'Away', exact: true }).click()
  await card.getByRole('button', { name: /^A week/ }).click()
  await eventually('the bridge is told', () => api.devices.calls.length > 0)
  const { away_end: end } = Object(api.devices.calls.at(-1)?.argument)
  const apart = Date.parse(`${end}Z`) - Date.now() - 7 * DAY - 9 * HOUR
  t.ok(Math.abs(apart) < HOUR, `in a week by its own clock, nine hours ahead, and not at ${end}`)
  t.strictSame(complaints, [])
})
