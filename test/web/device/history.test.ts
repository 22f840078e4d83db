/** The history of a device in a real browser: looked at closely, beside another device, with gaps, and by any address. */
import type { CDPSession, Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from '../browser/browser.ts'
import { drawnPixels, valueText } from '../browser/history-graph.ts'
import { goTo, LOOK, openScene, PHONE, placeOf, type Scene, violations, visitHouse } from '../browser/scene.ts'

t.test('the history of a device', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t, { past: true })
  await t.test('a drag looks closer, and so do keys; the address keeps it', (t) => zooms(t, scene))
  await t.test('a finger looks closer across, and scrolls up and down', (t) => zoomsWithFinger(t, scene))
  await t.test('any day is chosen by its date', (t) => choosesDay(t, scene))
  await t.test('another device beside it', (t) => compares(t, scene))
  await t.test('one that has nothing to compare, or is not there', (t) => comparesNothing(t, scene))
  await t.test('a gap is a gap', (t) => showsGaps(t, scene))
  await t.test('any address shows a history', (t) => takesAnyAddress(t, scene))
})

const sectionOf = (page: Page): Locator => page.getByRole('region', { name: 'History' })
const zoomOf = async (page: Page): Promise<readonly number[]> =>
  (/zoom=(\d+)-(\d+)/.exec(await placeOf(page)) ?? []).slice(1).map(Number)
async function lengthOf(page: Page): Promise<number> {
  const [from = 0, to = 0] = await zoomOf(page)
  return to - from
}

async function openHistory(t: Test, scene: Scene, look = LOOK, steps = '') {
  const opened = await visitHouse(t, scene, look)
  const { page } = opened
  await goTo(page, `#/devices/${unit(scene.house, 0).serial}${steps}`)
  // It stands above the graph, and would move it.
  await page.getByRole('region', { name: 'Weekly schedule' }).getByRole('slider').first().waitFor()
  await sectionOf(page)
    .getByRole('img', { name: /^Graph from/ })
    .waitFor()
  await eventually('the graph is drawn', async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
  return opened
}

/** Where one can drag. */
async function areaOf(page: Page) {
  const over = page.locator('.chart .u-over')
  await over.scrollIntoViewIfNeeded()
  const box = await over.boundingBox()
  if (!box) throw new Error('The graph is not drawn.')
  return (x: number, y = 0.5) => ({ x: box.x + box.width * x, y: box.y + box.height * y })
}

async function zooms(t: Test, scene: Scene) {
  const { page, context, complaints } = await openHistory(t, scene)
  const hand = await context.newCDPSession(page)
  const section = sectionOf(page)
  const whole = section.getByRole('button', { name: 'Whole range' })
  t.ok(await whole.isDisabled())
  const drag = async (from: number, to: number) => {
    const at = await areaOf(page)
    // There is no mouse on a phone.
    if (LOOK.hasTouch) return swipe(hand, at(from), at(to))
    await page.mouse.move(at(from).x, at(from).y)
    await page.mouse.down()
    await page.mouse.move(at(to).x, at(to).y, { steps: 5 })
    await page.mouse.up()
  }
  await drag(0.5, 0.505)
  t.strictSame(await zoomOf(page), [], 'a press is no drag')
  await drag(0.75, 0.25)
  await eventually('it is half of the day', async () => Math.abs((await lengthOf(page)) - 43_200) < 1_800)
  const slider = section.getByRole('slider', { name: 'Moment in the graph' })
  const moments = async () => Number(await slider.getAttribute('max')) - Number(await slider.getAttribute('min'))
  const many = await moments()
  await section.getByText('As a table').click()
  const rows = await section.getByRole('row').count()
  t.ok(rows >= 12 && rows <= 15, 'the table tells the same hours')
  t.strictSame(await violations(page), [], 'zoomed in')

  const address = await placeOf(page)
  await page.reload()
  await section.getByRole('img', { name: /^Graph from/ }).waitFor()
  t.equal(await placeOf(page), address, 'kept')
  await eventually('the same part', async () => (await moments()) === many)

  await slider.focus()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
  const before = await lengthOf(page)
  const closer = section.getByRole('button', { name: 'Zoom in' })
  await closer.focus()
  await page.keyboard.press('Enter')
  t.ok(Math.abs((await lengthOf(page)) - before / 2) < 60, 'twice as close')
  for (let i = 0; i < 10 && !(await closer.isDisabled()); i++) await closer.press('Enter')
  t.ok(await closer.isDisabled())
  t.ok((await lengthOf(page)) >= 600, 'as close as there is something to see')
  await whole.press('Enter')
  t.strictSame(await zoomOf(page), [])
  t.ok(await whole.isDisabled())
  await drag(0.1, 0.4)
  await eventually('it is closer again', async () => (await lengthOf(page)) > 0)
  await section.getByRole('button', { name: 'Yesterday' }).click()
  t.strictSame(await zoomOf(page), [], 'another day is seen whole')
  await page.goBack()
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  t.strictSame(complaints, [])
}

type Touch = { readonly x: number; readonly y: number }

async function swipe(hand: CDPSession, from: Touch, to: Touch) {
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: Touch[]) =>
    hand.send('Input.dispatchTouchEvent', { type, touchPoints })
  await touch('touchStart', from)
  for (const part of [0.2, 0.4, 0.6, 0.8, 1])
    await touch('touchMove', { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part })
  await touch('touchEnd')
}

