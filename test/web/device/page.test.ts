/** The page of a device: its parts in order, what leads to them, the search in its parameters, and its log. */
import type { Page, Route } from 'playwright-core'
import t, { type Test } from 'tap'
import { eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from '../browser/browser.ts'
import { drawnPixels } from '../browser/history-graph.ts'
import { goTo, LOOK, openScene, type Scene, violations, visitHouse } from '../browser/scene.ts'

t.test('the page of a device', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t, { past: true })
  await t.test('what one does most stands first, and each part is led to', (t) => leadsToParts(t, scene))
  await t.test('a parameter is found by words and by its number of the protocol', (t) => findsParameters(t, scene))
  await t.test('what somebody has opened of the log stays while news come', (t) => keepsOpened(t, scene))
  await t.test('an answer about the log that comes late takes nothing back', (t) => keepsNewest(t, scene))
})

async function openDevice(t: Test, scene: Scene) {
  const opened = await visitHouse(t, scene, LOOK)
  await goTo(opened.page, `#/devices/${unit(scene.house, 0).serial}`)
  await opened.page.getByRole('region', { name: 'Parameters' }).waitFor()
  return opened
}

/** Each button of *On this page*, and the first heading of the part that it leads to. */
const PARTS = [
  ['Weekly schedule', 'Weekly schedule'],
  ['History', 'History'],
  ['Energy', 'Energy'],
  ['Events', 'Events'],
  ['Parameters', 'Parameters'],
  ['Name, room and more', 'Name'],
] as const

async function leadsToParts(t: Test, scene: Scene) {
  const { page, complaints } = await openDevice(t, scene)
  await eventually('the graph is drawn', async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
  const contents = page.getByRole('navigation', { name: 'On this page' })
  // Not before its count begins.
  await contents.getByRole('button', { name: 'Energy' }).waitFor()
  t.strictSame(
    await contents.getByRole('button').allTextContents(),
    PARTS.map(([button]) => button),
  )
  t.strictSame(
    await page
      .locator('.main > div')
      .evaluateAll((parts) => parts.map((part) => part.querySelector('h2')?.textContent)),
    PARTS.map(([, heading]) => heading),
    'in the order of the buttons',
  )
  t.equal(await page.getByRole('article').getByRole('heading').count(), 0, 'its name stands above, and not again')
  const card = await page.getByRole('article').first().boundingBox()
  const schedule = await page.getByRole('region', { name: 'Weekly schedule' }).boundingBox()
  t.ok(card && schedule && (LOOK.isMobile ? card.y < schedule.y : card.x < schedule.x), 'the card stands first')
  const lost: string[] = []
  for (const [button, heading] of PARTS) {
    await contents.getByRole('button', { name: button, exact: true }).click()
    if (!(await isReached(page, heading))) lost.push(button)
  }
  t.strictSame(lost, [], 'all are led to')
  t.strictSame(complaints, [])
}

/** Whether the part with this heading has the focus, and its heading can be seen with nothing over it. */
const isReached = (page: Page, heading: string): Promise<unknown> =>
  page.evaluate(`(() => {
    const title = document.activeElement.querySelector('h2')
    if (title?.textContent !== ${JSON.stringify(heading)}) return false
    const { left, top, height } = title.getBoundingClientRect()
    return title.contains(document.elementFromPoint(left + 2, top + height / 2))
  })()`)

async function findsParameters(t: Test, scene: Scene) {
  const { page, complaints } = await openDevice(t, scene)
  const section = page.getByRole('region', { name: 'Parameters' })
  const search = section.getByRole('searchbox', { name: 'Search the parameters' })
  const brightness = section.getByLabel('Display brightness')
  const rows = section.locator('.point:visible')
  const count = async () => Number(/\d+/.exec((await section.getByText(/^Found: /).textContent()) ?? '')?.[0])
  const all = await section.locator('.point').count()
  t.notOk(await brightness.isVisible(), 'it is folded away at first')
  for (const words of ['brightness', 'BRIGHT  display', '23']) {
    await search.fill(words)
    await brightness.waitFor()
    t.equal(await count(), await rows.count(), `${words}: as many as it says`)
    t.ok((await count()) < all / 4, `${words}: few`)
  }
  await section.getByRole('button', { name: 'Show names and numbers of the protocol' }).click()
  const codes = await section.locator('.point code:visible').allTextContents()
  t.ok(codes.includes('brightness · 23'), 'and the number can be seen')
  await search.fill('<b>no such thing</b> 💡')
  await section.getByText('Found: 0').waitFor()
  t.strictSame(await violations(page), [])
  await search.fill('')
  await eventually('all are there again', async () => (await section.locator('.point').count()) === all)
  t.strictSame(complaints, [])
}

async function keepsOpened(t: Test, scene: Scene) {
  const { serial } = unit(scene.house, 0)
  const renamed = async (from: number, to: number) => {
    for (let n = from; n <= to; n++)
      await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: `Name ${n}.` })
  }
  await renamed(1, 25)
  const { page, complaints } = await openDevice(t, scene)
  const log = page.getByRole('region', { name: 'Events' })
  const names = async () =>
    (await log.getByRole('listitem').allTextContents()).flatMap((text) => /(Name \d+\.) now/.exec(text)?.[1] ?? [])
  const down = (newest: number, to: number) => Array.from({ length: newest - to + 1 }, (_, n) => `Name ${newest - n}.`)
  const shows = (newest: number, oldest: number) =>
    eventually(`${newest} to ${oldest} are shown`, async () => `${await names()}` === `${down(newest, oldest)}`)
  await shows(25, 16)
  const older = log.getByRole('button', { name: 'Show older' })
  await older.click()
  await shows(25, 6)
  await renamed(26, 26)
  await shows(26, 6)
  // More than one page of news at once.
  await renamed(27, 40)
  await shows(40, 6)
  await older.click()
  await shows(40, 1)
  t.strictSame(await violations(page), [])
  t.strictSame(complaints, [])
  await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: null })
}

async function keepsNewest(t: Test, scene: Scene) {
  const { serial } = unit(scene.house, 0)
  const { page, complaints } = await openDevice(t, scene)
  const log = page.getByRole('region', { name: 'Events' })
  await log.getByRole('listitem').first().waitFor()
  const [late, asked, answered] = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const hold = async (route: Route) => {
    const response = await route.fetch()
    asked?.resolve()
    await late?.promise
    await route.fulfill({ response })
    answered?.resolve()
  }
  await page.route('**/events?*', hold, { times: 1 })
  await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: 'First name' })
  await asked?.promise
  await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: 'Second name' })
  await log.getByText('Second name now').waitFor()
  late?.resolve()
  await answered?.promise
  await page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))))',
  )
  t.ok(await log.getByText('Second name now').isVisible())
  t.strictSame(complaints, [])
  await scene.bridge.rest('PATCH', `/api/v1/devices/${serial}`, { name: null })
}
