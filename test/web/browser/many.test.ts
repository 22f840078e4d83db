/** A hundred thermostats on the page: found, filtered, set together, and drawn without delay. */
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { calendarOf } from '../../../src/history/calendar.ts'
import { NOTHING } from '../../../src/history/samples.ts'
import type { History } from '../../../src/history/types.ts'
import { PASSWORD, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView, type FakeDevices } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from './browser.ts'
import { isQuick } from './flows/quick.ts'
import { goTo, LOOK, placeOf, signIn, violations } from './scene.ts'

const MANY = 100
const serialOf = (index: number) => `A${String(index).padStart(7, '0')}`

const WEEK = Object.fromEntries(
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [
    day,
    [{ time: '06:00', temperature: 24 }],
  ]),
) as never

function furnish(devices: FakeDevices): void {
  for (let index = 1; index <= MANY; index++) {
    const view = exampleView('ax', { serial: serialOf(index), name: `Room ${index}` })
    const heating = index % 10 === 0
    const state = { ...view.state, action: heating ? 'heating' : 'idle', power: heating ? 1000 : 0, problem: false }
    devices.add({ ...view, state, online: index !== 50, schedule: { floor: WEEK, air: null } })
  }
  devices.tellHouse()
}

const HOUR = 3_600

/** What each device has recorded: 24.5 °C today, and 18.5 °C up to midnight where the bridge is. */
const COOLER: History = {
  recording: true,
  now: () => Date.now() / 1000,
  query: async (_serial, { from, to }) => {
    const midnight = calendarOf('UTC', 'day', 1, Date.now() / 1000).starts[0] ?? 0
    const first = Math.ceil(from / HOUR)
    const samples = Array.from({ length: Math.max(0, Math.ceil(to / HOUR) - first) }, (_, index) => {
      const at = (first + index) * HOUR
      const is = at < midnight ? 18.5 : 24.5
      return {
        ...NOTHING,
        at,
        known: HOUR,
        floor_temperature: is,
        floor_temperature_min: is,
        floor_temperature_max: is,
      }
    })
    return { from, to, step: HOUR, samples, uses: samples.map(() => null) }
  },
  energy: async () => ({ currency: null, parts: [], devices: [] }),
}

t.test('a hundred thermostats', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage(), history: COOLER })
  t.teardown(api.close)
  furnish(api.devices)
  const browser = await openBrowser(t)
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, LOOK)
  await signIn(page, PASSWORD)
  const rows = page.getByRole('region', { name: 'Thermostats' }).getByRole('listitem')
  await eventually('all are there', async () => (await rows.count()) === MANY)

  await t.test('they are drawn, and react, in the time that a browser needs to draw them at all', async (t) => {
    await isQuick(t, page, { devices: api.devices, many: MANY, one: serialOf(77) })
  })
  await t.test('the top says what the house does, and leads to what is wrong', (t) => saysWhatIs(t, page))
  await t.test('what came of commands and of the mode of the house counts as wrong, and says why', (t) =>
    countsCommands(t, page, api.devices),
  )
  await t.test('one is found by name, and whoever comes back finds the page where it was', (t) => finds(t, page))
  await t.test('several are set at once; one that refuses is named', (t) => setsSeveral(t, page, api.devices))
  await t.test('the commonest jobs take three taps at most', (t) => countsTaps(t, page, api.devices, serialOf(7)))
  t.strictSame(complaints, [])
})

async function saysWhatIs(t: Test, page: Page) {
  const top = page.getByRole('region', { name: 'The house now' })
  await top.getByText('9 of 100').waitFor()
  await top.getByText('9.0 kW').waitFor()
  t.strictSame(await violations(page), [])
  await top.getByRole('link', { name: /^Room 50: Not reachable/ }).click()
  await page.getByRole('heading', { name: 'Room 50', level: 1 }).waitFor()
  await page.goBack()
  await top.waitFor()
}

