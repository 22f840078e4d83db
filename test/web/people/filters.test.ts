/** Which devices the first page shows, in a real browser: rooms, what is wrong, and names that nobody expects. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { PASSWORD, type Running, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'

/** Each with a device or two in it. */
const ROOMS = [
  '<b>Ванна</b> & "душ" 🛁',
  'غرفة النوم',
  '👩‍👩‍👧‍👦'.repeat(5),
  'ж'.repeat(64),
  ...Array.from({ length: 36 }, (_, index) => `Room ${index + 1}`),
]

/** As long as accounts may call devices. */
const NAMES = ['н'.repeat(300), `${'🔥'.repeat(150)}`, '<img src=x onerror=alert(1)>', 'שלום עולם', 'a'.repeat(300)]

const serialOf = (index: number) => `B${String(index).padStart(7, '0')}`

function furnish({ devices }: Running, count: number): void {
  for (let index = 0; index < count; index++) {
    const name = NAMES[index] ?? `Device ${index}`
    const view = exampleView('ax', { serial: serialOf(index), name })
    devices.add({
      ...view,
      room: ROOMS[index % ROOMS.length] ?? null,
      state: { ...view.state, action: 'idle', problem: false },
    })
  }
}

async function open(t: Test, count: number) {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  furnish(api, count)
  const { page, complaints } = await visit(t, await openBrowser(t), `http://127.0.0.1:${api.port}/`, LOOK)
  await signIn(page, PASSWORD)
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  const tools = page.getByRole('search', { name: 'Choose among the devices' })
  const details = page.getByRole('link', { name: /^Details of / })
  const shows = (what: string, wanted: number) => eventually(what, async () => (await details.count()) === wanted)
  await shows('all are there', count)
  return { api, page, complaints, tools, shows, rooms: tools.getByRole('combobox', { name: 'Room' }) }
}

const isNarrow = async (page: Page) =>
  Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0

t.test('many rooms, and names in every script, however long', { skip: withoutBrowser() }, async (t) => {
  const { page, complaints, tools, shows, rooms } = await open(t, 50)
  t.strictSame(await violations(page), [])
  t.ok(await isNarrow(page), 'nothing is too wide')
  const options = (await rooms.getByRole('option').allTextContents()).slice(1)
  t.strictSame([...options].sort(), [...ROOMS].sort())
  const numbered = options.filter((name) => name.startsWith('Room '))
  t.strictSame(numbered, ROOMS.slice(4), 'in the order in which people count')
  for (const name of ROOMS.slice(0, 4)) {
    await rooms.selectOption(name)
    await shows(`those in ${name}`, 2)
    await page.getByText('Shown: 2 of 50.').waitFor()
  }
  t.ok(await isNarrow(page), 'nor with one room')
  await tools.getByRole('searchbox').fill('device 5')
  await shows('none of these', 0)
  await page.getByText('Nothing matches.').waitFor()
  await page.getByText('Shown: 0 of 50.').waitFor()
  await page.getByRole('button', { name: 'Show all', exact: true }).click()
  await shows('all again', 50)
  t.equal(await tools.getByRole('searchbox').inputValue(), '')
  t.equal(await page.getByRole('button', { name: 'Show all', exact: true }).count(), 0)
  for (const name of NAMES) {
    await tools.getByRole('searchbox').fill(name)
    await shows(`the one called ${name.slice(0, 20)}`, 1)
  }
  t.strictSame(complaints, [])
})

t.test('a room that is removed while one looks at it takes nothing away', { skip: withoutBrowser() }, async (t) => {
  const { api, page, complaints, shows, rooms } = await open(t, 42)
  await rooms.selectOption('Room 1')
  await shows('the one in it', 1)
  const moved = 4
  api.devices.add({ ...(api.devices.get(serialOf(moved)) ?? exampleView()), room: null })
  await shows('everything', 42)
  await page.getByText('The room Room 1 is not there any more, so all rooms are shown.').waitFor()
  t.equal(await rooms.inputValue(), '', 'the list of rooms says the same')
  t.strictSame(await violations(page), [])
  api.devices.add({ ...(api.devices.get(serialOf(moved)) ?? exampleView()), room: 'Room 1' })
  await shows('the one that is in it again', 1)
  api.devices.add({ ...(api.devices.get(serialOf(moved)) ?? exampleView()), room: null })
  await page.getByRole('button', { name: 'Show all', exact: true }).click()
  await page.getByText('is not there any more').waitFor({ state: 'detached' })
  await shows('everything', 42)
  t.strictSame(complaints, [])
})