async function zoomsWithFinger(t: Test, scene: Scene) {
  const { page, context, complaints } = await openHistory(t, scene, { ...PHONE, colorScheme: 'dark' })
  const hand = await context.newCDPSession(page)
  const at = await areaOf(page)
  const scrolled = () => page.evaluate('scrollY')
  const before = await scrolled()
  await swipe(hand, at(0.5, 0.9), at(0.5, 0.1))
  await eventually('the page has moved', async () => (await scrolled()) !== before)
  t.strictSame(await zoomOf(page), [])
  const now = await areaOf(page)
  await swipe(hand, now(0.2), now(0.7))
  await eventually('it is closer', async () => Math.abs((await lengthOf(page)) - 43_200) < 2_000)
  await sectionOf(page).getByRole('button', { name: 'Whole range' }).click()
  await eventually('it is whole again', async () => (await zoomOf(page)).length === 0)
  t.strictSame(complaints, [])
}

async function choosesDay(t: Test, scene: Scene) {
  const { page, complaints } = await openHistory(t, scene)
  const section = sectionOf(page)
  const field = section.getByLabel('Last day shown')
  const before = new Date(Date.parse(await field.inputValue()) - 3 * 86_400_000)
  const day = before.toISOString().slice(0, 10)
  await field.fill(day)
  await eventually('the day is in the address', async () => (await placeOf(page)).endsWith(`/day/${day}`))
  const said = new RegExp(`^Graph from ${before.getUTCDate()} \\S+ ${before.getUTCFullYear()}, 00:00 to `)
  await section.getByRole('img', { name: said }).waitFor()
  await eventually('it is drawn', async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
  t.equal(await field.inputValue(), day)
  t.strictSame(complaints, [])
}

/** As long as a name can be, with all that somebody might try. */
const NAME = '<b onclick=alert(1)>Їжак 🦔 "&amp;" $x {name} мурлыкает в Ванной'

async function compares(t: Test, scene: Scene) {
  const { page, complaints } = await openHistory(t, scene)
  const oz = unit(scene.house, 1)
  const { status } = await scene.bridge.rest('PATCH', `/api/v1/devices/${oz.serial}`, { name: NAME })
  t.equal(status, 200)
  const section = sectionOf(page)
  await section.getByText('Compare with another device').click()
  const search = section.getByRole('searchbox', { name: 'Search a device' })
  await search.fill('nothing like it')
  await section.getByText('Nothing matches.').waitFor()
  await search.fill('їжак ванной')
  t.strictSame(await violations(page), [], 'while one is chosen')
  await section.getByRole('button', { name: NAME }).click()
  await eventually('its line is drawn', async () => Number(await drawnPixels(page, 'beside')) > 100)
  t.ok(Number(await drawnPixels(page, 'floor_temperature')) > 100, 'beside the other')
  t.match(await placeOf(page), `/day/now/beside=${oz.serial}`)
  const lines = section.getByRole('list', { name: 'Lines in the graph' })
  const line = lines.getByRole('button', { name: NAME })
  t.match(await line.textContent(), /[\d.]+\s°C$/)
  t.match(await valueText(section.getByRole('slider', { name: 'Moment in the graph' })), `${NAME} `)
  await section.getByText(`${NAME}: `).waitFor()
  await section.getByText('As a table').click()
  const head = section.getByRole('columnheader', { name: NAME })
  await head.waitFor()
  t.match(
    await section
      .getByRole('row')
      .nth(3)
      .locator('td')
      .nth((await lines.getByRole('button').count()) - 1)
      .textContent(),
    /°C/,
  )
  t.strictSame(await violations(page), [], 'with both')
  const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  t.ok(Number(wide) <= 0, 'the longest name fits')
  t.same(
    await page.evaluate(`(() => {
      const { borderTopStyle, color } = getComputedStyle(document.querySelector('.swatch.beside'))
      const others = [...document.querySelectorAll('.swatch')].filter((each) => !each.matches('.beside'))
      const same = others.map((each) => getComputedStyle(each)).filter((one) => one.borderTopStyle === borderTopStyle || one.color === color)
      return { borderTopStyle, same: same.length }
    })()`),
    { borderTopStyle: 'dotted', same: 0 },
    'told from the others by more than its colour',
  )
  await line.click()
  await eventually('it is not drawn', async () => Number(await drawnPixels(page, 'beside')) < 20)
  await line.click()

  await section.getByRole('button', { name: 'Week' }).click()
  t.match(await placeOf(page), `/week/now/beside=${oz.serial}`, 'it stays')
  await page.reload()
  await eventually('it is still drawn', async () => Number(await drawnPixels(page, 'beside')) > 100)
  await section.getByRole('button', { name: `Show without ${NAME}` }).click()
  t.match(await placeOf(page), /\/week$/)
  t.equal(await lines.getByRole('button', { name: NAME }).count(), 0)
  t.strictSame(complaints, [])
  await scene.bridge.rest('PATCH', `/api/v1/devices/${oz.serial}`, { name: null })
}

async function comparesNothing(t: Test, scene: Scene) {
  const { page, complaints } = await openHistory(t, scene)
  const section = sectionOf(page)
  const [relay] = scene.house.relays
  if (!relay) return t.fail('there is a relay')
  await section.getByText('Compare with another device').click()
  await section.getByRole('button', { name: relay.name }).click()
  await section.getByText(`${relay.name} measures no temperature, so there is nothing to compare here.`).waitFor()
  t.strictSame(await violations(page), [])
  await goTo(page, `#/devices/${unit(scene.house, 0).serial}/day/now/beside=GONE-1234`)
  await section.getByText('The second device is not known any more.').waitFor()
  await eventually('the first is shown', async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
  await section.getByRole('button', { name: 'Show without GONE-1234' }).click()
  t.equal(await section.getByText('is not known any more').count(), 0)
  t.strictSame(complaints, [])
}

const HOUR = 3_600_000

async function showsGaps(t: Test, scene: Scene) {
  const opened = await visitHouse(t, scene)
  const { page } = opened
  // As if the device had been away for twelve hours in the middle.
  await page.route(/\/history\?from=-1d/, async (route) => {
    const response = await route.fetch()
    const answer = await response.json()
    const middle = Date.parse(answer.to) - 12 * HOUR
    const samples = answer.samples.filter(({ at }: { at: string }) => Math.abs(Date.parse(at) - middle) > 6 * HOUR)
    await route.fulfill({ response, json: { ...answer, samples } })
  })
  await goTo(page, `#/devices/${unit(scene.house, 0).serial}`)
  await eventually('the graph is drawn', async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
  for (const line of ['floor_temperature', 'target_temperature', 'load']) {
    t.equal(await drawnPixels(page, line, [0.3, 0.7]), 0, `${line}: nothing in the gap`)
    t.ok(Number(await drawnPixels(page, line, [0, 0.25])) > 50, `${line}: before it`)
    t.ok(Number(await drawnPixels(page, line, [0.75, 1])) > 50, `${line}: after it`)
  }
  await sectionOf(page).getByText('As a table').click()
  const rows = await sectionOf(page).getByRole('row').count()
  t.ok(rows >= 13 && rows <= 16, `no hour is made up: ${rows} rows`)
}

async function takesAnyAddress(t: Test, scene: Scene) {
  const { page, complaints } = await openHistory(t, scene)
  const { serial } = unit(scene.house, 0)
  for (const steps of [
    'year/2026-13-45/beside=../../users/zoom=9-1',
    `day/now/beside=${serial}`,
    'day/now/beside=%3Cimg%20src=x%20onerror=alert(1)%3E/zoom=1e99-2',
    'week/9999-99-99/zoom=1-2',
    `month/now/zoom=1-${'9'.repeat(400)}`,
    '%E0%A4%A/%/now/beside=%F0%9F%94%A5',
  ]) {
    await goTo(page, `#/devices/${serial}/${steps}`)
    await sectionOf(page)
      .getByRole('img', { name: /^Graph from/ })
      .waitFor()
    await eventually(steps, async () => Number(await drawnPixels(page, 'floor_temperature')) > 100)
    t.equal(await sectionOf(page).getByRole('button', { name: /^✕/ }).count(), 0, `${steps}: alone`)
    t.ok(await sectionOf(page).getByRole('button', { name: 'Whole range' }).isDisabled(), `${steps}: whole`)
  }
  t.strictSame(complaints, [])
}