async function countsCommands(t: Test, page: Page, devices: FakeDevices) {
  const set = devices.onSet
  const last = (error: object | null) => devices.update(serialOf(60), { state: { last_error: error as never } })
  const mode = (mode: string) => devices.house.set({ mode, devices: [serialOf(70)] })
  last({ code: 'NOT_APPLIED', message: 'm', at: '2026-01-15T12:00:00Z', about: ['target_temperature'] })
  devices.onSet = () => {
    throw new BridgeError('NOT_APPLIED', 'm')
  }
  await mode('off')
  devices.onSet = set
  devices.tellHouse()
  await page.getByRole('button', { name: 'Something is wrong with Room 50, Room 60 and Room 70.' }).click()
  const rows = page.getByRole('region', { name: 'Thermostats' }).getByRole('listitem')
  await eventually('those three are shown', async () => (await rows.count()) === 3)
  const why = 'The device did not apply the change.'
  await rows.nth(1).getByText(`Target temperature was not changed. ${why}`).waitFor()
  await rows.nth(2).getByText(`The mode of the house was not taken. ${why}`).waitFor()
  t.strictSame(await violations(page), [])
  await page.getByRole('button', { name: 'As cards', exact: true }).click()
  const card = page.getByRole('article').filter({ hasText: 'Room 70' })
  await card.getByText(`The mode of the house was not taken. ${why}`).waitFor()
  await page.getByRole('button', { name: 'As rows', exact: true }).click()
  last(null)
  await mode('normal')
  devices.tellHouse()
  await eventually('one is left', async () => (await rows.count()) === 1)
  await page.getByRole('button', { name: /^All/ }).click()
}

async function finds(t: Test, page: Page) {
  const rows = page.getByRole('region', { name: 'Thermostats' }).getByRole('listitem')
  const search = page.getByRole('searchbox', { name: 'Search' })
  await page.getByRole('button', { name: /^Heating/ }).click()
  await eventually('those that heat', async () => (await rows.count()) === 9)
  await search.fill('room 9')
  await eventually('one of them', async () => (await rows.count()) === 1)
  await page.getByRole('button', { name: /^All/ }).click()
  await search.fill('')
  await eventually('all again', async () => (await rows.count()) === MANY)
  const far = page.getByRole('link', { name: 'Details of Room 90' })
  await far.scrollIntoViewIfNeeded()
  const scrolled = () => page.evaluate<number>('scrollY')
  await eventually('the page has noted where it is', async () => (await scrolled()) > 0)
  const before = await scrolled()
  await far.click()
  await page.getByRole('heading', { name: 'Room 90', level: 1 }).waitFor()
  await page.goBack()
  await far.waitFor()
  await eventually('it is where it was', async () => Math.abs((await scrolled()) - before) < 2)
  t.ok(before > 100)
}

async function setsSeveral(t: Test, page: Page, devices: FakeDevices) {
  const set = devices.onSet
  devices.onSet = (serial, command) => {
    if (serial === serialOf(20)) throw new BridgeError('LOCKED_BOTH', 'Locked.')
    return set(serial, command)
  }
  await page.getByRole('button', { name: 'Several at once' }).click()
  const panel = page.getByRole('region', { name: 'Several at once' })
  await page.getByRole('searchbox', { name: 'Search' }).fill('Room 2')
  await panel.getByLabel('All that are shown').check()
  await panel.getByText('Chosen: 19').waitFor()
  t.strictSame(await violations(page), [])
  devices.calls.length = 0
  const setpoint = panel.getByLabel('Setpoint')
  await setpoint.fill('220')
  t.equal(await panel.getByRole('button', { name: 'Set', exact: true }).isDisabled(), true, 'no model takes so much')
  await setpoint.fill('22,0')
  await panel.getByRole('button', { name: 'Set', exact: true }).click()
  await panel.getByText('18 of 19 have taken it. Not taken by: Room 20.').waitFor()
  t.equal(devices.calls.length, 19)
  t.strictSame(devices.calls[0]?.argument, { target_temperature: 22 })
  await panel.getByRole('button', { name: 'Away', exact: true }).click()
  await panel.getByRole('button', { name: /^A week/ }).click()
  await eventually('all are told', () => devices.calls.length === 38)
  t.match(devices.calls.at(-1)?.argument, { away_start: null, away_end: /^20\d\d-/ })
  await panel.getByRole('button', { name: 'Copy a schedule' }).click()
  await panel.getByLabel('Copy the week of').selectOption({ label: 'Room 1 (floor)' })
  await panel.getByRole('button', { name: 'Preview the changes' }).click()
  await panel.getByRole('button', { name: 'Copy it now' }).click()
  await eventually(
    'the week goes to all',
    () => devices.calls.filter((call) => call.method === 'setSchedule').length === 19,
  )
}