t.test(
  'the filter for problems counts what is unusual, and a small house leaves it again',
  { skip: withoutBrowser() },
  async (t) => {
    const { api, page, complaints, tools, shows } = await open(t, 8)
    const finding = (kind: string) => ({
      kind,
      since: '2026-01-15T12:00:00.000Z',
      message: 'm',
      evidence: { minutes: 12 },
    })
    const problem = tools.getByRole('button', { name: /^Problem/ })
    t.equal(await problem.textContent(), 'Problem 0')
    api.devices.update(serialOf(6), { state: { findings: [finding('clock_wrong')], unusual: true } as never })
    api.devices.tellHouse()
    await eventually('it counts', async () => (await problem.textContent()) === 'Problem 1')
    const top = page.getByRole('region', { name: 'The house now' })
    await top.getByRole('link', { name: /^Device 6: Its clock is wrong by 12 min/ }).waitFor()
    const card = page.getByRole('article').filter({ hasText: 'Device 6' })
    await card.getByText('Its clock is wrong by 12 min, and so are the times of its schedule.').waitFor()
    await problem.click()
    await shows('that one', 1)
    t.strictSame(await violations(page), [])
    api.devices.update(serialOf(6), { state: { findings: [], unusual: false } as never })
    api.devices.tellHouse()
    await shows('none any more', 0)
    await page.getByText('Nothing matches.').waitFor()
    await page.getByRole('button', { name: 'Show all', exact: true }).click()
    await shows('all', 8)

    // With so few there is nothing to choose with, but the top still leads to those that something is wrong with.
    for (const index of [2, 3, 4]) api.devices.remove(serialOf(index))
    await tools.waitFor({ state: 'detached' })
    for (const index of [5, 6]) api.devices.update(serialOf(index), { online: false })
    api.devices.tellHouse()
    await top.getByRole('button', { name: 'Something is wrong with Device 5 and Device 6.' }).click()
    await shows('these two', 2)
    await page.getByRole('button', { name: 'Show all', exact: true }).click()
    await shows('all five', 5)
    t.strictSame(complaints, [])
  },
)

t.test(
  'the top tells how warm it is indoors, and a filter shows what is not reachable',
  { skip: withoutBrowser() },
  async (t) => {
    const { api, page, complaints, tools, shows } = await open(t, 8)
    const measured = [19.4, 17.6, 24.1, 21, 20, 22, 23, 18]
    const measure = () => {
      for (const [index, air] of measured.entries())
        api.devices.update(serialOf(index), { state: { air_temperature: air } as never })
    }
    const top = page.getByRole('region', { name: 'The house now' })
    const span = (text: string) => top.locator('div', { hasText: 'Indoors' }).getByText(text, { exact: true }).waitFor()
    measure()
    await span('17.6 to 24.1 °C')
    const offline = tools.getByRole('button', { name: /^Not reachable/ })
    t.equal(await offline.textContent(), 'Not reachable 0')
    // The coldest and the warmest: what they measured last is not what it is like now.
    const gone = [1, 2]
    for (const index of gone) api.devices.update(serialOf(index), { online: false })
    await span('18.0 to 23.0 °C')
    await eventually('they are counted', async () => (await offline.textContent()) === 'Not reachable 2')
    await offline.click()
    await shows('these two', 2)
    for (const index of gone)
      await page
        .locator(`main a[href="#/devices/${serialOf(index)}"]`)
        .first()
        .waitFor()
    await page.getByText('Shown: 2 of 8.').waitFor()
    t.strictSame(await violations(page), [])
    api.devices.update(serialOf(1), { online: true })
    await shows('the one that is still away', 1)
    await page.getByRole('button', { name: 'Show all', exact: true }).click()
    await shows('all', 8)
    t.strictSame(complaints, [])
  },
)