/** How many taps the commonest jobs take, from the first page on. Typing, and Enter after it, are none. */
const MOST_TAPS = 3

async function countsTaps(t: Test, page: Page, devices: FakeDevices, serial: string): Promise<void> {
  const name = devices.get(serial)?.name ?? ''
  const row = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: `Details of ${name}`, exact: true }) })
  const open = row.getByRole('link', { name: `Details of ${name}`, exact: true })
  const last = () => devices.calls.at(-1)
  let taps = 0
  const tap = async (what: Locator) => {
    taps++
    await what.click()
  }
  const job = async (what: string, work: () => Promise<unknown>) => {
    await goTo(page, '#/')
    await open.waitFor()
    devices.calls.length = 0
    taps = 0
    await work()
    t.ok(taps <= MOST_TAPS, `${what}: ${taps}`)
  }

  await page.getByRole('searchbox', { name: 'Search' }).fill('')
  await job('a setpoint', async () => {
    const before = Number(devices.get(serial)?.state.target_temperature)
    await tap(row.getByRole('button', { name: 'Warmer' }))
    await eventually(
      'the device is told',
      () => JSON.stringify(last()?.argument) === `{"target_temperature":${before + 1}}`,
    )
  })
  await job('the whole house away for a week', async () => {
    const mode = page.getByRole('region', { name: 'Mode of the house' })
    await tap(mode.getByRole('button', { name: 'Away' }).first())
    await tap(mode.getByRole('button', { name: /^A week/ }))
    await mode
      .getByText(/^Until /)
      .first()
      .waitFor()
  })
  await job('the schedule of today', async () => {
    await tap(open)
    const schedule = page.getByRole('region', { name: 'Weekly schedule' })
    const degrees = schedule.getByLabel('Temperature in °C').first()
    await tap(degrees)
    await degrees.fill('21')
    await degrees.press('Enter')
    await tap(schedule.getByRole('button', { name: 'Save' }))
    await eventually('the device is told', () => last()?.method === 'setSchedule')
    const day = new Date().toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }).toLowerCase()
    t.strictSame(last()?.argument, { floor: { [day]: [{ time: '06:00', temperature: 21 }] } })
  })
  await job('yesterday’s temperature', async () => {
    await tap(open)
    const history = page.getByRole('region', { name: 'History' })
    await tap(history.getByRole('button', { name: 'Yesterday' }))
    await history.getByText(/Floor: 18\.5\s°C to 18\.5\s°C, on average 18\.5\s°C\./).waitFor()
    t.match(await placeOf(page), /\/day\/20\d\d-\d\d-\d\d$/, 'a whole day')
  })
  devices.update(serial, { state: { lock: 'both' } })
  devices.tellHouse()
  await job('why it does not obey', async () => {
    await row.getByText('Unlock it at the device itself').waitFor()
    await tap(open)
    await page
      .getByText(/^To unlock it:/)
      .first()
      .waitFor()
  })
  devices.update(serial, { state: { lock: 'none' } })
  devices.tellHouse()
}
